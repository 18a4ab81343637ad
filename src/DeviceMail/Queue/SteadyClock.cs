namespace DeviceMail.Queue;

/// <summary>The time as it was at the start, and what has passed since: a wall clock that is set moves no wait.</summary>
internal sealed class SteadyClock(TimeProvider time)
{
    private readonly DateTimeOffset _began = time.GetUtcNow();
    private readonly long _beganAt = time.GetTimestamp();

    public DateTimeOffset Now => _began + time.GetElapsedTime(_beganAt);

    /// <summary>A moment of the wall clock on this one.</summary>
    public DateTimeOffset Of(DateTimeOffset moment) => Now + (moment - time.GetUtcNow());

    /// <summary>A moment of this clock on the wall.</summary>
    public DateTimeOffset OnTheWall(DateTimeOffset moment) => time.GetUtcNow() + (moment - Now);
}
