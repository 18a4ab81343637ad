using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace DeviceMail.Storage;

/// <summary>
/// The gateway's database. All writes go through one writer that commits up to <see cref="MaxBatch"/> of them at once; a write's
/// task completes when its batch is on the disk, never before. When a commit fails nothing of the batch counts: all connections
/// are closed, the file is opened anew and checked, what the batch may have left is undone, and only then is mail taken again.
/// </summary>
public sealed partial class Database : IAsyncDisposable
{
    /// <summary>More in one transaction brought nothing (64: 14,600 rows of 10 KB a second, 256 no better).</summary>
    public const int MaxBatch = 64;

    private const long CheckpointAtOctets = 16 << 20;
    private static readonly TimeSpan FirstRepair = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SlowestRepair = TimeSpan.FromSeconds(5);

    private readonly Channel<Write> _writes = Channel.CreateBounded<Write>(new BoundedChannelOptions(1024) { SingleReader = true });
    private readonly ConcurrentBag<DatabaseSession> _readers = [];
    private readonly DataFolder _folder;
    private readonly TimeProvider _time;
    private readonly ILogger<Database> _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _writing;
    private DatabaseSession _writer;
    private volatile StorageFailedException? _failure;
    private int _generation;

    public Database(DataFolder folder, TimeProvider time, ILogger<Database> log)
    {
        (_folder, _time, _log) = (folder, time, log);
        DatabaseFile.BringUpToDate(folder.Database, "Schema");
        _writer = new DatabaseSession(DatabaseFile.Open(folder.Database));
        Checkpoint("TRUNCATE");
        _writing = Task.Run(WriteBatchesAsync);
    }

    public DataFolder Folder => _folder;

    /// <summary>Null while writes are kept; otherwise why mail cannot be promised now.</summary>
    public StorageFailedException? Failure => _failure;

