using System.IO.Pipelines;
using DeviceMail.Accounts;
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
    /// <summary>Who did something, where nothing more is known.</summary>
    public const string SomePerson = "a person";

    private const int BodiesAtOnce = 32;
    private static readonly TimeSpan _journalAge = TimeSpan.FromMinutes(10);

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
        _spoolSync = new SpoolSync(_folder);
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
            if (!promised) incoming.Forget();
        }
    }

    /// <summary>The message as it was handed in: CRLF line ends, no dot-stuffing. Seekable; the caller disposes it.</summary>
    /// <exception cref="FileNotFoundException">The body is gone: the job is finished, or somebody removed its file.</exception>
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
    public Job? TryClaim(long accountId)
    {
        while (_lines.TryClaim(accountId) is { } id)
            if (Find(id) is { State: JobState.Waiting } job) return job with { State = JobState.Sending };
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
        await _fresh.WriteAsync();
        await _database.WriteAsync(session =>
        {
            foreach (var id in ids)
                if (JobStore.Hold(session, id, problem.Key, serverWords))
                    JobHistory.Add(session, id, new JobStep(JobEventKind.Held, _time.GetUtcNow(), serverWords) { Problem = problem.Key });
        });
        foreach (var id in ids) Changed?.Invoke(Find(id)!);
    }

    /// <summary>The account works again: its held jobs go back in line, to be sent at once.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="who">The person who released them; empty: the gateway by itself.</param>
    public async Task ReleaseAsync(long accountId, string who = "")
    {
        var now = _time.GetUtcNow();
        var ids = await _database.WriteAsync(session =>
        {
            var released = JobStore.Release(session, accountId, now);
            foreach (var id in released) JobHistory.Add(session, id, new JobStep(JobEventKind.Released, now, Who: who));
            return released;
        });
        foreach (var id in ids)
        {
            _lines.Add(accountId, id, now);
            Changed?.Invoke(Find(id)!);
        }
    }

    /// <summary>The oldest held job of the account, to find out whether it can send again.</summary>
    public long? OldestHeld(long accountId) => _database.Read(session => JobStore.OldestHeld(session, accountId));

    /// <summary>A person asked for a job of this account to be sent now: what is held may be worth another try.</summary>
    public event Action<long>? AskedNow;

    /// <summary>Sends a waiting or held job at once; false when it is being sent or finished.</summary>
    public async Task<bool> TryNowAsync(long id, string who = SomePerson)
    {
        if (Find(id) is not { } job || !await PutInLineAsync(job, new JobStep(JobEventKind.AskedNow, _time.GetUtcNow(), Who: who))) return false;
        AskedNow?.Invoke(job.AccountId);
        return true;
    }

    /// <summary>Lets another account send a waiting or held job, at once; false when it is being sent or finished.</summary>
    public async Task<bool> SendByAsync(long id, Account account, string who = SomePerson)
    {
        var step = new JobStep(JobEventKind.Rerouted, _time.GetUtcNow(), account.Address.ToString(), who);
        return Find(id) is { } job && await PutInLineAsync(job, step, account.Id);
    }

    /// <summary>Lets a person's wish be known to who sends for the account: what is held is tried.</summary>
    public void Ask(long accountId) => AskedNow?.Invoke(accountId);

    /// <summary>Adds a step that changes nothing about the job.</summary>
    public async Task NoteAsync(long id, JobStep step)
    {
        await _fresh.WriteAsync();
        await _database.WriteAsync(session => JobHistory.Add(session, id, step));
    }

    /// <summary>What happened to the job, in order; that it was received, sent or failed stands in the job itself.</summary>
    public IReadOnlyList<JobStep> HistoryOf(long id) => _database.Read(session => JobHistory.Of(session, id));

    /// <summary>The job's place among those of its account that wait, from 1; null when it is in no line: it is being sent, held or finished.</summary>
    public int? PlaceOf(Job job) => _lines.PlaceOf(job.AccountId, job.Id);

    /// <param name="accountId">Only of this account; null: of all.</param>
    public HeldFigures Held(long? accountId = null) => _database.Read(session => HeldFigures.Read(session, _time.GetUtcNow(), accountId));

    /// <inheritdoc cref="DayFigures.LastSent"/>
    public DateTimeOffset? LastSent() => _database.Read(DayFigures.LastSent);

    public DayFigures LastDay() => _database.Read(session => DayFigures.Read(session, _time.GetLocalNow()));

    /// <summary>How many mails each device has handed in since; devices without any are not in it.</summary>
    public IReadOnlyDictionary<long, long> CountByDevice(DateTimeOffset since) => _database.Read(session => DayFigures.ByDevice(session, since));

    /// <summary>Puts a waiting or held job in its line, due at once; false when it is being sent or finished.</summary>
    public async Task<bool> PutInLineAsync(long id) => Find(id) is { } job && await PutInLineAsync(job, null);

    private async Task<bool> PutInLineAsync(Job job, JobStep? step, long? otherAccount = null)
    {
        if (job.State is not (JobState.Waiting or JobState.Held)) return false;
        if (job.State == JobState.Waiting && !_lines.TryRemove(job.AccountId, job.Id)) return false;
        var now = job with { State = JobState.Waiting, NextTryAt = _time.GetUtcNow(), AccountId = otherAccount ?? job.AccountId };
        await _fresh.WriteAsync();
        await _database.WriteAsync(session =>
        {
            JobStore.SaveProgress(session, now);
            if (step is not null) JobHistory.Add(session, job.Id, step);
        });
        _lines.Add(now.AccountId, now.Id, now.NextTryAt);
        Changed?.Invoke(now);
        return true;
    }

    /// <summary>Forgets a waiting or held job on a person's word; false when it is being sent or finished.</summary>
    public async Task<bool> CancelAsync(long id, string who = SomePerson)
    {
        if (Find(id) is not { } job || JobStates.After(job.State, JobEvent.CancelledByPerson) is not { } state) return false;
        if (job.State == JobState.Waiting && !_lines.TryRemove(job.AccountId, id)) return false;
        var cancelled = job with { State = state, FinishedAt = _time.GetUtcNow() };
        await _fresh.WriteAsync();
        await _database.WriteAsync(session =>
        {
            JobStore.SaveProgress(session, cancelled);
            JobHistory.Add(session, id, new JobStep(JobEventKind.Cancelled, _time.GetUtcNow(), Who: who));
        });
        Changed?.Invoke(cancelled);
        return true;
    }

    /// <summary>Removes bodies and history whose time is over.</summary>
    public async Task ExpireAsync()
    {
        var now = _time.GetUtcNow();
        var snapshot = _settings.Current;
        var names = await _database.WriteAsync(session => JobStore.Expire(session,
            now - snapshot.Get(SettingsCatalogue.KeepFailed), now - snapshot.Get(SettingsCatalogue.KeepHistory)));
        foreach (var name in names) RemoveSpoolFile(name);
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
                var bodies = jobs.ConvertAll(job => (job.Id, Octets: _journal.Read(job.Place) ?? throw new FileNotFoundException($"The body of job {job.Id} is gone.")));
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
        var step = JobHistory.Of(job, _time.GetUtcNow());
        if (isFresh && step is null) return;
        await _database.WriteAsync(session =>
        {
            if (step is not null) JobHistory.Add(session, job.Id, step);
            if (isFresh) return;
            JobStore.SaveProgress(session, job);
            JobStore.SaveRecipients(session, job);
            if (job.State == JobState.Sent) JobStore.DeleteBody(session, job.Id);
        });
        if (job is { State: JobState.Sent, BodyPlace: { } place }) _journal.Release(place, job.Id);
    }

    private void Sweep()
    {
        var known = _database.Read(JobStore.SpoolNames);
        foreach (var file in Directory.EnumerateFiles(_folder.Spool))
        {
            if (known.Contains(Path.GetFileName(file))) continue;
            File.Delete(file);
            LogSwept(Path.GetFileName(file));
        }
    }

    private void RemoveSpoolFile(string? name)
    {
        if (name is not null) File.Delete(Path.Combine(_folder.Spool, name));
    }

    [LoggerMessage(LogLevel.Error, "The outcome of job {JobId} could not be written yet: {Reason}")]
    private partial void LogNotKept(long jobId, string reason);

    [LoggerMessage(LogLevel.Warning, "The last rows could not be written; they are read from the journal at the next start: {Reason}")]
    private partial void LogLeft(string reason);

    [LoggerMessage(LogLevel.Information, "Swept {File} from the spool: no job names it, so nothing was promised for it")]
    private partial void LogSwept(string file);
}
