namespace DeviceMail.Storage;

/// <summary>Where the body of a record lies in the journal.</summary>
public readonly record struct JournalPlace(long Segment, int Offset, int Length);

/// <param name="Sequence">Its number; later records have greater ones.</param>
/// <param name="Facts">What its writer says about the body.</param>
/// <param name="Body">Where the body lies.</param>
public sealed record JournalRecord(long Sequence, ReadOnlyMemory<byte> Facts, JournalPlace Body);

/// <summary>
/// What was promised, one record after the other, on the disk before the promise is given. Who comes first writes and syncs for all who came meanwhile
/// (group commit), on its own thread: alone, nobody waits for another thread. Bodies stay where they were written until nobody needs them; a file goes
/// when none of its records is live.
/// </summary>
public sealed partial class Journal : IDisposable
{
    private const int MaxBatch = 64;
    private const int MaxBatchOctets = 4 << 20;

    private readonly Lock _queueLock = new();
    private readonly Lock _segmentsLock = new();
    private readonly Lock _creating = new();
    private readonly Dictionary<long, JournalSegment> _segments = [];
    private readonly List<Append> _waiting = [];
    private readonly string _folder;
    private readonly TimeProvider _time;
    private readonly ILogger<Journal> _log;
    private JournalSegment? _current;
    private JournalSegment? _prepared;
    private volatile StorageFailedException? _failure;
    private bool _isLed;
    private bool _isDisposed;
    private long _sequence;
    private long _segmentNumber;

