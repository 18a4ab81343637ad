using System.CommandLine;
using DeviceMail.Activity;
using DeviceMail.Settings;
using DeviceMail.Tests.Kit;
using Microsoft.Data.Sqlite;

namespace DeviceMail.Tests.Web;

/// <summary>Who did what: complete, without secrets, and not to be changed unseen.</summary>
public sealed class AuditLogTests
{
    [Fact]
    public async Task Logins_wrong_passwords_and_changed_settings_stand_there_with_their_values()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var stranger = gateway.Visit();
        using var wrong = await stranger.PostAsync("/login", ("password", "not it at all"));
        using var visitor = await gateway.LogInAsync();
        using var saved = await visitor.PostAsync("/settings", ("was:queue.keep-history", "90d"), ("queue.keep-history", "30d"));
        var entries = gateway.Part<AuditLog>().List(null, 10);
        Assert.Equal(["Changed settings", "Logged in", "Could not log in: wrong password"], entries.Select(entry => entry.Deed.What));
        Assert.Equal(("queue.keep-history = 90d", "queue.keep-history = 30d"), (entries[0].Deed.Before, entries[0].Deed.After));
        Assert.Equal(new Actor("administrator", "127.0.0.1"), entries[0].By);
        Assert.Equal(["administrator", "administrator", "not logged in"], entries.Select(entry => entry.By.Who));
        Assert.Equal(gateway.Time.GetUtcNow(), entries[0].At);
        var page = await visitor.ReadAsync("/audit");
        Assert.Contains("queue.keep-history = 30d", page, StringComparison.Ordinal);
        Assert.Contains("All 3 entries are as they were written", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_another_page_does_is_told_by_its_button()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        using var answer = await visitor.PostAsync("/jobs", ("do", "release"), ("old", "0"));
        Assert.Equal(new Deed("Pressed “release” on Job Status", ""), gateway.Part<AuditLog>().List(null, 1)[0].Deed);
    }

    [Theory]
    [InlineData("UPDATE audit SET what = 'nothing' WHERE id = 2")]
    [InlineData("DELETE FROM audit WHERE id = 3")]
    [InlineData("DELETE FROM audit WHERE id = 1")]
    public async Task The_database_lets_nobody_change_or_remove_an_entry(string sql)
    {
        await using var gateway = await WithThreeEntriesAsync();
        var refused = await Assert.ThrowsAsync<SqliteException>(() => gateway.Database.WriteAsync(session => session.Execute(sql)));
        Assert.Contains("audit log", refused.Message, StringComparison.Ordinal);
        Assert.IsType<AuditCheck.Intact>(gateway.Part<AuditLog>().Verify());
    }

    [Theory]
    [InlineData("UPDATE audit SET what = 'nothing' WHERE id = 2", 2)]
    [InlineData("UPDATE audit SET after = 'x' WHERE id = 3", 3)]
    [InlineData("UPDATE audit SET at = at + 1 WHERE id = 1", 1)]
    [InlineData("UPDATE audit SET who = client, client = who WHERE id = 1", 1)]
    [InlineData("DELETE FROM audit WHERE id = 1", 1)]
    [InlineData("DELETE FROM audit WHERE id = 2", 2)]
    [InlineData("DELETE FROM audit WHERE id = 3", 3)]
    public async Task A_change_beside_the_program_shows(string sql, long broken)
    {
        await using var gateway = await WithThreeEntriesAsync();
        await gateway.Database.WriteAsync(session =>
        {
            session.Execute("DROP TRIGGER audit_stays");
            session.Execute("DROP TRIGGER audit_keeps");
            session.Execute(sql);
        });
        Assert.Equal(broken, Assert.IsType<AuditCheck.Broken>(gateway.Part<AuditLog>().Verify()).Entry);
    }

    [Fact]
    public async Task The_page_reads_the_newest_entries_and_the_whole_check_all_of_them()
    {
        await using var gateway = await WithThreeEntriesAsync();
        await gateway.Database.WriteAsync(session =>
        {
            session.Execute("DROP TRIGGER audit_stays");
            session.Execute("UPDATE audit SET what = 'nothing' WHERE id = 1");
        });
        Assert.Equal(2, Assert.IsType<AuditCheck.Intact>(gateway.Part<AuditLog>().Verify(newest: 2)).Count);
        Assert.IsType<AuditCheck.Broken>(gateway.Part<AuditLog>().Verify(newest: 3));
        Assert.IsType<AuditCheck.Broken>(gateway.Part<AuditLog>().Verify());
    }

    [Fact]
    public async Task Entries_go_when_their_time_is_over_and_the_rest_is_whole()
    {
        await using var gateway = await WithThreeEntriesAsync();
        gateway.Time.Advance(TimeSpan.FromDays(731));
        await gateway.Part<AuditLog>().RecordAsync(new Actor("administrator", "127.0.0.1"), new Deed("Came back", "Web Config"));
        Assert.Equal(4, Assert.Single(gateway.Part<AuditLog>().List(null, 10)).Id);
        Assert.Equal(1, Assert.IsType<AuditCheck.Intact>(gateway.Part<AuditLog>().Verify()).Count);
    }

    [Fact]
    public async Task The_command_line_shows_it_verifies_it_and_is_in_it()
    {
        using var folder = new Folder();
        Assert.Equal(0, (await RunAsync(folder, "settings", "set", "queue.keep-history", "30d")).Code);
        var shown = await RunAsync(folder, "audit");
        Assert.Contains("command line (this machine)", shown.Text, StringComparison.Ordinal);
        Assert.Contains("queue.keep-history = 30d", shown.Text, StringComparison.Ordinal);
        var verified = await RunAsync(folder, "audit", "verify");
        Assert.Equal(0, verified.Code);
        var mark = verified.Text.Trim().Split(' ')[^1];
        await RunAsync(folder, "settings", "set", "queue.keep-history", "31d");
        Assert.Equal(0, (await RunAsync(folder, "audit", "verify", "--mark", mark)).Code);
        Assert.Equal(1, (await RunAsync(folder, "audit", "verify", "--mark", new string('0', 64))).Code);
    }

    private static async Task<WebGateway> WithThreeEntriesAsync()
    {
        var gateway = await WebGateway.StartClaimedAsync();
        foreach (var number in (string[])["one", "two", "three"])
            await gateway.Part<AuditLog>().RecordAsync(new Actor("administrator", "127.0.0.1"), new Deed($"Did {number}", "Web Config") { Before = "a", After = "b" });
        return gateway;
    }

    private static async Task<(int Code, string Text)> RunAsync(Folder folder, params string[] arguments)
    {
        var text = new StringWriter();
        var code = await CommandLine.RunAsync([.. arguments, "--data", folder.In("data")], new InvocationConfiguration { Output = text, Error = text, EnableDefaultExceptionHandler = false });
        return (code, text.ToString());
    }
}
