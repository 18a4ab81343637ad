using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Storage;

namespace DeviceMail.Doctor;

/// <summary>What a set-up works with.</summary>
internal sealed record TenantParts(TenantSignIns SignIns, OAuthChannel Channel, TenantProbe Probe, ActivityLog Activity, TimeProvider Time)
{
    /// <summary>Is told what was found out about the end of the mailbox's own sign-in.</summary>
    public required AccountSignIn MailboxSignIn { get; init; }
}

/// <summary>
/// One set-up of an organisation, from the administrator's sign-in to the end: look, show, wait for a yes, apply. The administrator's token lives in
/// <see cref="GoAsync"/> alone and goes with its end, however it ends, after 15 minutes at the latest.
/// </summary>
public sealed class TenantVisit
{
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(15);

    private readonly TenantParts _parts;
    private readonly TaskCompletionSource _yes = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _ending = new();
    private readonly TaskCompletionSource _isPastSignIn = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TenantSignIn? _signIn;
    private Action? _stop;
    private bool _isCancelled;
    private volatile TenantFacts _facts;

    internal TenantVisit(string id, TenantRequest request, TenantParts parts)
    {
        _parts = parts;
        _facts = new TenantFacts(id, request) { Until = parts.Time.GetUtcNow() + _longest };
    }

    public TenantFacts Facts => _facts;

    /// <summary>Takes the address on which the administrator's browser landed; returns when it is known whether the sign-in counts.</summary>
    /// <returns>False: it is no answer to this sign-in, or not the first one.</returns>
    public async Task<bool> AnswerAsync(string landed)
    {
        if (_facts.Stage != TenantStage.SigningIn || _signIn?.Answer(landed) != true) return false;
        await _isPastSignIn.Task;
        return true;
    }

    /// <summary>What was shown is to be done.</summary>
    public void Yes()
    {
        if (_facts.Stage == TenantStage.Preview) _yes.TrySetResult();
    }

    /// <summary>Ends it; nothing more is changed.</summary>
    public void End()
    {
        lock (_ending)
        {
            _isCancelled = true;
            _stop?.Invoke();
        }
    }

    /// <summary>Begins the sign-in; what follows goes on by itself.</summary>
    internal async Task BeginAsync(CancellationToken stop)
    {
        var (signIn, obstacle) = await _parts.SignIns.BeginAsync(_facts.Request, stop);
        if (signIn is null)
        {
            Stop(obstacle!);
            return;
        }
        _signIn = signIn;
        _facts = signIn.Prompt switch
        {
            TenantPrompt.Code code => _facts with { UserCode = code.UserCode, VerificationAddress = $"{code.Address}", CodeUntil = code.Until < _facts.Until ? code.Until : _facts.Until },
            TenantPrompt.Browser browser => _facts with { SignInAddress = browser.Address.AbsoluteUri },
            _ => throw new InvalidOperationException("A sign-in shows a code or an address."),
        };
        _ = Task.Run(() => GoAsync(signIn, stop), CancellationToken.None);
    }

    private async Task GoAsync(TenantSignIn signIn, CancellationToken stop)
    {
        using var limit = new CancellationTokenSource(_longest, _parts.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, limit.Token);
        lock (_ending)
        {
            _stop = either.Cancel;
            if (_isCancelled) either.Cancel();
        }
        try
        {
            var obstacle = await signIn.WaitAsync(either.Token) switch
            {
                TenantSignInEnd.SignedIn signedIn => await WorkAsync(signedIn, either.Token),
                TenantSignInEnd.Failed failed => failed.Obstacle,
                _ => throw new InvalidOperationException("A sign-in ends or fails."),
            };
            if (obstacle is not null) Stop(obstacle);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            Stop(WhyEnded(stop));
        }
        catch (StorageFailedException fault)
        {
            Stop(new TenantObstacle("The gateway's disk does not keep what happened.", "The gateway's administrator looks at its free space and its log. What was made is recognised when the set-up runs again.", fault.Message));
        }
        finally
        {
            lock (_ending) _stop = null;
            _isPastSignIn.TrySetResult();
        }
    }

