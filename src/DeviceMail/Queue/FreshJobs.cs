using System.Text.Json;
using System.Text.Json.Serialization;
using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.Queue;

/// <summary>
/// Jobs that are promised by the journal and whose rows are not in the database yet. Rows are written for many at once: soon, when there are many,
/// or when somebody needs them. What was not written when the power went is read back from the journal.
/// </summary>
internal sealed partial class FreshJobs(Database database, Journal journal, TimeProvider time, ILogger log)
{
    private const int Many = 256;
    private static readonly TimeSpan _soon = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _whenTheDiskFails = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly SortedDictionary<long, Fresh> _jobs = [];
    private long _writingUpTo;
    private Task? _soonWritten;
    private Task _writing = Task.CompletedTask;

    /// <summary>Jobs without a row, newest first.</summary>
    public IReadOnlyList<Job> All
    {
        get
        {
            lock (_lock) return [.. _jobs.Values.Reverse().Select(one => one.Job)];
        }
    }

    public Job? Find(long id)
    {
        lock (_lock) return _jobs.GetValueOrDefault(id)?.Job;
    }

    /// <summary>Brings the database to what the journal promised, and answers nothing but when it is done. Comes before all else.</summary>
    public void Restore()
    {
        var (mark, places) = database.Read(session => (JobStore.Mark(session), JobStore.InJournal(session)));
        var lost = new List<Job>();
        journal.Replay(Math.Max(mark, database.Read(JobStore.LastId)), record =>
        {
            if (record.Sequence <= mark) return places.ContainsKey(record.Sequence);
            var job = Read(record);
            lost.Add(job);
            return job.BodyPlace is not null;
        });
        if (lost.Count > 0)
        {
            LogRestored(lost.Count);
            database.WriteAsync(session => Insert(session, lost)).GetAwaiter().GetResult();
        }
        // The rows decide what lives: damage in one record must not cost the bodies behind it.
        foreach (var (id, segment) in places) journal.Keep(segment, id);
        journal.Sweep();
    }

    private Job Read(JournalRecord record)
    {
        try
        {
            return JsonSerializer.Deserialize(record.Facts.Span, JobFactsJson.Default.JobFacts)!.ToJob(record.Sequence, record.Body);
        }
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            throw new StartRefusedException($"The journal in {journal.Folder} holds mail that this version cannot read ({fault.Message}). Install the version that wrote it, and let it send what waits.");
        }
    }

    /// <summary>Promises the job: it is on the disk when the task has completed.</summary>
    /// <param name="job">Without its number.</param>
    /// <param name="body">Its octets; null when they lie in the spool.</param>
    /// <exception cref="StorageFailedException">Nothing was promised.</exception>
    public Task<Job> KeepAsync(Job job, ReadOnlyMemory<byte>? body) =>
        journal.AppendAsync(JsonSerializer.SerializeToUtf8Bytes(JobFacts.Of(job), JobFactsJson.Default.JobFacts), body ?? ReadOnlyMemory<byte>.Empty, (sequence, place) =>
        {
            var kept = job with { Id = sequence, BodyPlace = body is null ? null : place };
            lock (_lock)
            {
                _jobs.Add(sequence, new Fresh(kept, place));
                if (_jobs.Count < Many) _soonWritten ??= WriteSoonAsync();
                else _ = WriteAsync();
            }
            return kept;
        });

    /// <summary>Puts a later state of a job in the place of the one to be written; false when its row is written already, or is being written.</summary>
    public bool TryReplace(Job job)
    {
        lock (_lock)
        {
            if (job.Id <= _writingUpTo || !_jobs.TryGetValue(job.Id, out var fresh)) return false;
            _jobs[job.Id] = fresh with { Job = job };
            return true;
        }
    }

    /// <summary>Returns when every job that was promised before has its row.</summary>
    /// <exception cref="StorageFailedException">The database does not keep them now; the journal does.</exception>
    public async Task WriteAsync()
    {
        while (true)
        {
            Task writing;
            List<Fresh> batch;
            var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            lock (_lock)
            {
                batch = [.. _jobs.Values];
                if (batch.Count == 0) return;
                writing = _writing;
                if (writing.IsCompleted) (_writing, _writingUpTo) = (mine.Task, batch[^1].Job.Id);
            }
            if (!writing.IsCompleted)
            {
                await writing;
                continue;
            }
            try
            {
                await database.WriteAsync(session => Insert(session, [.. batch.Select(one => one.Job)]), session => JobStore.DeleteFrom(session, batch[0].Job.Id));
                Forget(batch);
                return;
            }
            finally
            {
                lock (_lock) _writingUpTo = 0;
                mine.SetResult();
            }
        }
    }

    private async Task WriteSoonAsync()
    {
        await Task.Delay(_soon, time);
        lock (_lock) _soonWritten = null;
        try
        {
            await WriteAsync();
        }
        catch (StorageFailedException fault)
        {
            LogPutOff(fault.Message);
            await Task.Delay(_whenTheDiskFails, time);
            lock (_lock)
                if (_jobs.Count > 0) _soonWritten ??= WriteSoonAsync();
        }
    }

    private void Forget(List<Fresh> written)
    {
        lock (_lock)
            foreach (var one in written) _jobs.Remove(one.Job.Id);
        foreach (var (job, place) in written)
            if (job.State == JobState.Sent || job.BodyPlace is null) journal.Release(place, job.Id);
    }

    private static void Insert(DatabaseSession session, List<Job> jobs)
    {
        foreach (var job in jobs) JobStore.Insert(session, job);
        JobStore.SetMark(session, jobs[^1].Id);
    }

    private sealed record Fresh(Job Job, JournalPlace Place);

    [LoggerMessage(LogLevel.Information, "{Count} jobs were promised and not yet in the database when the program ended; they are there now")]
    private partial void LogRestored(int count);

    [LoggerMessage(LogLevel.Warning, "Rows of promised jobs could not be written yet; the journal keeps them: {Reason}")]
    private partial void LogPutOff(string reason);
}

/// <summary>What the journal says about a job beside its body.</summary>
internal sealed record JobFacts(DateTimeOffset ReceivedAt, long AccountId, Origin Origin, string? Sender, IReadOnlyList<string> Recipients)
{
    public required MessageTraits Traits { get; init; }

    public string? SpoolName { get; init; }

    public static JobFacts Of(Job job) => new(job.ReceivedAt, job.AccountId, job.Origin, job.Sender?.ToString(), [.. job.Recipients.Select(one => one.Address.ToString())])
    {
        Traits = job.Traits,
        SpoolName = job.SpoolName,
    };

    public Job ToJob(long id, JournalPlace body) => new()
    {
        Id = id,
        State = JobState.Waiting,
        ReceivedAt = ReceivedAt,
        NextTryAt = ReceivedAt,
        AccountId = AccountId,
        Origin = Origin,
        Sender = Sender is null ? null : MailAddress.Parse(Sender),
        Recipients = [.. Recipients.Select(one => new JobRecipient(MailAddress.Parse(one), RecipientState.Open, null))],
        Traits = Traits,
        SpoolName = SpoolName,
        BodyPlace = SpoolName is null ? body : null,
    };
}

[JsonSerializable(typeof(JobFacts))]
internal sealed partial class JobFactsJson : JsonSerializerContext;
