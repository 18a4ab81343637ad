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

    private const int MaxIdleReaders = 8;
    private const long CheckpointAtOctets = 16 << 20;
    private static readonly TimeSpan FirstRepair = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SlowestRepair = TimeSpan.FromSeconds(5);

    private readonly Channel<Write> _writes = Channel.CreateBounded<Write>(new BoundedChannelOptions(1024) { SingleReader = true });
    private readonly ConcurrentBag<DatabaseSession> _readers = [];
    private readonly ReaderWriterLockSlim _reading = new(LockRecursionPolicy.SupportsRecursion);
    private readonly DataFolder _folder;
    private readonly TimeProvider _time;
    private readonly ILogger<Database> _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _writing;
    private DatabaseSession _writer;
    private volatile StorageFailedException? _failure;

    /// <exception cref="StartRefusedException">The file is damaged, in use, or written by a newer version.</exception>
    public Database(DataFolder folder, TimeProvider time, ILogger<Database> log)
    {
        (_folder, _time, _log) = (folder, time, log);
        DatabaseFile.BringUpToDate(folder.Database, "Schema");
        try
        {
            _writer = new DatabaseSession(DatabaseFile.Open(folder.Database));
            TryEmptyLog();
        }
        catch (SqliteException fault)
        {
            throw DatabaseFile.Refused(folder.Database, fault);
        }
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
        try
        {
            await _writes.Writer.WriteAsync(write);
        }
        catch (ChannelClosedException closed)
        {
            throw new StorageFailedException(StorageFailure.Broken, "The program ends, and its database is closed.", closed);
        }
        return await write.Done.Task;
    }

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Action<DatabaseSession> work, Action<DatabaseSession>? undo = null) =>
        WriteAsync(session => { work(session); return true; }, undo);

    /// <summary>Reads one page of rows at once. Nothing may hold a reader longer: an open reader keeps the log from being emptied.</summary>
    /// <exception cref="StorageFailedException">The disk does not give them.</exception>
    public T Read<T>(Func<DatabaseSession, T> query)
    {
        DatabaseSession? session = null;
        var isSound = false;
        _reading.EnterReadLock();
        try
        {
            if (!_readers.TryTake(out session)) session = new DatabaseSession(DatabaseFile.Open(_folder.Database));
            var answer = query(session);
            isSound = true;
            return answer;
        }
        catch (SqliteException fault)
        {
            throw DatabaseFile.Failed(fault);
        }
        finally
        {
            if (isSound && _readers.Count < MaxIdleReaders) _readers.Add(session!);
            else session?.Dispose();
            _reading.ExitReadLock();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _writes.Writer.TryComplete();
        await _stop.CancelAsync();
        await _writing;
        CloseReaders();
        if (_failure is null) TryCheckpoint();
        _writer.Dispose();
        _stop.Dispose();
        _reading.Dispose();
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
        var fault = Commit(batch);
        failure = fault as StorageFailedException;
        if (failure is not null) return false;
        if (fault is not null) return TryOneByOne(batch, fault, out failure);
        foreach (var write in batch) write.Complete();
        return true;
    }

    /// <summary>
    /// Runs the batch in one transaction. Null when all of it is on the disk; a <see cref="StorageFailedException"/> when the machinery is lost;
    /// anything else is the fault of one of the writes, and nothing of the batch is there.
    /// </summary>
    private Exception? Commit(IEnumerable<Write> batch)
    {
        SqliteTransaction? transaction = null;
        try
        {
            transaction = _writer.Connection.BeginTransaction(deferred: false);
            _writer.Transaction = transaction;
            foreach (var write in batch) write.Run(_writer);
            transaction.Commit();
            return null;
        }
        catch (SqliteException fault) when (IsLostMachinery(fault))
        {
            _ = RollBack(transaction);
            return DatabaseFile.Failed(fault);
        }
        catch (Exception fault)
        {
            return RollBack(transaction) ?? fault;
        }
        finally
        {
            _writer.Transaction = null;
        }
    }

    /// <summary>Null when nothing of the transaction is left; otherwise the connection can no longer be used.</summary>
    private static StorageFailedException? RollBack(SqliteTransaction? transaction)
    {
        try
        {
            transaction?.Dispose();
            return null;
        }
        catch (SqliteException fault)
        {
            return DatabaseFile.Failed(fault);
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
        RefuseWaiting(failure);
        _failure = null;
        LogRepaired();
    }

    /// <summary>The order counts: a failed commit may be in the log, and opening the file anew brings it back. Only then can it be undone.</summary>
    private bool TryReopen(List<Write> batch)
    {
        // Nobody reads meanwhile: a log that has a reader is not emptied.
        _reading.EnterWriteLock();
        try
        {
            CloseReaders();
            _writer.Dispose();
            _writer = new DatabaseSession(DatabaseFile.Open(_folder.Database));
            if (!TryEmptyLog()) return StillFails("another program reads it, so its log cannot be emptied");
            if (Undo(batch) is { } fault) return StillFails(fault.Message);
            return TryEmptyLog() || StillFails("another program reads it, so its log cannot be emptied");
        }
        catch (SqliteException fault)
        {
            return StillFails(fault.Message);
        }
        finally
        {
            _reading.ExitWriteLock();
        }
    }

    private Exception? Undo(List<Write> batch) =>
        Commit(batch.Where(write => write.Undo is not null).Select(write => new Write<bool>(session => { write.Undo!(session); return true; }, null)));

    private bool StillFails(string reason)
    {
        LogStillFailing(reason);
        return false;
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
            TryEmptyLog();
            _writer.Execute("PRAGMA incremental_vacuum(64)");
        }
        catch (SqliteException fault)
        {
            LogCheckpointFailed(fault.Message);
        }
    }

    /// <summary>Writes the log into the file and empties it; false when a reader keeps it (SQLite's documentation, "PRAGMA wal_checkpoint").</summary>
    /// <exception cref="SqliteException">The disk did not do it.</exception>
    private bool TryEmptyLog() => _writer.First("PRAGMA wal_checkpoint(TRUNCATE)", row => row.Long(0)) == 0;

    private static bool IsLostMachinery(SqliteException fault)
    {
        const int busy = 5, locked = 6, noMemory = 7, readOnly = 8, ioError = 10, corrupt = 11, full = 13, cannotOpen = 14, protocol = 15, notADatabase = 26;
        return fault.SqliteErrorCode is busy or locked or noMemory or readOnly or ioError or corrupt or full or cannotOpen or protocol or notADatabase;
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
