using DeviceMail.Storage;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeviceMail.Tests.Storage;

/// <summary>The one writer: what a task that completed means, and what a failed batch leaves behind, which is nothing.</summary>
public sealed class DatabaseTests : IAsyncDisposable
{
    private readonly Folder _folder = new();
    private readonly DataFolder _data;
    private readonly Database _database;

    public DatabaseTests()
    {
        _data = DataFolder.Open(_folder.Path);
        _database = new Database(_data, TimeProvider.System, NullLogger<Database>.Instance);
    }

    [Fact]
    public void A_connection_syncs_every_commit() => _database.Read(session =>
    {
        // WAL with FULL (2): NORMAL (1) loses what was committed since the last checkpoint (SQLite's documentation, "PRAGMA synchronous").
        Assert.Equal(2, session.First("PRAGMA synchronous", row => row.Long(0)));
        Assert.Equal("wal", session.First("PRAGMA journal_mode", row => row.Text(0)));
        return true;
    });

    [Fact]
    public void Opening_the_file_writes_nothing()
    {
        Assert.Null(Get("anything"));
        Assert.Equal(0, new FileInfo(_data.Database + "-wal").Length);
    }

    [Fact]
    public async Task A_write_completes_when_its_batch_is_committed_and_not_before()
    {
        using var gate = new ManualResetEventSlim();
        var first = await BlockAsync(gate);
        var second = _database.WriteAsync(session => Put(session, "second"));
        var (isEarly, seen) = (second.IsCompleted, Get("second"));
        gate.Set();
        await Task.WhenAll(first, second);
        Assert.False(isEarly);
        Assert.Null(seen);
        Assert.Equal("1", Get("second"));
    }

    [Theory]
    [InlineData(typeof(InvalidOperationException))]
    [InlineData(typeof(OperationCanceledException))]
    [InlineData(typeof(NullReferenceException))]
    [InlineData(typeof(IOException))]
    public async Task A_write_that_throws_fails_alone_and_the_writer_lives_on(Type kind)
    {
        using var gate = new ManualResetEventSlim();
        var block = await BlockAsync(gate);
        var before = _database.WriteAsync(session => Put(session, "before"));
        var bad = _database.WriteAsync(session =>
        {
            Put(session, "bad");
            throw (Exception)Activator.CreateInstance(kind)!;
        });
        var after = _database.WriteAsync(session => Put(session, "after"));
        gate.Set();
        await Task.WhenAll(block, before, after);
        await Assert.ThrowsAsync(kind, () => bad);
        Assert.Null(_database.Failure);
        Assert.Equal(("1", null, "1"), (Get("before"), Get("bad"), Get("after")));
        await _database.WriteAsync(session => Put(session, "later"));
    }

    [Fact]
    public async Task A_write_that_breaks_a_rule_of_the_schema_fails_alone()
    {
        using var gate = new ManualResetEventSlim();
        var block = await BlockAsync(gate);
        var good = _database.WriteAsync(session => Put(session, "good"));
        var bad = _database.WriteAsync(session => session.Execute("INSERT INTO setting (name, value) VALUES (@1, NULL)", "bad"));
        gate.Set();
        await Task.WhenAll(block, good);
        await Assert.ThrowsAnyAsync<Exception>(() => bad);
        Assert.Null(_database.Failure);
        Assert.Equal("1", Get("good"));
    }

