using System.Collections.Immutable;

namespace DeviceMail.Doctor;

/// <summary>One examination, while it goes on and after.</summary>
public sealed class DoctorRun
{
    private readonly DoctorPlan _plan;
    private readonly Lock _ending = new();
    private ImmutableArray<DoctorLine> _lines;
    private Action? _stop;

    internal DoctorRun(string id, string account, DoctorPlan plan)
    {
        (Id, Account, _plan) = (id, account, plan);
        _lines = [.. plan.Steps.Select(step => step.NotYet)];
    }

    public string Id { get; }

    /// <summary>The account that was asked for; empty: all.</summary>
    public string Account { get; }

    /// <summary>All lines in the order of the way; those not looked at yet are waiting.</summary>
    public IReadOnlyList<DoctorLine> Lines => _lines;

    public bool IsFinished { get; private set; }

    public bool IsCancelled { get; private set; }

    public DoctorReport Report => new(Account, Lines);

    /// <summary>Changes with each line: what the live part compares.</summary>
    public string State => $"{Lines.Count(line => line.Mark != DoctorMark.Waiting)} {IsFinished}";

    /// <summary>Ends it soon; what was not looked at says so.</summary>
    public void Cancel()
    {
        lock (_ending)
        {
            IsCancelled = true;
            _stop?.Invoke();
        }
    }

    internal async Task GoAsync(TimeProvider time, CancellationToken stop)
    {
        var steps = _plan.Steps;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop);
        lock (_ending)
        {
            _stop = either.Cancel;
            if (IsCancelled) either.Cancel();
        }
        try
        {
            for (var at = 0; at < steps.Count && !either.IsCancellationRequested; at++)
                _lines = _lines.SetItem(at, StandsInTheWayOf(steps[at]) is { } because ? steps[at].NotReached(because) : await steps[at].RunAsync(time, either.Token));
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // The lines that are left say so.
        }
        finally
        {
            lock (_ending) _stop = null;
            _lines = [.. _lines.Select(line => line.Mark == DoctorMark.Waiting ? line with { Mark = DoctorMark.Unknown, Sentence = $"{line.Sentence}: cancelled before it was looked at." } : line)];
            IsFinished = true;
            _plan.Dispose();
        }
    }

    private DoctorLine? StandsInTheWayOf(DoctorStep step) => _lines.FirstOrDefault(line =>
        step.Needs.Contains(line.Key) && line.Account == step.Account && line.Mark is DoctorMark.Failed or DoctorMark.Unknown);
}
