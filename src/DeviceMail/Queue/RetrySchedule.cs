namespace DeviceMail.Queue;

/// <summary>
/// When a put-off job is tried again: soon at first, because somebody waits for a scan, then every hour. A fifth more or less keeps
/// jobs that failed together from coming back together.
/// </summary>
public static class RetrySchedule
{
    private static readonly TimeSpan[] _waits =
    [
        TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10),
        TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(30), TimeSpan.FromHours(1),
    ];

    /// <summary>Fewer attempts never give up, however old a job is: the gateway may have been switched off.</summary>
    public const int LeastAttempts = 3;

    /// <param name="attempts">Attempts made so far, 1 or more.</param>
    /// <param name="jitter">From 0 to 1, evenly distributed.</param>
    public static TimeSpan Wait(int attempts, double jitter)
    {
        var wait = _waits[Math.Clamp(attempts, 1, _waits.Length) - 1];
        return wait * (0.8 + jitter * 0.4);
    }

    /// <param name="job">The job after its last attempt.</param>
    /// <param name="now">The wall clock.</param>
    /// <param name="giveUpAfter">The setting queue.give-up-after.</param>
    /// <returns>
    /// Whether it was tried for that long: the attempts are counted, so that neither a time in which nothing was tried (the gateway was off, the account
    /// held) nor a wall clock that jumped ends it early.
    /// </returns>
    public static bool GivesUp(Job job, DateTimeOffset now, TimeSpan giveUpAfter) =>
        job.Attempts >= LeastAttempts && now - job.ReceivedAt >= giveUpAfter && Tried(job.Attempts) >= giveUpAfter;

    /// <summary>The waits between so many attempts together.</summary>
    private static TimeSpan Tried(int attempts)
    {
        var listed = Math.Min(attempts - 1, _waits.Length);
        return _waits[..listed].Aggregate(TimeSpan.Zero, (sum, wait) => sum + wait) + _waits[^1] * (attempts - 1 - listed);
    }
}
