using System.IO.Pipelines;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Settings;
using DeviceMail.Storage;

namespace DeviceMail.Queue;

/// <summary>
/// Mail we promised to deliver. Who hands in a message hears "accepted" only when it is on the disk; who sends takes a job, and says
/// what became of each recipient. Nobody else knows rows or files.
/// </summary>
public sealed partial class MailQueue : IAsyncDisposable
{
    private const int BodiesAtOnce = 32;
    private static readonly TimeSpan _journalAge = TimeSpan.FromMinutes(10);

    /// <summary>Jobs that one write forgets.</summary>
    private const int ExpireAtOnce = 200;

    private readonly Database _database;
    private readonly DataFolder _folder;
    private readonly SettingsStore _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<MailQueue> _log;
    private readonly DispatchLines _lines;
    private readonly SpoolSync _spoolSync;
    private readonly GatewayMark _mark;
    private readonly Journal _journal;
    private readonly FreshJobs _fresh;

    /// <summary>Reads back what was promised, sweeps the spool of files that no job names and puts every unfinished job in its line.</summary>
    public MailQueue(QueueStorage storage, SettingsStore settings, GatewayMark mark, TimeProvider time, ILogger<MailQueue> log)
    {
        (_database, _journal, _folder) = (storage.Database, storage.Journal, storage.Database.Folder);
        (_settings, _mark, _time, _log) = (settings, mark, time, log);
        _lines = new DispatchLines(_time);
        _spoolSync = new SpoolSync(() => DurableFile.SyncFolder(_folder.Spool));
        _fresh = new FreshJobs(_database, _journal, time, log);
        _fresh.Restore();
        Sweep();
        foreach (var job in _database.Read(JobStore.Unfinished))
            if (job.State == JobState.Waiting) _lines.Add(job.AccountId, job.Id, job.NextTryAt);
    }

    /// <summary>Raised when a job's state changed, with the job as it is now.</summary>
    public event Action<Job>? Changed;

    /// <inheritdoc cref="HasRoom"/>
    public bool HasRoomFor(long octets) =>
        _database.Failure is null && _folder.FreeSpace >= _settings.Current.Get(SettingsCatalogue.MinFreeSpace) + octets + octets / 2;

    /// <inheritdoc cref="AcceptMail"/>
    public async ValueTask<AcceptOutcome> Accept(Envelope envelope, PipeReader body, CancellationToken cancel)
    {
        var scanner = new MessageScanner(_mark.Text);
        using var incoming = new IncomingBody(_folder, scanner);
        var promised = false;
        try
        {
            await incoming.ReadAsync(body, cancel);
            var traits = scanner.Complete();
            if (scanner.Fault != MessageFault.None) return new AcceptOutcome.Refused(scanner.Fault);
            var job = NewJob(envelope, traits, incoming.SpoolName);
            if (incoming.SpoolName is not null)
            {
                incoming.Sync();
                _spoolSync.SyncFolder();
            }
            job = await _fresh.KeepAsync(job, incoming.Octets);
            promised = true;
            _lines.Add(job.AccountId, job.Id, job.NextTryAt);
            Changed?.Invoke(job);
            return new AcceptOutcome.Accepted(job.Id);
        }
        finally
        {
            if (!promised) Forget(incoming);
            // Who still writes into the pipe is not left waiting for a reader that will not come back.
            await body.CompleteAsync();
        }
    }

    /// <summary>The message as it was handed in: CRLF line ends, no dot-stuffing. Seekable; the caller disposes it.</summary>
    /// <exception cref="FileNotFoundException">The body is gone: the job is finished, or somebody removed its file.</exception>
    /// <exception cref="StorageFailedException">The disk does not give it now.</exception>
    public Stream OpenBody(Job job)
    {
        if (job.SpoolName is not null)
            return new FileStream(Path.Combine(_folder.Spool, job.SpoolName), FileMode.Open, FileAccess.Read, FileShare.Read, 64 << 10);
        var octets = job.BodyPlace is { } place ? _journal.Read(place) : null;
        octets ??= _database.Read(session => JobStore.Body(session, job.Id));
        return octets is null ? throw new FileNotFoundException($"The body of job {job.Id} is gone.") : new MemoryStream(octets, writable: false);
    }

