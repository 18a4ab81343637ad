using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Queue;

namespace DeviceMail.Sending;

/// <summary>
/// Sends the mail of one account: as many at once as its budget has connections, none while the account is in trouble. One account's trouble
/// never slows another's mail.
/// </summary>
internal sealed partial class AccountSender(long accountId, SendingParts parts, ILogger log)
{
    private static readonly TimeSpan _firstProbe = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _slowestProbe = TimeSpan.FromMinutes(15);

    private UpstreamPool _pool = new(parts.Time);
    private readonly SendBudget _budget = new(parts.Time);
    private volatile TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Blockade? _blockade;
    private readonly List<Task> _attempts = [];
    private (Type, DateTimeOffset?) _signIn;
    // What an earlier run of the program held is tried once more.
    private volatile bool _mustRelease = true;
    private int _sending;

    /// <summary>The account's status changed; only another sign-in than before is a reason to try what is held.</summary>
    public void StatusChanged()
    {
        var signIn = SignInNow();
        if (signIn == _signIn) return;
        _signIn = signIn;
        Wake();
    }

    /// <summary>The account or its sign-in is another one: what was held may go now, and old connections must not be used.</summary>
    public void Wake()
    {
        Interlocked.Exchange(ref _pool, new UpstreamPool(parts.Time)).Close();
        _mustRelease = true;
        _changed.TrySetResult();
    }

    public async Task RunAsync(CancellationToken cancel)
    {
        _signIn = SignInNow();
        try
        {
            while (!cancel.IsCancellationRequested && parts.Accounts.Find(accountId) is { } account) await StepAsync(account, cancel);
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

    private (Type, DateTimeOffset?) SignInNow()
    {
        var status = parts.Status.SavedStatusOf(accountId);
        return (status.GetType(), (status as AccountStatus.SignedIn)?.Since);
    }

    private async Task StepAsync(Account account, CancellationToken cancel)
    {
        if (account.IsPaused || _sending >= account.Budget.Connections)
        {
            await ChangedAsync(null, cancel);
            return;
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
            var wait = blockade.ProbeAt - parts.Time.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                await WorkOrChangeAsync(wait, cancel);
                return;
            }
            await ProbeAsync(blockade, cancel);
            return;
        }
        if (parts.Queue.TryClaim(accountId) is not { } job)
        {
            await WorkOrChangeAsync(null, cancel);
            return;
        }
        var pause = _budget.TryTake(account.Budget, job.Recipients.Count);
        if (pause > TimeSpan.Zero)
        {
            parts.Queue.Return(job);
            await ChangedAsync(pause, cancel);
            return;
        }
        Interlocked.Increment(ref _sending);
        _attempts.RemoveAll(attempt => attempt.IsCompleted);
        _attempts.Add(SendAsync(job, account, cancel));
    }

    /// <summary>Tries the oldest held job alone; the others follow when it went out.</summary>
    private async Task ProbeAsync(Blockade blockade, CancellationToken cancel)
    {
        _blockade = blockade with { ProbeAt = DateTimeOffset.MaxValue };
        if (parts.Queue.OldestHeld(accountId) is { } oldest && await parts.Queue.PutInLineAsync(oldest)
            && parts.Queue.TryClaim(accountId) is { } job && parts.Accounts.Find(accountId) is { } account)
        {
            Interlocked.Increment(ref _sending);
            await SendAsync(job, account, cancel);
        }
        if (_blockade?.ProbeAt != DateTimeOffset.MaxValue) return;
        if (parts.Queue.OldestHeld(accountId) is null)
        {
            _blockade = null;
            return;
        }
        var next = blockade.NextWait < _slowestProbe ? blockade.NextWait * 2 : _slowestProbe;
        _blockade = _blockade with { ProbeAt = parts.Time.GetUtcNow() + blockade.NextWait, NextWait = next };
    }

    private async Task SendAsync(Job job, Account account, CancellationToken cancel)
    {
        await Task.Yield();
        try
        {
            var result = await parts.Sender.SendAsync(job, account, _pool, parts.Gateway.Current, cancel);
            var held = result.Recipients.Select(one => one.Outcome).OfType<SendOutcome.Held>().FirstOrDefault();
            if (held is not null && _blockade is null)
            {
                _blockade = new Blockade(held.Problem, held.ServerWords, parts.Time.GetUtcNow() + _firstProbe, _firstProbe);
                parts.Status.ReportTrouble(accountId, held.Problem, held.ServerWords);
                LogHeld(account.Address.ToString(), held.Problem.Title, held.ServerWords);
            }
            var finished = await parts.Queue.FinishAsync(job, result);
            if (finished.State == JobState.Sent)
            {
                parts.Status.ReportSent(accountId);
                if (_blockade is not null)
                {
                    _blockade = null;
                    await parts.Queue.ReleaseAsync(accountId);
                }
            }
            LogAttempt(job.Id, finished.State, finished.ServerWords);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            parts.Queue.Return(job);
        }
        catch (Exception fault)
        {
            // The edge of the send worker: a bug in one attempt must not stop the others. The job is tried again.
            LogBug(job.Id, fault);
            await parts.Queue.FinishAsync(job, DeliveryResult.ForAll(
                job.Recipients.Where(one => one.State == RecipientState.Open).Select(one => one.Address),
                new SendOutcome.TryLater(Problems.ServerBusy, "The gateway met a fault of its own; its log says more.")));
        }
        finally
        {
            Interlocked.Decrement(ref _sending);
            _changed.TrySetResult();
        }
    }

    private async Task WorkOrChangeAsync(TimeSpan? atMost, CancellationToken cancel)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(ChangedAsync(atMost, either.Token), parts.Queue.WaitForWorkAsync(accountId, either.Token));
        await either.CancelAsync();
        cancel.ThrowIfCancellationRequested();
    }

    private async Task ChangedAsync(TimeSpan? atMost, CancellationToken cancel)
    {
        var changed = _changed;
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        await Task.WhenAny(changed.Task, Task.Delay(atMost is { } wait && wait < TimeSpan.FromHours(1) ? wait : TimeSpan.FromHours(1), parts.Time, timer.Token));
        await timer.CancelAsync();
        if (changed.Task.IsCompleted) _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed record Blockade(Problem Problem, string ServerWords, DateTimeOffset ProbeAt, TimeSpan NextWait);

    [LoggerMessage(LogLevel.Warning, "Mail of {Account} is held: {Problem} ({ServerWords}). Nothing is lost; it goes out by itself after the repair")]
    private partial void LogHeld(string account, string problem, string serverWords);

    [LoggerMessage(LogLevel.Information, "Job {JobId}: {State} ({ServerWords})")]
    private partial void LogAttempt(long jobId, JobState state, string? serverWords);

    [LoggerMessage(LogLevel.Error, "Job {JobId} met a fault of the gateway itself")]
    private partial void LogBug(long jobId, Exception fault);
}

/// <summary>What every account's sender uses.</summary>
internal sealed record SendingParts(MailQueue Queue, AccountRegister Accounts, AccountStatusBoard Status)
{
    public required SmtpSender Sender { get; init; }

    public required GatewayIdentitySource Gateway { get; init; }

    public required TimeProvider Time { get; init; }
}