    [Fact]
    public async Task A_failed_commit_fails_the_whole_batch_and_its_undo_runs_before_anything_is_taken_again()
    {
        var order = new List<string>();
        using var gate = new ManualResetEventSlim();
        using var undoing = new ManualResetEventSlim();
        var block = await BlockAsync(gate);
        var kept = _database.WriteAsync(session => Put(session, "innocent"), session =>
        {
            order.Add("undo");
            undoing.Wait();
            session.Execute("DELETE FROM setting WHERE name = 'innocent'");
        });
        var full = _database.WriteAsync(QueueFolder.FillTheDisk);
        gate.Set();
        await block;
        var fault = await Assert.ThrowsAsync<StorageFailedException>(() => kept);
        Assert.Equal(StorageFailure.DiskFull, fault.Failure);
        await Assert.ThrowsAsync<StorageFailedException>(() => full);
        Assert.NotNull(_database.Failure);
        await Assert.ThrowsAsync<StorageFailedException>(() => _database.WriteAsync(session => Put(session, "too early")));
        undoing.Set();
        await LabGateway.EventuallyAsync(() => _database.Failure is null);
        await _database.WriteAsync(session =>
        {
            order.Add("later");
            Put(session, "later");
        });
        Assert.Equal(["undo", "later"], order);
        Assert.Equal((null, null, "1"), (Get("innocent"), Get("too early"), Get("later")));
    }

    [Fact]
    public async Task What_a_failed_commit_left_in_the_log_is_taken_back()
    {
        // As if the failed commit had reached the log: the row is there when the file has been opened anew.
        await _database.WriteAsync(session => Put(session, "ghost"));
        await Assert.ThrowsAsync<StorageFailedException>(() => _database.WriteAsync(QueueFolder.FillTheDisk, session => session.Execute("DELETE FROM setting WHERE name = 'ghost'")));
        await LabGateway.EventuallyAsync(() => _database.Failure is null);
        Assert.Null(Get("ghost"));
        Assert.Equal(0, new FileInfo(_data.Database + "-wal").Length);
    }

    [Fact]
    public async Task An_undo_that_fails_keeps_mail_refused()
    {
        var tries = 0;
        await Assert.ThrowsAsync<StorageFailedException>(() => _database.WriteAsync(QueueFolder.FillTheDisk, _ =>
        {
            if (Interlocked.Increment(ref tries) < 3) throw new InvalidOperationException("not yet");
        }));
        await LabGateway.EventuallyAsync(() => _database.Failure is null);
        Assert.Equal(3, tries);
    }

    [Fact]
    public async Task Readers_go_on_while_the_file_is_opened_anew()
    {
        using var stop = new CancellationTokenSource();
        var reading = Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
        {
            while (!stop.IsCancellationRequested) Assert.Equal("wal", _database.Read(session => session.First("PRAGMA journal_mode", row => row.Text(0))));
        })));
        for (var round = 0; round < 5; round++)
        {
            await Assert.ThrowsAsync<StorageFailedException>(() => _database.WriteAsync(QueueFolder.FillTheDisk));
            await LabGateway.EventuallyAsync(() => _database.Failure is null);
        }
        await stop.CancelAsync();
        await reading;
        await _database.WriteAsync(session => Put(session, "after"));
    }

    [Fact]
    public async Task A_closed_database_refuses_writes()
    {
        using var folder = new Folder();
        using var data = DataFolder.Open(folder.Path);
        var database = new Database(data, TimeProvider.System, NullLogger<Database>.Instance);
        await database.DisposeAsync();
        await Assert.ThrowsAsync<StorageFailedException>(() => database.WriteAsync(session => Put(session, "late")));
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _data.Dispose();
        _folder.Dispose();
    }

    /// <summary>Holds the writer inside a batch of its own, so that what is written meanwhile comes into one batch.</summary>
    private async Task<Task> BlockAsync(ManualResetEventSlim gate)
    {
        var inside = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var block = _database.WriteAsync(_ =>
        {
            inside.TrySetResult();
            gate.Wait();
        });
        await inside.Task;
        return Task.WhenAll(block);
    }

    private static void Put(DatabaseSession session, string name) => session.Execute("INSERT INTO setting (name, value) VALUES (@1, '1')", name);

    private string? Get(string name) => _database.Read(session => session.First("SELECT value FROM setting WHERE name = @1", row => row.Text(0), name));
}
