using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Queue;
using DeviceMail.Storage;

namespace DeviceMail.Sending;

/// <summary>
/// Sends the mail of one account: as many at once as its budget has connections, none while the account is in trouble. One account's trouble
/// never slows another's mail.
/// </summary>
internal sealed partial class AccountSender(long accountId, SendingParts parts, ILogger log)
{
    private static readonly TimeSpan _firstProbe = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _slowestProbe = TimeSpan.FromMinutes(15);
    // A connection costs little, and everybody waits for it.
    private static readonly TimeSpan _firstKnock = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _slowestKnock = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _diskWait = TimeSpan.FromSeconds(5);

    // An hour at the most, so that a changed wall clock is noticed.
    private static readonly TimeSpan _longestWait = TimeSpan.FromHours(1);

    private readonly Doorbell _bell = new();
    private readonly SteadyClock _clock = new(parts.Time);
    private readonly SendBudget _budget = new(parts.Time);
    private readonly List<Task> _attempts = [];
    private volatile UpstreamPool _pool = new(parts.Time);
    private volatile Blockade? _blockade;
    private (Type Status, DateTimeOffset? Since) _signIn;
    // What an earlier run of the program held is tried once more.
    private volatile bool _mustRelease = true;
    private bool _remembersDay;
    // The held job that was tried last.
    private long _probed;
    // Ticks of the steady clock at which mail that was held for itself is tried again; 0: there is none.
    private long _asideUntil;
    private int _sending;
    // Ticks of the steady clock until which the provider asked for rest; 0: it did not.
    private long _restUntil;
    // Ticks of the steady clock until which the budget is used up; 0: it is not.
    private long _fullUntil;

    /// <summary>
    /// The account's status changed. Only another sign-in than before is a reason to try what is held; that the provider refuses this one, or does
    /// not answer, is what an attempt has just found out by itself.
    /// </summary>
    public void StatusChanged()
    {
        var signIn = SignInNow();
        if (signIn == _signIn || signIn.Status == typeof(AccountStatus.Unreachable)) return;
        _signIn = signIn;
        if (signIn.Status != typeof(AccountStatus.Expired) && signIn.Status != typeof(AccountStatus.SignInAgain)) Wake();
    }

