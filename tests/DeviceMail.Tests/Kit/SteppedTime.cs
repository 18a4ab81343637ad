using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace DeviceMail.Tests.Kit;

/// <summary>A clock that the test moves, and that tells for how long somebody asked it to wait.</summary>
public sealed class SteppedTime() : FakeTimeProvider(System.GetUtcNow())
{
    private readonly ConcurrentQueue<TimeSpan> _waits = new();

    /// <summary>How long each one-off wait was to be, oldest first; waits of nothing are left out.</summary>
    public IReadOnlyCollection<TimeSpan> Waits => _waits;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (dueTime > TimeSpan.Zero && period == Timeout.InfiniteTimeSpan) _waits.Enqueue(dueTime);
        return timer;
    }

    /// <summary>Moves on, step by step, until something holds.</summary>
    public Task AdvanceUntilAsync(TimeSpan step, Func<bool> holds) => LabGateway.EventuallyAsync(() =>
    {
        if (holds()) return true;
        Advance(step);
        return false;
    });
}