    public Job? Find(long id) => _fresh.Find(id) ?? _database.Read(session => JobStore.Find(session, id));

    /// <summary>Jobs, newest first.</summary>
    public IReadOnlyList<Job> List(JobFilter filter)
    {
        var fresh = _fresh.All.Where(filter.Fits).ToList();
        return [.. fresh.Concat(_database.Read(session => JobStore.List(session, filter))).DistinctBy(job => job.Id).Take(filter.Most)];
    }

    /// <summary>How many jobs there are in each state that has any.</summary>
    public IReadOnlyDictionary<JobState, long> Counts()
    {
        var fresh = _fresh.All;
        var (mark, written) = _database.Read(JobStore.Counts);
        foreach (var group in fresh.Where(job => job.Id > mark).CountBy(job => job.State))
            written[group.Key] = written.GetValueOrDefault(group.Key) + group.Value;
        return written;
    }

    /// <summary>Jobs of the account that are in line, due or not.</summary>
    public int InLine(long accountId) => _lines.Count(accountId);

    /// <summary>Returns when a job of the account may be due.</summary>
    public Task WaitForWorkAsync(long accountId, CancellationToken cancel) => _lines.WaitAsync(accountId, cancel);

    /// <summary>Takes the next due job of the account out of its line, or answers null. Who takes it calls <see cref="FinishAsync"/>.</summary>
    /// <exception cref="StorageFailedException">The disk does not give it now; it stays in its line.</exception>
    public Job? TryClaim(long accountId)
    {
        while (_lines.TryClaim(accountId) is { } id)
        {
            try
            {
                if (Find(id) is { State: JobState.Waiting } job) return job with { State = JobState.Sending };
            }
            catch (StorageFailedException)
            {
                _lines.Add(accountId, id, _time.GetUtcNow());
                throw;
            }
        }
        return null;
    }

    /// <summary>Puts a claimed job back as it was: the program ends before it was tried.</summary>
    public void Return(Job job) => _lines.Add(job.AccountId, job.Id, job.NextTryAt);

    /// <summary>Records what became of a claimed job. Nothing of it is forgotten: a disk that fails is asked again until it keeps it.</summary>
    public async Task<Job> FinishAsync(Job job, DeliveryResult result)
    {
        var next = JobProgress.After(job, result, _time.GetUtcNow(), _settings.Current.Get(SettingsCatalogue.GiveUpAfter));
        await SaveUntilKeptAsync(next);
        if (next.State == JobState.Sent) RemoveSpoolFile(job.SpoolName);
        if (next.State == JobState.Waiting) _lines.Add(next.AccountId, next.Id, next.NextTryAt);
        Changed?.Invoke(next);
        return next;
    }

    /// <summary>Moves the account's waiting jobs to Held: it cannot send until somebody repairs it.</summary>
    public async Task HoldAsync(long accountId, Problem problem, string serverWords)
    {
        var ids = _lines.TakeAll(accountId);
        if (ids.Count == 0) return;
        try
        {
            await _fresh.WriteAsync();
            await _database.WriteAsync(session =>
            {
                foreach (var id in ids) JobStore.Hold(session, id, problem.Key, serverWords);
            });
        }
        catch (StorageFailedException)
        {
            foreach (var id in ids) _lines.Add(accountId, id, _time.GetUtcNow());
            throw;
        }
        foreach (var id in ids) Changed?.Invoke(Find(id)!);
    }

