using System.Collections.Concurrent;
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

    private readonly QueueStorage _storage;
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
    private readonly QueueUpkeep _upkeep;
    private readonly OutcomeWriter _outcomes;

    // Claimed, until their outcome is written. Out of here before they are in line again, or a claim would pass them over.
    private readonly ConcurrentDictionary<long, byte> _inHand = new();

    /// <summary>Reads back what was promised, sweeps the spool of files that no job names and puts every unfinished job in its line.</summary>
    public MailQueue(QueueStorage storage, SettingsStore settings, GatewayMark mark, TimeProvider time, ILogger<MailQueue> log)
    {
        (_storage, _database, _journal, _folder) = (storage, storage.Database, storage.Journal, storage.Database.Folder);
        (_settings, _mark, _time, _log) = (settings, mark, time, log);
        Figures = new QueueFigures(_database, time);
        _lines = new DispatchLines(_time);
        _spoolSync = new SpoolSync(() => DurableFile.SyncFolder(_folder.Spool));
        _fresh = new FreshJobs(_database, _journal, time, log);
        _fresh.Restore();
        _upkeep = new QueueUpkeep(storage, _fresh, time, log);
        _outcomes = new OutcomeWriter(storage, _fresh, time, log);
        _upkeep.Sweep();
        foreach (var job in _database.Read(JobStore.Unfinished))
            if (job.State == JobState.Waiting) _lines.Add(job.AccountId, job.Id, job.NextTryAt);
    }

    /// <summary>Raised when a job's state changed, with the job as it is now.</summary>
    public event Action<Job>? Changed;

    public QueueFigures Figures { get; }

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
            var job = Job.Of(envelope, traits, incoming.SpoolName, _time.GetUtcNow());
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

    /// <inheritdoc cref="QueueStorage.Failure"/>
    public StorageFailedException? Failure => _storage.Failure;

    /// <inheritdoc cref="QueueStorage.OpenBody"/>
    public Stream OpenBody(Job job) => _storage.OpenBody(job);

    public Job? Find(long id) => Kept(id) is { } job ? AsItIs(job) : null;

    /// <summary>Jobs, newest first.</summary>
    public IReadOnlyList<Job> List(JobFilter filter)
    {
        if (filter.State == JobState.Sending) return [.. _inHand.Keys.OrderDescending().Select(Find).OfType<Job>().Where(filter.Fits).Take(filter.Most)];
        var fresh = _fresh.All.Where(filter.Fits).ToList();
        return [.. fresh.Concat(_database.Read(session => JobStore.List(session, filter))).DistinctBy(job => job.Id).Select(AsItIs)
            .Where(job => filter.State is null || job.State == filter.State).Take(filter.Most)];
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

    /// <summary>Accounts that have a line with somebody in it.</summary>
    public IReadOnlyList<long> AccountsInLine => _lines.Accounts;

    /// <inheritdoc cref="QueueUpkeep.NameOrphansAsync"/>
    public Task NameOrphansAsync() => _upkeep.NameOrphansAsync();

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
            // In hand first: nobody finishes it while it is read. A line may name what has left it, or what another sender has.
            if (!_inHand.TryAdd(id, 0)) continue;
            try
            {
                if (Kept(id) is { State: JobState.Waiting } job && job.AccountId == accountId) return job with { State = JobState.Sending };
            }
            catch
            {
                _inHand.TryRemove(id, out _);
                _lines.Add(accountId, id, _time.GetUtcNow());
                throw;
            }
            LetGo(id);
        }
        return null;
    }

    /// <summary>It was another's to take; who tried meanwhile passed it over.</summary>
    private void LetGo(long id)
    {
        _inHand.TryRemove(id, out _);
        if (Kept(id) is { State: JobState.Waiting } job) _lines.AddMissing(job.AccountId, id, job.NextTryAt);
    }

    /// <summary>Puts a claimed job back as it was: the program ends before it was tried.</summary>
    public void Return(Job job)
    {
        _inHand.TryRemove(job.Id, out _);
        _lines.Add(job.AccountId, job.Id, job.NextTryAt);
    }

    /// <summary>Records what became of a claimed job. Nothing of it is forgotten: a disk that fails is asked again until it keeps it.</summary>
    public async Task<Job> FinishAsync(Job job, DeliveryResult result)
    {
        var next = JobProgress.After(job, result, _time.GetUtcNow(), _settings.Current.Get(SettingsCatalogue.GiveUpAfter));
        await _outcomes.SaveAsync(next);
        if (next.State == JobState.Sent) _upkeep.RemoveSpoolFile(job.SpoolName);
        _inHand.TryRemove(job.Id, out _);
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
                foreach (var id in ids)
                    if (JobStore.Hold(session, id, problem.Key, serverWords))
                        JobHistory.Add(session, id, new JobStep(JobEventKind.Held, _time.GetUtcNow(), serverWords) { Problem = problem.Key });
            });
        }
        catch
        {
            foreach (var id in ids) _lines.Add(accountId, id, _time.GetUtcNow());
            throw;
        }
        foreach (var id in ids) Changed?.Invoke(Find(id)!);
    }

    /// <summary>The account works again: its held jobs go back in line, to be sent at once.</summary>
    /// <param name="accountId">The account.</param>
    /// <param name="who">The person who released them; empty: the gateway by itself.</param>
    public async Task ReleaseAsync(long accountId, string who = "")
    {
        var now = _time.GetUtcNow();
        var (ids, waiting) = await _database.WriteAsync(session =>
        {
            var released = JobStore.Release(session, accountId, now);
            foreach (var id in released) JobHistory.Add(session, id, new JobStep(JobEventKind.Released, now, Who: who));
            return (released, JobStore.Waiting(session, accountId));
        });
        try
        {
            // A row that was written a moment ago may still be shown as it was before: who claims the job then would find it held, and drop it.
            if (ids.Count > 0) await _fresh.WriteAsync();
        }
        finally
        {
            // Also those of an earlier release whose commit failed, and was in the file all the same.
            foreach (var (id, due) in waiting) _lines.AddMissing(accountId, id, due);
        }
        foreach (var id in ids) Changed?.Invoke(Find(id)!);
    }

    /// <summary>The oldest held job of the account, to find out whether it can send again.</summary>
    public long? OldestHeld(long accountId) => _database.Read(session => JobStore.NextHeld(session, accountId, 0));

    /// <summary>
    /// Takes the next held job after that one in hand, else the oldest, at once: it is never seen waiting. Null when none is held any more. Who takes it
    /// calls <see cref="FinishAsync"/>.
    /// </summary>
    public async Task<Job?> ClaimHeldAsync(long accountId, long after)
    {
        if (_database.Read(session => JobStore.NextHeld(session, accountId, after)) is not { } id || !_inHand.TryAdd(id, 0)) return null;
        try
        {
            var next = Kept(id) is { State: JobState.Held } held ? held with { State = JobState.Waiting, NextTryAt = _time.GetUtcNow() } : null;
            if (next is not null && await TryMoveAsync(next with { State = JobState.Held }, next, null)) return next with { State = JobState.Sending };
        }
        catch
        {
            _inHand.TryRemove(id, out _);
            throw;
        }
        LetGo(id);
        return null;
    }

    /// <summary>Jobs that are held, or that are tried at this moment after they were: a probe does not end the trouble. The oldest first.</summary>
    public IReadOnlyList<Job> Stuck(long accountId)
    {
        var probed = List(new JobFilter(JobState.Sending, accountId)).Where(job => Problems.Find(job.Problem)?.Scope == ProblemScope.Account);
        return [.. probed.Concat(OldestHeld(accountId) is { } oldest && Find(oldest) is { } held ? [held] : []).DistinctBy(job => job.Id).OrderBy(job => job.Id)];
    }

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

    /// <summary>Puts a waiting or held job in its line, due at once; false when it is being sent or finished.</summary>
    private async Task<bool> PutInLineAsync(Job job, JobStep step, long? otherAccount = null)
    {
        if (job.State is not (JobState.Waiting or JobState.Held)) return false;
        var now = job with { State = JobState.Waiting, NextTryAt = _time.GetUtcNow(), AccountId = otherAccount ?? job.AccountId };
        if (!await TryMoveAsync(job, now, step)) return false;
        _lines.Add(now.AccountId, now.Id, now.NextTryAt);
        Changed?.Invoke(now);
        return true;
    }

    /// <summary>Forgets a waiting or held job on a person's word; false when it is being sent or finished.</summary>
    public async Task<bool> CancelAsync(long id, string who = SomePerson)
    {
        if (Find(id) is not { } job || JobStates.After(job.State, JobEvent.CancelledByPerson) is not { } state) return false;
        var cancelled = job with { State = state, FinishedAt = _time.GetUtcNow() };
        if (!await TryMoveAsync(job, cancelled, new JobStep(JobEventKind.Cancelled, _time.GetUtcNow(), Who: who))) return false;
        Changed?.Invoke(cancelled);
        return true;
    }

    /// <inheritdoc cref="QueueUpkeep.ExpireAsync"/>
    public Task ExpireAsync() => _upkeep.ExpireAsync(_settings.Current);

    /// <inheritdoc cref="QueueUpkeep.TidyJournalAsync"/>
    public Task TidyJournalAsync() => _upkeep.TidyJournalAsync();

    /// <summary>
    /// Takes the job out of its line, where it stands in one, and writes its new state. False when a sender has it, or something else has moved
    /// it; it is then where it was.
    /// </summary>
    private async Task<bool> TryMoveAsync(Job job, Job next, JobStep? step)
    {
        if (job.State == JobState.Waiting && !_lines.TryRemove(job.AccountId, job.Id)) return false;
        try
        {
            await _fresh.WriteAsync();
            return await _database.WriteAsync(session =>
            {
                if (!JobStore.TryMove(session, next, job.State)) return false;
                if (step is not null) JobHistory.Add(session, job.Id, step);
                return true;
            });
        }
        catch
        {
            // Whether it was kept is not known: it stands in each line where it may belong, and a claim looks.
            if (job.State == JobState.Waiting) _lines.Add(job.AccountId, job.Id, job.NextTryAt);
            if (next.State == JobState.Waiting) _lines.Add(next.AccountId, next.Id, next.NextTryAt);
            throw;
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

    private Job? Kept(long id) => _fresh.Find(id) ?? _database.Read(session => JobStore.Find(session, id));

    /// <summary>That a sender has it is not on the disk.</summary>
    private Job AsItIs(Job job) => job.State == JobState.Waiting && _inHand.ContainsKey(job.Id) ? job with { State = JobState.Sending } : job;

    private void Forget(IncomingBody incoming)
    {
        incoming.Dispose();
        _upkeep.RemoveSpoolFile(incoming.SpoolName);
    }

    [LoggerMessage(LogLevel.Warning, "The last rows could not be written; they are read from the journal at the next start: {Reason}")]
    private partial void LogLeft(string reason);
}
