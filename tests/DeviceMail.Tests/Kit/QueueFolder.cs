using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Settings;
using DeviceMail.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace DeviceMail.Tests.Kit;

/// <summary>A mail queue on a real disk and a real database, with a clock the test moves. Can be closed and opened again.</summary>
public sealed class QueueFolder : IAsyncDisposable
{
    private readonly Folder _folder = new();
    private SettingsStore _settings = null!;

    public QueueFolder() => Open();

    public DataFolder Data { get; private set; } = null!;

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero));

    public Database Database { get; private set; } = null!;

    public Journal Journal { get; private set; } = null!;

    public MailQueue Queue { get; private set; } = null!;

    public string Spool => Data.Spool;

    public async Task ReopenAsync()
    {
        await CloseAsync();
        Open();
    }

    public Task<AcceptOutcome> AcceptAsync(string message, params string[] recipients) => AcceptAsync(Encoding.UTF8.GetBytes(message), recipients);

    public Task<AcceptOutcome> AcceptAsync(byte[] message, params string[] recipients) =>
        AcceptAsync(PipeReader.Create(new ReadOnlySequence<byte>(message)), recipients);

    public async Task<AcceptOutcome> AcceptAsync(PipeReader body, params string[] recipients)
    {
        var envelope = new Envelope
        {
            Sender = MailAddress.Parse("printer@contoso.example"),
            Recipients = [.. (recipients.Length == 0 ? ["anna@contoso.example"] : recipients).Select(MailAddress.Parse)],
            AccountId = 1,
            Origin = new Origin { ClientAddress = "192.0.2.7", Greeting = "printer", Protocol = "ESMTP" },
        };
        return await Queue.Accept(envelope, body, CancellationToken.None);
    }

    /// <summary>Does the work while the database fails and is repaired; returns when it is sound again.</summary>
    public async Task BreakAsync(Func<Task> meanwhile)
    {
        var isRepaired = false;
        await Assert.ThrowsAsync<StorageFailedException>(() => Database.WriteAsync(FillTheDisk, _ =>
        {
            if (!Volatile.Read(ref isRepaired)) throw new InvalidOperationException("The disk still fails.");
        }));
        await meanwhile();
        Volatile.Write(ref isRepaired, true);
        await LabGateway.EventuallyAsync(() =>
        {
            Time.Advance(TimeSpan.FromSeconds(5));
            return Database.Failure is null;
        });
    }

    /// <summary>A write that fails with SQLITE_FULL, as on a full disk; the limit goes with the connection.</summary>
    public static void FillTheDisk(DatabaseSession session)
    {
        session.First("PRAGMA max_page_count=1", row => row.Long(0));
        session.Execute("INSERT INTO setting (name, value) VALUES ('big', @1)", new string('x', 1_000_000));
    }

    public async Task SetAsync(Setting setting, string value) =>
        Assert.IsType<SettingsSave.Saved>(await _settings.SaveAsync(new Dictionary<string, string> { [setting.Name] = value }));

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _folder.Dispose();
    }

    private void Open()
    {
        Data = DataFolder.Open(_folder.Path);
        Database = new Database(Data, Time, NullLogger<Database>.Instance);
        Journal = new Journal(Data, Time, NullLogger<Journal>.Instance);
        _settings = new SettingsStore(Database);
        Queue = new MailQueue(new QueueStorage(Database, Journal), _settings, new GatewayMark(Database), Time, NullLogger<MailQueue>.Instance);
    }

    private async Task CloseAsync()
    {
        await Database.DisposeAsync();
        Journal.Dispose();
        Data.Dispose();
    }
}
