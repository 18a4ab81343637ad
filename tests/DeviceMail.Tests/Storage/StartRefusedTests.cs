using DeviceMail.Storage;
using DeviceMail.Tests.Kit;
using Microsoft.Data.Sqlite;

namespace DeviceMail.Tests.Storage;

/// <summary>
/// What stands in the way of a start is one sentence with its remedy, and exit code 1.
/// </summary>
public sealed class StartRefusedTests : IDisposable
{
    private readonly Folder _folder = new();

    private string Data => _folder.In("data");

    private string Database => Path.Combine(Data, "devicemail.db");

    [Fact]
    public async Task A_second_gateway_on_the_same_folder()
    {
        using var first = DataFolder.Open(Data);
        await RefusedAsync("Another DeviceMail works on", "--data");
    }

    [Fact]
    public async Task A_damaged_database()
    {
        await FurnishAsync();
        await File.WriteAllBytesAsync(Database, [.. Enumerable.Repeat((byte)0x5a, 65_536)], TestContext.Current.CancellationToken);
        await RefusedAsync("is damaged", "restore a backup");
    }

    [Fact]
    public async Task A_database_with_a_damaged_page()
    {
        await FurnishAsync();
        var octets = await File.ReadAllBytesAsync(Database, TestContext.Current.CancellationToken);
        Array.Fill(octets, (byte)0xa5, 16_384, octets.Length - 16_384);
        await File.WriteAllBytesAsync(Database, octets, TestContext.Current.CancellationToken);
        await RefusedAsync("malformed", "");
    }

    [Theory]
    [InlineData("devicemail.db")]
    [InlineData("secrets.db")]
    public async Task A_database_of_a_newer_version(string name)
    {
        await FurnishAsync();
        await WithDatabaseAsync(name, connection => Run(connection, "PRAGMA user_version=99"));
        await RefusedAsync("was written by a newer DeviceMail (schema 99", "Install that version again");
    }

    [Fact]
    public async Task An_upgrade_that_was_cut_off_after_its_copy_is_done_at_the_next_start()
    {
        await FurnishAsync();
        await WithDatabaseAsync("devicemail.db", connection => Run(connection, "DROP TABLE account_number; DROP TABLE person; DROP TABLE scanner; DROP TABLE api_key; PRAGMA user_version=7"));
        foreach (var left in (string[])[".before-schema-11", ".before-schema-11.new"])
            await File.WriteAllTextAsync(Database + left, "half a copy", TestContext.Current.CancellationToken);
        var end = await GatewayDriver.CommandAsync("status", "--data", Data);
        Assert.True(end.Code == 0, $"{end}");
        Assert.StartsWith("SQLite format 3", await File.ReadAllTextAsync(Database + ".before-schema-11", TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.False(File.Exists(Database + ".before-schema-11.new"));
    }

    [Fact]
    public async Task A_database_that_another_program_has_locked()
    {
        await FurnishAsync();
        await WithDatabaseAsync("devicemail.db", async connection =>
        {
            Run(connection, "PRAGMA locking_mode=EXCLUSIVE; BEGIN EXCLUSIVE");
            await RefusedAsync("is locked by another program", "Stop that program");
        });
    }

    [Fact]
    public async Task A_key_that_is_no_key()
    {
        await FurnishAsync();
        File.Delete(Path.Combine(Data, "keyring"));
        await File.WriteAllTextAsync(Path.Combine(Data, "keyring"), "short", TestContext.Current.CancellationToken);
        await RefusedAsync("keyring is no key", "Restore it from a backup");
    }

    [Fact]
    public async Task A_key_that_cannot_be_read()
    {
        Directory.CreateDirectory(Path.Combine(Data, "keyring"));
        await RefusedAsync("keyring cannot be read or made", "Give this user the right");
    }

    [Theory]
    [InlineData("server.pem")]
    [InlineData("server.key")]
    public async Task Certificate_files_that_are_none(string name)
    {
        await FurnishAsync();
        var file = Path.Combine(Data, "tls", name);
        await File.WriteAllTextAsync(file, "-----BEGIN NONSENSE-----", TestContext.Current.CancellationToken);
        await RefusedAsync("cannot be used", "Put a matching pair there");
    }

    [Fact]
    public async Task A_certificate_without_its_key()
    {
        await FurnishAsync();
        File.Delete(Path.Combine(Data, "tls", "server.key"));
        await RefusedAsync("cannot be used", "Put a matching pair there");
    }

    [Fact]
    public async Task A_data_folder_that_is_a_file()
    {
        await File.WriteAllTextAsync(Data, "", TestContext.Current.CancellationToken);
        await RefusedAsync("cannot be used", "Choose another with --data");
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_written()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a folder that nobody may write");
        var end = await GatewayDriver.CommandAsync("run", "--data", "/proc/devicemail");
        Assert.Equal((1, "The data folder /proc/devicemail cannot be used"), (end.Code, end.Error[..end.Error.IndexOf(" (", StringComparison.Ordinal)]));
    }

    [Fact]
    public async Task A_command_without_a_service_meets_the_same_sentences()
    {
        await FurnishAsync();
        await File.WriteAllTextAsync(Database, "no database at all", TestContext.Current.CancellationToken);
        var end = await GatewayDriver.CommandAsync("status", "--data", Data);
        Assert.Equal(1, end.Code);
        Assert.Contains("is damaged", end.Error, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A folder as the first command of all leaves it.</summary>
    private async Task FurnishAsync()
    {
        var end = await GatewayDriver.CommandAsync("claim", "--data", Data);
        Assert.True(end.Code == 0, $"{end}");
    }

    private async Task RefusedAsync(string cause, string remedy)
    {
        var end = await GatewayDriver.CommandAsync("run", "--data", Data, "--smtp", "127.0.0.1:0", "--smtps", "off", "--web", "off", "--http", "off");
        Assert.Equal(1, end.Code);
        Assert.Contains(cause, end.Error, StringComparison.Ordinal);
        Assert.Contains(remedy, end.Error, StringComparison.Ordinal);
        Assert.Single(end.Error.TrimEnd().Split('\n'));
        Assert.Empty(end.Output);
    }

    private async Task WithDatabaseAsync(string name, Func<SqliteConnection, Task> work)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(Data, name)};Pooling=False");
        await connection.OpenAsync(TestContext.Current.CancellationToken);
        await work(connection);
    }

    private Task WithDatabaseAsync(string name, Action<SqliteConnection> work) => WithDatabaseAsync(name, connection =>
    {
        work(connection);
        return Task.CompletedTask;
    });

    private static void Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