    /// <summary>The account or its sign-in is another one: what was held may go now, and old connections must not be used.</summary>
    public void Wake()
    {
        Interlocked.Exchange(ref _pool, new UpstreamPool(parts.Time)).Close();
        Volatile.Write(ref _restUntil, 0);
        _mustRelease = true;
        _bell.Ring();
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        _signIn = SignInNow();
        parts.Budgets.Show(accountId, UseNow);
        try
        {
            while (!cancel.IsCancellationRequested)
            {
                var changed = _bell.Next;
                // The pool first: so a connection made for an account as it was never comes to the pool of the account as it is.
                var pool = _pool;
                if (parts.Accounts.Find(accountId) is not { } account) break;
                if (await TryStepAsync(new Turn(account, pool), cancel) is { } pause) await WaitAsync(pause, changed, cancel);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The program ends; claimed jobs went back to their line.
        }
        finally
        {
            await Task.WhenAll(_attempts);
            _pool.Close();
        }
    }

    private BudgetUse UseNow()
    {
        var (messages, recipients) = _budget.Use;
        var until = new DateTimeOffset(Volatile.Read(ref _fullUntil), TimeSpan.Zero);
        return new BudgetUse(Volatile.Read(ref _sending), messages, recipients) { FullUntil = until > _clock.Now ? _clock.OnTheWall(until) : null };
    }

    private (Type Status, DateTimeOffset? Since) SignInNow()
    {
        var status = parts.Status.SavedStatusOf(accountId);
        return (status.GetType(), (status as AccountStatus.SignedIn)?.Since);
    }

    private async Task<Pause?> TryStepAsync(Turn turn, CancellationToken cancel)
    {
        try
        {
            return await StepAsync(turn, cancel);
        }
        catch (Exception fault) when (fault is not OperationCanceledException || !cancel.IsCancellationRequested)
        {
            // Whatever it was: an account's sender that ends leaves mail that was promised with nobody.
            LogPutOff(turn.Account.Address.ToString(), fault.Message);
            _mustRelease = true;
            return new Pause(_diskWait);
        }
    }

    /// <returns>What to wait for before the next step; null: nothing.</returns>
    private async Task<Pause?> StepAsync(Turn turn, CancellationToken cancel)
    {
        var account = turn.Account;
        if (account.IsPaused || Volatile.Read(ref _sending) >= account.Budget.Connections) return new Pause(_longestWait);
        if (!_remembersDay && account.Budget.RecipientsPerDay > 0)
        {
            _budget.Remember(parts.Queue.Figures.ReachedSince(accountId, parts.Time.GetUtcNow() - TimeSpan.FromDays(1)));
            _remembersDay = true;
        }
        if (Volatile.Read(ref _asideUntil) is > 0 and var aside && aside <= _clock.Now.UtcTicks)
        {
            Volatile.Write(ref _asideUntil, 0);
            _mustRelease = true;
        }
        if (_mustRelease)
        {
            _mustRelease = false;
            _blockade = null;
            await parts.Queue.ReleaseAsync(accountId);
        }
        if (_blockade is { } blockade)
        {
            await parts.Queue.HoldAsync(accountId, blockade.Problem, blockade.ServerWords);
            var wait = blockade.ProbeAt - _clock.Now;
            if (wait > TimeSpan.Zero) return new Pause(wait) { EndsWithWork = true };
            await ProbeAsync(turn, blockade, cancel);
            return null;
        }
        var rest = TimeSpan.FromTicks(Volatile.Read(ref _restUntil) - _clock.Now.UtcTicks);
        if (rest > TimeSpan.Zero) return new Pause(rest);
        if (parts.Queue.TryClaim(accountId) is not { } job) return new Pause(_longestWait) { EndsWithWork = true };
        var pause = TakeBudget(account, job);
        if (pause > TimeSpan.Zero) return new Pause(pause);
        Interlocked.Increment(ref _sending);
        _attempts.RemoveAll(attempt => attempt.IsCompleted);
        _attempts.Add(SendAsync(job, turn, cancel));
        return null;
    }

    /// <summary>Counts a claimed job into the budget, or puts it back in its line and answers how long to wait.</summary>
    private TimeSpan TakeBudget(Account account, Job job)
    {
        var pause = _budget.TryTake(account.Budget, job.Recipients.Count(one => one.State == RecipientState.Open));
        if (pause <= TimeSpan.Zero) return pause;
        Volatile.Write(ref _fullUntil, (_clock.Now + pause).UtcTicks);
        parts.Queue.Return(job);
        return pause;
    }

    /// <summary>Tries one held job alone, each time the next one, in case it is this mail that the server does not take; the others follow when it went out.</summary>
    private async Task ProbeAsync(Turn turn, Blockade blockade, CancellationToken cancel)
    {
        var slowest = IsOutOfReach(blockade.Problem) ? _slowestKnock : _slowestProbe;
        var next = blockade.NextWait < slowest ? blockade.NextWait * 2 : slowest;
        _blockade = blockade with { ProbeAt = _clock.Now + blockade.NextWait, NextWait = next };
        if (parts.Queue.OldestHeld(accountId) is null)
        {
            _blockade = null;
            return;
        }
        if (await parts.Queue.ClaimHeldAsync(accountId, _probed) is not { } job) return;
        _probed = job.Id;
        if (TakeBudget(turn.Account, job) > TimeSpan.Zero) return;
        Interlocked.Increment(ref _sending);
        await SendAsync(job, turn, cancel);
    }

    private async Task SendAsync(Job job, Turn turn, CancellationToken cancel)
    {
        await Task.Yield();
        var (account, pool) = turn;
        try
        {
            if (await AttemptAsync(job, account, pool, cancel) is not { } result)
            {
                parts.Queue.Return(job);
                return;
            }
            var held = result.Recipients.Select(one => one.Outcome).OfType<SendOutcome.Held>().FirstOrDefault();
            var isAside = held is { IsThisMailAlone: true } || held?.Problem == Problems.SendAsDenied && OutgoingHeader.EnvelopeSender(job, account) != account.Address;
            if (isAside) Volatile.Write(ref _asideUntil, (_clock.Now + _longestWait).UtcTicks);
            else if (held is not null) Stop(turn, held);
            else if (pool == _pool) Rest(result);
            var finished = await parts.Queue.FinishAsync(job, result);
            LogAttempt(job.Id, finished.State, InBrackets(finished.ServerWords));
            // The attempt began before the account or its sign-in was changed, and says nothing about it as it is now; or another
            // mail went out meanwhile, and nobody would ask for this one. Said after the job is held: a
            // release that came earlier would have missed it.
            if (finished.State == JobState.Held && !isAside && (pool != _pool || _blockade is null)) _mustRelease = true;
            if (finished.State != JobState.Sent && !ReachedAgain(finished)) return;
            parts.Status.ReportSent(accountId);
            if (_blockade is not null) _mustRelease = true;
        }
        finally
        {
            Interlocked.Decrement(ref _sending);
            _bell.Ring();
        }
    }

    /// <summary>Whether the server answered this mail, however, after it could not be reached.</summary>
    private bool ReachedAgain(Job finished) => _blockade is { } blockade && IsOutOfReach(blockade.Problem)
        && finished.State != JobState.Held && finished.Problem != Problems.ServerUnreachable.Key;

    private static bool IsOutOfReach(Problem problem) => problem == Problems.ServerUnreachable || problem == Problems.Unreachable;

    /// <returns>Null when the program ends in the middle.</returns>
    private async Task<DeliveryResult?> AttemptAsync(Job job, Account account, UpstreamPool pool, CancellationToken cancel)
    {
        try
        {
            return await parts.Sender.SendAsync(new SendAttempt(job, account, parts.Gateway.Current) { Pool = pool }, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception fault)
        {
            // The edge of the send worker: a bug in one attempt must not stop the others. The job is tried again.
            LogBug(job.Id, fault);
            return DeliveryResult.ForAll(job.Recipients.Where(one => one.State == RecipientState.Open).Select(one => one.Address),
                new SendOutcome.TryLater(Problems.ServerBusy, "The gateway met a fault of its own; its log says more."));
        }
    }

    /// <summary>The account cannot send: its mail is held, and tried now and then.</summary>
    private void Stop(Turn turn, SendOutcome.Held held)
    {
        if (turn.Pool != _pool) return;
        var first = IsOutOfReach(held.Problem) ? held.After > _firstKnock ? held.After.Value : _firstKnock : _firstProbe;
        if (_blockade is { } blockade)
        {
            if (blockade.Problem == held.Problem) return;
            // One cause is gone and the next one shows itself.
            _blockade = blockade with { Problem = held.Problem, ServerWords = held.ServerWords, NextWait = first };
        }
        else
        {
            _blockade = new Blockade(held.Problem, held.ServerWords, _clock.Now + first, first);
        }
        parts.Status.ReportTrouble(accountId, held.Problem, held.ServerWords);
        LogHeld(turn.Account.Address.ToString(), held.Problem.Title, InBrackets(held.ServerWords));
    }

    /// <summary>The provider named a wait that is about the account, not about this mail: the others wait as well instead of being refused one by one.</summary>
    private void Rest(DeliveryResult result)
    {
        var asked = result.Recipients.Select(one => one.Outcome).OfType<SendOutcome.TryLater>().Where(later => !later.Counts).Max(later => later.After);
        if (asked is { } wait) Volatile.Write(ref _restUntil, (_clock.Now + wait).UtcTicks);
    }

    /// <summary>Returns when the time is over, the account changed, an attempt ended, or, where that counts, a job may be due.</summary>
    private async Task WaitAsync(Pause pause, Task changed, CancellationToken cancel)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        List<Task> either = [changed, Task.Delay(pause.AtMost < _longestWait ? pause.AtMost : _longestWait, parts.Time, end.Token)];
        if (pause.EndsWithWork) either.Add(parts.Queue.WaitForWorkAsync(accountId, end.Token));
        await Task.WhenAny(either);
        await end.CancelAsync();
        cancel.ThrowIfCancellationRequested();
    }

    /// <summary>The account as it is for one step, and the connections made for it.</summary>
    private sealed record Turn(Account Account, UpstreamPool Pool);

    private sealed record Pause(TimeSpan AtMost)
    {
        public bool EndsWithWork { get; init; }
    }

    private sealed record Blockade(Problem Problem, string ServerWords, DateTimeOffset ProbeAt, TimeSpan NextWait);

    private static string InBrackets(string? words) => words is { Length: > 0 } ? $" ({words})" : "";

    [LoggerMessage(LogLevel.Warning, "Mail of {Account} is held: {Problem}{ServerWords}. Nothing is lost; it goes out by itself after the repair")]
    private partial void LogHeld(string account, string problem, string serverWords);

    [LoggerMessage(LogLevel.Information, "Job {JobId}: {State}{ServerWords}")]
    private partial void LogAttempt(long jobId, JobState state, string serverWords);

    [LoggerMessage(LogLevel.Error, "Sending for {Account} is put off: {Reason}")]
    private partial void LogPutOff(string account, string reason);

    [LoggerMessage(LogLevel.Error, "Job {JobId} met a fault of the gateway itself")]
    private partial void LogBug(long jobId, Exception fault);
}

/// <summary>What every account's sender uses.</summary>
internal sealed record SendingParts(MailQueue Queue, AccountRegister Accounts, AccountStatusBoard Status)
{
    public required MailSender Sender { get; init; }

    public required GatewayIdentitySource Gateway { get; init; }

    public required TimeProvider Time { get; init; }

    /// <summary>Where senders show the use of their budgets.</summary>
    public BudgetBoard Budgets { get; init; } = new();
}
