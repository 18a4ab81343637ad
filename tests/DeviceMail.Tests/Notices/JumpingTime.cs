using Microsoft.Extensions.Time.Testing;

namespace DeviceMail.Tests.Notices;

/// <summary>
/// A clock that the test moves, and whose wall time can jump while the monotonic one goes on, as when an administrator sets it. Limits of the network
/// do not run out on it: a server of the test answers in real time, however fast the days pass.
/// </summary>
public sealed class JumpingTime() : FakeTimeProvider(System.GetUtcNow())
{
    private TimeSpan _offset;

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + _offset;

    public override long GetTimestamp() => base.GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var isLimit = period == Timeout.InfiniteTimeSpan && state is null or CancellationTokenSource;
        return base.CreateTimer(callback, state, isLimit ? Timeout.InfiniteTimeSpan : dueTime, period);
    }

    public void Jump(TimeSpan by) => _offset += by;
}