    /// <summary>The account works again: its held jobs go back in line, to be sent at once.</summary>
    public async Task ReleaseAsync(long accountId)
    {
        var now = _time.GetUtcNow();
        var ids = await _database.WriteAsync(session => JobStore.Release(session, accountId, now));
        try
        {
            // A row that was written a moment ago may still be shown as it was before: who claims the job then would find it held, and drop it.
            if (ids.Count > 0) await _fresh.WriteAsync();
        }
        finally
        {
            foreach (var id in ids) _lines.Add(accountId, id, now);
        }
        foreach (var id in ids) Changed?.Invoke(Find(id)!);
    }

    /// <summary>The oldest held job of the account, to find out whether it can send again.</summary>
    public long? OldestHeld(long accountId) => _database.Read(session => JobStore.OldestHeld(session, accountId));

    /// <summary>A person asked for a job of this account to be sent now: what is held may be worth another try.</summary>
    public event Action<long>? AskedNow;

    /// <summary>Sends a waiting or held job at once; false when it is being sent or finished.</summary>
    public async Task<bool> TryNowAsync(long id)
    {
        if (!await PutInLineAsync(id)) return false;
        AskedNow?.Invoke(Find(id)!.AccountId);
        return true;
    }

    /// <summary>Puts a waiting or held job in its line, due at once; false when it is being sent or finished.</summary>
    public async Task<bool> PutInLineAsync(long id)
    {
        if (Find(id) is not { } job || job.State is not (JobState.Waiting or JobState.Held)) return false;
        var now = job with { State = JobState.Waiting, NextTryAt = _time.GetUtcNow() };
        if (!await TryMoveAsync(job, now)) return false;
        _lines.Add(job.AccountId, id, now.NextTryAt);
        Changed?.Invoke(now);
        return true;
    }

    /// <summary>Forgets a waiting or held job on a person's word; false when it is being sent or finished.</summary>
    public async Task<bool> CancelAsync(long id)
    {
        if (Find(id) is not { } job || JobStates.After(job.State, JobEvent.CancelledByPerson) is not { } state) return false;
        var cancelled = job with { State = state, FinishedAt = _time.GetUtcNow() };
        if (!await TryMoveAsync(job, cancelled)) return false;
        Changed?.Invoke(cancelled);
        return true;
    }

    /// <summary>Removes bodies and history whose time is over.</summary>
    public async Task ExpireAsync()
    {
        var (now, snapshot) = (_time.GetUtcNow(), _settings.Current);
        var (failedBefore, forgottenBefore) = (now - snapshot.Get(SettingsCatalogue.KeepFailed), now - snapshot.Get(SettingsCatalogue.KeepHistory));
        await ExpireAsync(session => JobStore.ExpireBodies(session, failedBefore, ExpireAtOnce));
        await ExpireAsync(session => JobStore.ExpireHistory(session, forgottenBefore, ExpireAtOnce));
    }

    /// <summary>In small steps, so that mail which comes meanwhile waits for no long one.</summary>
    private async Task ExpireAsync(Func<DatabaseSession, List<JobStore.Expired>> step)
    {
        List<JobStore.Expired> gone;
        do
        {
            gone = await _database.WriteAsync(step);
            foreach (var one in gone) RemoveSpoolFile(one.SpoolName);
        }
        while (gone.Count == ExpireAtOnce);
    }

    /// <summary>
    /// Takes the job out of its line, where it stands in one, and writes its new state. False when a sender has it, or something else has moved
    /// it; it is then where it was.
    /// </summary>
    private async Task<bool> TryMoveAsync(Job job, Job next)
    {
        if (job.State == JobState.Waiting && !_lines.TryRemove(job.AccountId, job.Id)) return false;
        try
        {
            await _fresh.WriteAsync();
            return await _database.WriteAsync(session => JobStore.TryMove(session, next, job.State));
        }
        catch (StorageFailedException)
        {
            if (job.State == JobState.Waiting) _lines.Add(job.AccountId, job.Id, job.NextTryAt);
            throw;
        }
    }

