namespace DeviceMail.Queue;

/// <summary>
/// Tells one who waits that something has changed. Take <see cref="Next"/> first, look at the state second, wait third: then no ring is lost,
/// because one in between has completed the task already.
/// </summary>
internal sealed class Doorbell
{
    private TaskCompletionSource _next = Fresh();

    /// <summary>Completes at the next ring.</summary>
    public Task Next => Volatile.Read(ref _next).Task;

    public void Ring() => Interlocked.Exchange(ref _next, Fresh()).TrySetResult();

    private static TaskCompletionSource Fresh() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