    private async Task<TenantObstacle?> WorkAsync(TenantSignInEnd.SignedIn signedIn, CancellationToken cancel)
    {
        var graph = new TenantGraph(_parts.Channel, _facts.Request.Where().Graph, signedIn.Token, _parts.Time);
        _facts = _facts with { Stage = TenantStage.Looking, SignedInAs = signedIn.As ?? "", TenantId = signedIn.TenantId, UserCode = "", SignInAddress = "" };
        _isPastSignIn.TrySetResult();
        var (state, obstacle) = await TenantLook.AtAsync(graph, _facts.Request, cancel);
        if (state is null) return obstacle;
        var found = await TenantPolicies.FindAsync(graph, state, _parts.Time, cancel);
        if (found.AreRead && _parts.Probe.AccountOf(_facts.Request.Mailbox) is { Method: AuthenticationMethod.OAuth2 } account) await _parts.MailboxSignIn.ForetellAsync(account, found.End);
        var policies = found.Lines;
        Show(state, [.. policies, .. await _parts.Probe.LinesAsync(_facts.Request.Mailbox, cancel)]);
        if (_facts.HasWork)
        {
            _facts = _facts with { Stage = TenantStage.Preview };
            await _yes.Task.WaitAsync(cancel);
            _facts = _facts with { Stage = TenantStage.Applying };
            if (await ApplyAsync(graph, cancel) is { } refused) return refused;
            var probe = await _parts.Probe.LinesAsync(_facts.Request.Mailbox, cancel);
            _facts = _facts with { Lines = [.. policies, .. probe], Script = TenantProbe.Script(probe, _facts.Request.Mailbox) };
        }
        _facts = _facts with { Stage = TenantStage.Done };
        return null;
    }

    /// <summary>Reads once more and does the steps that were shown and are still to be done. What others made meanwhile is used; what was not shown is not done.</summary>
    private async Task<TenantObstacle?> ApplyAsync(TenantGraph graph, CancellationToken cancel)
    {
        var (state, obstacle) = await TenantLook.AtAsync(graph, _facts.Request, cancel);
        if (state is null) return obstacle;
        var shown = _facts.Steps.Where(step => step.Would.Length > 0).Select(step => step.Key).ToHashSet();
        if (TenantSteps.All.Any(step => !shown.Contains(step.Key) && step.Would(state).Length > 0))
            return new TenantObstacle("The organisation has changed since it was shown, and nothing was done.", "Begin the set-up again: it shows what is there now.");
        foreach (var step in TenantSteps.All)
        {
            cancel.ThrowIfCancellationRequested();
            if (step.Would(state) is not { Length: > 0 } would) continue;
            switch (await step.ApplyAsync(graph, state, cancel))
            {
                case TenantStepEnd.Stopped { Obstacle: var stopped }: return stopped;
                case TenantStepEnd.Done { State: var after }: state = after; break;
            }
            _facts = _facts with { ClientId = state.AppId, Steps = [.. _facts.Steps.Select(one => one.Key == step.Key ? one with { Is = step.Is(state), IsDone = true } : one)] };
            await _parts.Activity.RecordAsync(Subject.Gateway, "", $"Set up the organisation {_facts.TenantId} as {_facts.SignedInAs}. Done: {would}");
        }
        return null;
    }

    private void Show(TenantState state, IReadOnlyList<DoctorLine> lines) => _facts = _facts with
    {
        ClientId = state.AppId,
        Steps = [.. TenantSteps.All.Select(step => new TenantStepFacts(step.Key, step.Name, step.Is(state), step.Would(state)))],
        Lines = lines,
        Script = TenantProbe.Script(lines, _facts.Request.Mailbox),
    };

    private void Stop(TenantObstacle obstacle)
    {
        _facts = _facts with { Stage = TenantStage.Ended, UserCode = "", SignInAddress = "", Obstacle = obstacle };
        _isPastSignIn.TrySetResult();
    }

    private TenantObstacle WhyEnded(CancellationToken stop)
    {
        var left = _facts.Stage == TenantStage.Applying ? "What was made until then stays, and is recognised when the set-up runs again." : "Nothing was changed.";
        return _isCancelled ? new("The set-up was cancelled.", left)
            : stop.IsCancellationRequested ? new("The gateway stops, and the set-up with it.", left)
            : new("The set-up has ended: 15 minutes are over.", $"{left} Begin again.");
    }
}