    /// <summary>Moves small bodies that have lain in the journal for a while into the database, so that its files go.</summary>
    public async Task TidyJournalAsync()
    {
        _journal.CloseOlderThan(_journalAge);
        if (_journal.ClosedBefore(_time.GetUtcNow() - _journalAge) is not { Count: > 0 } segments) return;
        await _fresh.WriteAsync();
        foreach (var segment in segments)
        {
            while (_database.Read(session => JobStore.InSegment(session, segment, BodiesAtOnce)) is { Count: > 0 } jobs)
            {
                var bodies = jobs.ConvertAll(job => (job.Id, Octets: _journal.Read(job.Place)));
                await _database.WriteAsync(session =>
                {
                    foreach (var (id, octets) in bodies) JobStore.MoveBody(session, id, octets);
                });
            }
            _journal.Release(segment);
        }
    }

    /// <summary>Writes the rows that are not written yet; what the disk does not keep now is read back from the journal at the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await _fresh.WriteAsync();
        }
        catch (StorageFailedException fault)
        {
            LogLeft(fault.Message);
        }
    }

    private Job NewJob(Envelope envelope, MessageTraits traits, string? spoolName) => new()
    {
        Id = 0,
        State = JobState.Waiting,
        ReceivedAt = _time.GetUtcNow(),
        NextTryAt = _time.GetUtcNow(),
        AccountId = envelope.AccountId,
        Origin = envelope.Origin,
        Sender = envelope.Sender,
        Traits = traits,
        SpoolName = spoolName,
        Recipients = [.. envelope.Recipients.Select(address => new JobRecipient(address, RecipientState.Open, null))],
    };

    private async Task SaveUntilKeptAsync(Job job)
    {
        for (var wait = TimeSpan.FromMilliseconds(200); ; wait = wait < TimeSpan.FromSeconds(10) ? wait * 2 : wait)
        {
            try
            {
                await SaveAsync(job);
                return;
            }
            catch (StorageFailedException fault)
            {
                LogNotKept(job.Id, fault.Message);
                await Task.Delay(wait, _time);
            }
        }
    }

    private async Task SaveAsync(Job job)
    {
        var isFresh = _fresh.TryReplace(job);
        await _fresh.WriteAsync();
        if (isFresh) return;
        await _database.WriteAsync(session =>
        {
            JobStore.SaveProgress(session, job);
            JobStore.SaveRecipients(session, job);
            if (job.State == JobState.Sent) JobStore.DropBody(session, job.Id);
        });
        if (job is { State: JobState.Sent, BodyPlace: { } place }) _journal.Release(place, job.Id);
    }

    private void Sweep()
    {
        var known = _database.Read(JobStore.SpoolNames);
        foreach (var file in Directory.EnumerateFiles(_folder.Spool))
        {
            var name = Path.GetFileName(file);
            if (known.Contains(name)) continue;
            RemoveSpoolFile(name);
            LogSwept(name);
        }
    }

    /// <summary>A body that nobody needs. What cannot be removed now goes with the next sweep.</summary>
    private void RemoveSpoolFile(string? name)
    {
        if (name is null) return;
        try
        {
            File.Delete(Path.Combine(_folder.Spool, name));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogNotRemoved(name, fault.Message);
        }
    }

    private void Forget(IncomingBody incoming)
    {
        incoming.Dispose();
        RemoveSpoolFile(incoming.SpoolName);
    }

    [LoggerMessage(LogLevel.Error, "The outcome of job {JobId} could not be written yet: {Reason}")]
    private partial void LogNotKept(long jobId, string reason);

    [LoggerMessage(LogLevel.Warning, "The last rows could not be written; they are read from the journal at the next start: {Reason}")]
    private partial void LogLeft(string reason);

    [LoggerMessage(LogLevel.Warning, "{File} could not be removed from the spool: {Reason}. The next start of the gateway tries again")]
    private partial void LogNotRemoved(string file, string reason);

    [LoggerMessage(LogLevel.Information, "Swept {File} from the spool: no job names it, so nothing was promised for it")]
    private partial void LogSwept(string file);
}