    /// <summary>
    /// Runs <paramref name="work"/> inside the next batch. <paramref name="undo"/> removes what a batch of unknown fate may have
    /// left behind; it runs after a failed sync, before anything is accepted again.
    /// </summary>
    /// <exception cref="StorageFailedException">The batch is not on the disk.</exception>
    public async Task<T> WriteAsync<T>(Func<DatabaseSession, T> work, Action<DatabaseSession>? undo = null)
    {
        if (_failure is { } failure) throw failure;
        var write = new Write<T>(work, undo);
        await _writes.Writer.WriteAsync(write);
        return await write.Done.Task;
    }

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Action<DatabaseSession> work, Action<DatabaseSession>? undo = null) =>
        WriteAsync(session => { work(session); return true; }, undo);

    /// <summary>Reads one page of rows at once. Nothing may hold a reader longer: an open reader keeps the log from being emptied.</summary>
    public T Read<T>(Func<DatabaseSession, T> query)
    {
        var generation = _generation;
        if (!_readers.TryTake(out var session)) session = new DatabaseSession(DatabaseFile.Open(_folder.Database));
        try
        {
            return query(session);
        }
        finally
        {
            if (generation == _generation && _readers.Count < 8) _readers.Add(session);
            else session.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _writes.Writer.TryComplete();
        await _stop.CancelAsync();
        await _writing;
        CloseReaders();
        if (_failure is null) Checkpoint("TRUNCATE");
        _writer.Dispose();
        _stop.Dispose();
    }

    private async Task WriteBatchesAsync()
    {
        var batch = new List<Write>(MaxBatch);
        while (await _writes.Reader.WaitToReadAsync())
        {
            batch.Clear();
            while (batch.Count < MaxBatch && _writes.Reader.TryRead(out var write)) batch.Add(write);
            if (!TryCommit(batch, out var failure)) await RepairAsync(batch, failure);
            else if (WalLength >= CheckpointAtOctets) TryCheckpoint();
        }
    }

    private bool TryCommit(List<Write> batch, [NotNullWhen(false)] out StorageFailedException? failure)
    {
        failure = null;
        try
        {
            using (var transaction = _writer.Connection.BeginTransaction(deferred: false))
            {
                _writer.Transaction = transaction;
                foreach (var write in batch) write.Run(_writer);
                transaction.Commit();
            }
            foreach (var write in batch) write.Complete();
            return true;
        }
        catch (SqliteException fault) when (IsLostMachinery(fault))
        {
            failure = Failed(fault);
            return false;
        }
        catch (Exception fault)
        {
            return TryOneByOne(batch, fault, out failure);
        }
        finally
        {
            _writer.Transaction = null;
        }
    }

    /// <summary>One write broke a rule of the schema, or is a bug: it alone must learn so, the others of its batch are kept.</summary>
    private bool TryOneByOne(List<Write> batch, Exception fault, [NotNullWhen(false)] out StorageFailedException? failure)
    {
        failure = null;
        if (batch.Count == 1)
        {
            batch[0].Fail(fault);
            return true;
        }
        for (var i = 0; i < batch.Count; i++)
        {
            if (TryCommit([batch[i]], out failure)) continue;
            batch.RemoveRange(0, i);
            return false;
        }
        return true;
    }

    private async Task RepairAsync(List<Write> batch, StorageFailedException failure)
    {
        _failure = failure;
        LogFailed(failure.Message);
        foreach (var write in batch) write.Fail(failure);
        for (var wait = FirstRepair; !TryReopen(batch); wait = wait * 2 < SlowestRepair ? wait * 2 : SlowestRepair)
        {
            RefuseWaiting(failure);
            try
            {
                await Task.Delay(wait, _time, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
        _failure = null;
        RefuseWaiting(failure);
        LogRepaired();
    }

    private bool TryReopen(List<Write> batch)
    {
        try
        {
            Interlocked.Increment(ref _generation);
            CloseReaders();
            _writer.Dispose();
            _writer = new DatabaseSession(DatabaseFile.Open(_folder.Database));
            Checkpoint("TRUNCATE");
            using var transaction = _writer.Connection.BeginTransaction(deferred: false);
            _writer.Transaction = transaction;
            foreach (var write in batch) write.Undo?.Invoke(_writer);
            transaction.Commit();
            Checkpoint("TRUNCATE");
            return true;
        }
        catch (SqliteException fault)
        {
            LogStillFailing(fault.Message);
            return false;
        }
        finally
        {
            _writer.Transaction = null;
        }
    }

    private void RefuseWaiting(StorageFailedException failure)
    {
        while (_writes.Reader.TryRead(out var write)) write.Fail(failure);
    }

    private void CloseReaders()
    {
        while (_readers.TryTake(out var reader)) reader.Dispose();
    }

    private long WalLength => new FileInfo(_folder.Database + "-wal") is { Exists: true } wal ? wal.Length : 0;

    private void TryCheckpoint()
    {
        try
        {
            Checkpoint("TRUNCATE");
            _writer.Execute("PRAGMA incremental_vacuum(64)");
        }
        catch (SqliteException fault)
        {
            LogCheckpointFailed(fault.Message);
        }
    }

    /// <exception cref="SqliteException">The log could not be emptied; result column 0 is then 1 (busy) or an error is thrown.</exception>
    private void Checkpoint(string mode) => _writer.First($"PRAGMA wal_checkpoint({mode})", row => row.Long(0));

    private static StorageFailedException Failed(SqliteException fault) =>
        new(fault.SqliteErrorCode == Full ? StorageFailure.DiskFull : StorageFailure.Broken, fault.Message, fault);

    private const int Full = 13;

    private static bool IsLostMachinery(SqliteException fault)
    {
        const int busy = 5, locked = 6, readOnly = 8, ioError = 10, corrupt = 11, cannotOpen = 14, notADatabase = 26;
        return fault.SqliteErrorCode is busy or locked or readOnly or ioError or corrupt or Full or cannotOpen or notADatabase;
    }

    private abstract class Write(Action<DatabaseSession>? undo)
    {
        public Action<DatabaseSession>? Undo => undo;

        public abstract void Run(DatabaseSession session);

        public abstract void Complete();

        public abstract void Fail(Exception fault);
    }

    private sealed class Write<T>(Func<DatabaseSession, T> work, Action<DatabaseSession>? undo) : Write(undo)
    {
        private T _result = default!;

        public TaskCompletionSource<T> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Run(DatabaseSession session) => _result = work(session);

        public override void Complete() => Done.TrySetResult(_result);

        public override void Fail(Exception fault) => Done.TrySetException(fault);
    }

    [LoggerMessage(LogLevel.Critical, "The disk did not keep a write: {Reason}. Mail is refused until the database has been checked")]
    private partial void LogFailed(string reason);

    [LoggerMessage(LogLevel.Warning, "The database still cannot be used: {Reason}")]
    private partial void LogStillFailing(string reason);

    [LoggerMessage(LogLevel.Warning, "The database was opened anew and is sound; mail is accepted again")]
    private partial void LogRepaired();

    [LoggerMessage(LogLevel.Warning, "A checkpoint failed: {Reason}")]
    private partial void LogCheckpointFailed(string reason);
}