    /// <exception cref="StartRefusedException">What an earlier run left cannot be read.</exception>
    public Journal(DataFolder folder, TimeProvider time, ILogger<Journal> log)
    {
        (_folder, _time, _log) = (folder.Journal, time, log);
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(_folder, "*.log"))
                if (JournalSegment.Open(path) is { } segment) _segments.Add(segment.Number, segment);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"The journal in {_folder} cannot be read ({fault.Message}). Promised mail lies there: give this user the right to read it, and check the disk.");
        }
        _segmentNumber = _segments.Keys.DefaultIfEmpty().Max();
    }

    public string Folder => _folder;

    /// <summary>Why the last append failed; null: it did not.</summary>
    public StorageFailedException? Failure => _failure;

    /// <summary>Tells all records that an earlier run left, in their order. Comes before the first append; <see cref="Sweep"/> follows.</summary>
    /// <param name="lastSequence">The greatest number that was ever used, as far as the caller knows.</param>
    /// <param name="isNeeded">Whether somebody still needs the record's body.</param>
    public void Replay(long lastSequence, Func<JournalRecord, bool> isNeeded)
    {
        _sequence = lastSequence;
        foreach (var segment in _segments.Values.OrderBy(one => one.Number))
        {
            foreach (var record in segment.Records())
            {
                _sequence = Math.Max(_sequence, record.Sequence);
                if (isNeeded(record)) segment.Live.Add(record.Sequence);
            }
        }
    }

    /// <summary>Somebody needs a body in this file, whether its records could be read or not.</summary>
    public void Keep(long segmentNumber, long sequence)
    {
        lock (_segmentsLock)
            if (_segments.TryGetValue(segmentNumber, out var segment)) segment.Live.Add(sequence);
        _segmentNumber = Math.Max(_segmentNumber, segmentNumber);
    }

    /// <summary>Removes the files of which nothing is needed; what they told must be kept elsewhere by now.</summary>
    public void Sweep()
    {
        lock (_segmentsLock)
            foreach (var segment in _segments.Values.Where(one => one.ClosedAt is not null && one.Live.Count == 0).ToList()) Remove(segment);
    }

    /// <summary>Fills no file for longer than this: what was sent is gone from the disk soon, in a quiet office too.</summary>
    public void CloseOlderThan(TimeSpan age)
    {
        lock (_queueLock)
        {
            if (_isLed) return;
            _isLed = true;
        }
        if (_current is { End: > 0 } current && _time.GetUtcNow() - current.Since >= age)
        {
            _current = null;
            Close(current);
        }
        Lead(null);
    }

    /// <summary>Appends a record; the task completes when it is on the disk.</summary>
    /// <param name="facts">Small; kept with the body.</param>
    /// <param name="body">May be empty. Must not change before the task has completed.</param>
    /// <param name="kept">Called once the record is on the disk, in the order of the numbers; its result is the task's.</param>
    /// <exception cref="StorageFailedException">It is not on the disk.</exception>
    public Task<T> AppendAsync<T>(ReadOnlyMemory<byte> facts, ReadOnlyMemory<byte> body, Func<long, JournalPlace, T> kept)
    {
        var append = new Append<T>(facts, body, kept);
        lock (_queueLock)
        {
            _waiting.Add(append);
            if (_isLed) return append.Done.Task;
            _isLed = true;
        }
        Lead(append);
        return append.Done.Task;
    }

    /// <summary>The body at this place; null when its file is gone.</summary>
    public byte[]? Read(JournalPlace place)
    {
        JournalSegment? segment;
        lock (_segmentsLock) segment = _segments.GetValueOrDefault(place.Segment);
        try
        {
            return segment?.Read(place.Offset, place.Length);
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>Nobody needs this record any more. May be said twice.</summary>
    public void Release(JournalPlace place, long sequence)
    {
        lock (_segmentsLock)
        {
            if (!_segments.TryGetValue(place.Segment, out var segment)) return;
            segment.Live.Remove(sequence);
            if (segment.ClosedAt is not null && segment.Live.Count == 0) Remove(segment);
        }
    }

    /// <summary>Nobody needs any record of this file any more.</summary>
    public void Release(long segmentNumber)
    {
        lock (_segmentsLock)
            if (_segments.TryGetValue(segmentNumber, out var segment) && segment.ClosedAt is not null) Remove(segment);
    }

    /// <summary>Files that were filled before that moment and still have live records.</summary>
    public IReadOnlyList<long> ClosedBefore(DateTimeOffset moment)
    {
        lock (_segmentsLock) return [.. _segments.Values.Where(one => one.ClosedAt < moment).Select(one => one.Number).Order()];
    }

    public void Dispose()
    {
        lock (_creating)
        {
            _isDisposed = true;
            if (_prepared is { } unused)
            {
                unused.Dispose();
                File.Delete(unused.Path);
            }
        }
        lock (_segmentsLock)
            foreach (var segment in _segments.Values) segment.Dispose();
    }

    /// <summary>Commits batch after batch. Once the caller's own record is on the disk, another thread goes on, so that its session can.</summary>
    private void Lead(Append? own)
    {
        var batch = new List<Append>(MaxBatch);
        while (true)
        {
            batch.Clear();
            lock (_queueLock)
            {
                if (_waiting.Count == 0)
                {
                    _isLed = false;
                    return;
                }
                var (count, octets) = (0, 0);
                while (count < _waiting.Count && count < MaxBatch && (count == 0 || octets + _waiting[count].Octets <= MaxBatchOctets)) octets += _waiting[count++].Octets;
                batch.AddRange(_waiting[..count]);
                _waiting.RemoveRange(0, count);
            }
            Commit(batch);
            if (own is null) continue;
            bool isMore;
            lock (_queueLock) isMore = _isLed = _waiting.Count > 0;
            if (isMore) _ = Task.Run(() => Lead(null));
            return;
        }
    }

    private void Commit(List<Append> batch)
    {
        var start = 0;
        try
        {
            var segment = SegmentFor(batch[0].Octets);
            start = segment.End;
            PutBack(batch, segment);
            var heads = new byte[JournalSegment.HeadOctets * batch.Count];
            var pieces = new List<ReadOnlyMemory<byte>>(batch.Count * 3);
            for (var i = 0; i < batch.Count; i++)
            {
                var (append, head) = (batch[i], heads.AsMemory(i * JournalSegment.HeadOctets, JournalSegment.HeadOctets));
                append.Sequence = ++_sequence;
                append.Place = segment.Place(head.Span, append.Sequence, append.Facts, append.Body);
                pieces.Add(head);
                pieces.Add(append.Facts);
                if (append.Body.Length > 0) pieces.Add(append.Body);
            }
            segment.Write(pieces, start);
            segment.Sync();
            lock (_segmentsLock)
                foreach (var append in batch) segment.Live.Add(append.Sequence);
        }
        catch (Exception fault)
        {
            // Whatever it was, nothing was promised, and the next batch must find a leader.
            var failure = _failure = fault as StorageFailedException ?? DurableFile.Failed(fault);
            LogFailed(failure.Message);
            GiveUp(start);
            foreach (var append in batch) append.Fail(failure);
            return;
        }
        _failure = null;
        foreach (var append in batch) append.Complete();
    }

    /// <summary>What has no room in the file goes back to the front of the queue.</summary>
    private void PutBack(List<Append> batch, JournalSegment segment)
    {
        var (count, octets) = (0, 0L);
        while (count < batch.Count && segment.HasRoom(octets + batch[count].Octets)) octets += batch[count++].Octets;
        if (count == 0) throw new StorageFailedException(StorageFailure.DiskFull, $"{segment.Path} is too short for a record of {batch[0].Octets} octets.");
        if (count == batch.Count) return;
        lock (_queueLock) _waiting.InsertRange(0, batch[count..]);
        batch.RemoveRange(count, batch.Count - count);
    }

    /// <summary>The current file when it has room, else the next one.</summary>
    private JournalSegment SegmentFor(long octets)
    {
        if (_current is { } current && current.HasRoom(octets))
        {
            if (current.IsHalfFull && Volatile.Read(ref _prepared) is null) _ = Task.Run(Prepare);
            return current;
        }
        if (_current is not null) Close(_current);
        _current = null;
        lock (_creating)
        {
            var next = Interlocked.Exchange(ref _prepared, null) ?? JournalSegment.Create(_folder, ++_segmentNumber);
            next.Since = _time.GetUtcNow();
            lock (_segmentsLock) _segments.Add(next.Number, next);
            return _current = next;
        }
    }

    /// <summary>Makes the next file ready before it is needed.</summary>
    private void Prepare()
    {
        lock (_creating)
        {
            if (_prepared is not null || _isDisposed) return;
            try
            {
                _prepared = JournalSegment.Create(_folder, ++_segmentNumber);
            }
            catch (StorageFailedException)
            {
                // Whoever needs it tries again, and has somebody to tell.
            }
        }
    }

    private void Close(JournalSegment segment)
    {
        lock (_segmentsLock)
        {
            segment.ClosedAt = _time.GetUtcNow();
            if (segment.Live.Count == 0) Remove(segment);
        }
    }

    /// <summary>
    /// After a failed write or sync nobody knows what the file holds: nothing is appended to it again, and what was refused is cut off. Where even that
    /// fails, a refused record can come back after a crash: better twice than never.
    /// </summary>
    private void GiveUp(int start)
    {
        if (_current is not { } broken) return;
        _current = null;
        try
        {
            broken.Cut(start);
        }
        catch (Exception fault)
        {
            LogNotCut(broken.Path, fault.Message);
        }
        Close(broken);
    }

    private void Remove(JournalSegment segment)
    {
        _segments.Remove(segment.Number);
        segment.Dispose();
        try
        {
            File.Delete(segment.Path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // Nobody may wait for it: the next start sweeps the file.
            LogNotRemoved(segment.Path, fault.Message);
        }
    }

    private abstract class Append(ReadOnlyMemory<byte> facts, ReadOnlyMemory<byte> body)
    {
        public ReadOnlyMemory<byte> Facts => facts;

        public ReadOnlyMemory<byte> Body => body;

        public int Octets => JournalSegment.HeadOctets + facts.Length + body.Length;

        public long Sequence { get; set; }

        public JournalPlace Place { get; set; }

        public abstract void Complete();

        public abstract void Fail(StorageFailedException failure);
    }

    private sealed class Append<T>(ReadOnlyMemory<byte> facts, ReadOnlyMemory<byte> body, Func<long, JournalPlace, T> kept) : Append(facts, body)
    {
        public TaskCompletionSource<T> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Complete()
        {
            try
            {
                Done.SetResult(kept(Sequence, Place));
            }
            catch (Exception fault)
            {
                Done.SetException(fault);
            }
        }

        public override void Fail(StorageFailedException failure) => Done.SetException(failure);
    }

    [LoggerMessage(LogLevel.Critical, "The disk did not keep what was handed in: {Reason}. It was refused, and the next is tried on a new file")]
    private partial void LogFailed(string reason);

    [LoggerMessage(LogLevel.Error, "{Path} could not be cut to what was promised: {Reason}")]
    private partial void LogNotCut(string path, string reason);

    [LoggerMessage(LogLevel.Error, "{Path} is not needed any more and could not be removed: {Reason}")]
    private partial void LogNotRemoved(string path, string reason);
}
