namespace DeviceMail.Queue;

/// <summary>
/// Which jobs are to be sent next, one line an account, in memory: a claim needs no disk. Jobs of one account never wait behind
/// those of another.
/// </summary>
internal sealed class DispatchLines(TimeProvider time)
{
    // No job is put off for longer: a due time beyond it was written while the wall clock was wrong.
    private static readonly TimeSpan _longest = TimeSpan.FromHours(2);

    private readonly SteadyClock _clock = new(time);
    private readonly Lock _lock = new();
    private readonly Dictionary<long, Line> _lines = [];

    /// <summary>Accounts that have a line with somebody in it.</summary>
    public IReadOnlyList<long> Accounts
    {
        get
        {
            lock (_lock) return [.. _lines.Where(one => one.Value.Members.Count > 0).Select(one => one.Key)];
        }
    }

    public void Add(long accountId, long jobId, DateTimeOffset due)
    {
        lock (_lock)
        {
            var line = LineOf(accountId);
            var (at, latest) = (_clock.Of(due).UtcTicks, (_clock.Now + _longest).UtcTicks);
            if (at > latest) at = latest;
            line.Due.Enqueue(jobId, (at, jobId));
            line.Members[jobId] = at;
            line.Bell.Ring();
        }
    }

    /// <summary>Puts a job in its line that does not stand in it yet.</summary>
    public void AddMissing(long accountId, long jobId, DateTimeOffset due)
    {
        lock (_lock)
            if (!LineOf(accountId).Members.ContainsKey(jobId)) Add(accountId, jobId, due);
    }

    /// <summary>Takes the first job that is due, or null.</summary>
    public long? TryClaim(long accountId)
    {
        lock (_lock)
        {
            var line = LineOf(accountId);
            while (line.Due.TryPeek(out var id, out var at))
            {
                if (at.Due > _clock.Now.UtcTicks) return null;
                line.Due.Dequeue();
                // A job that left its line and came back has an older place too, which counts no more.
                if (!line.Members.TryGetValue(id, out var due) || due != at.Due) continue;
                line.Members.Remove(id);
                return id;
            }
            return null;
        }
    }

    /// <summary>Takes a job out of its line; false when a sender has it, or it is in no line.</summary>
    public bool TryRemove(long accountId, long jobId)
    {
        lock (_lock) return LineOf(accountId).Members.Remove(jobId);
    }

    /// <summary>Empties the account's line and answers who stood in it.</summary>
    public List<long> TakeAll(long accountId)
    {
        lock (_lock)
        {
            var line = LineOf(accountId);
            List<long> all = [.. line.Members.Keys];
            line.Members.Clear();
            line.Due.Clear();
            return all;
        }
    }

    /// <summary>How many wait, due or not.</summary>
    public int Count(long accountId)
    {
        lock (_lock) return LineOf(accountId).Members.Count;
    }

    /// <summary>The job's place in its line, from 1; null when it stands in none.</summary>
    public int? PlaceOf(long accountId, long jobId)
    {
        lock (_lock)
        {
            var members = LineOf(accountId).Members;
            return members.TryGetValue(jobId, out var own) ? members.Count(one => (one.Value, one.Key).CompareTo((own, jobId)) <= 0) : null;
        }
    }

    /// <summary>Returns when a job of the account may be due.</summary>
    public async Task WaitAsync(long accountId, CancellationToken cancel)
    {
        Task woken;
        TimeSpan wait;
        lock (_lock)
        {
            var line = LineOf(accountId);
            woken = line.Bell.Next;
            if (!line.Due.TryPeek(out _, out var at)) wait = Timeout.InfiniteTimeSpan;
            else if ((wait = TimeSpan.FromTicks(at.Due - _clock.Now.UtcTicks)) <= TimeSpan.Zero) return;
        }
        // An hour at the most, so that a changed wall clock is noticed.
        var longest = TimeSpan.FromHours(1);
        if (wait == Timeout.InfiniteTimeSpan || wait > longest) wait = longest;
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(woken, Task.Delay(wait, time, timer.Token));
        await timer.CancelAsync();
        cancel.ThrowIfCancellationRequested();
    }

    private Line LineOf(long accountId)
    {
        if (!_lines.TryGetValue(accountId, out var line)) _lines.Add(accountId, line = new Line());
        return line;
    }

    private sealed class Line
    {
        public PriorityQueue<long, (long Due, long Id)> Due { get; } = new();

        /// <summary>Who stands in the line, and the time that counts for each.</summary>
        public Dictionary<long, long> Members { get; } = [];

        public Doorbell Bell { get; } = new();
    }
}
