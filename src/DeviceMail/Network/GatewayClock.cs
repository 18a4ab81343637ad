namespace DeviceMail.Network;

/// <summary>What the gateway's clock was found to be off by.</summary>
/// <param name="By">Positive: the gateway's clock is ahead.</param>
/// <param name="At">When that was measured.</param>
/// <param name="With">The host whose clock it was compared with.</param>
public sealed record ClockOffset(TimeSpan By, DateTimeOffset At, string With)
{
    /// <summary>What services usually allow for when they judge a time that somebody else wrote.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    public bool IsTooMuch => By.Duration() > Tolerance;

    public string Words => By.Duration() < TimeSpan.FromSeconds(2) ? $"agrees with {With}" : $"{Length(By.Duration())} {(By > TimeSpan.Zero ? "ahead of" : "behind")} {With}";

    private static string Length(TimeSpan length) => length switch
    {
        { TotalMinutes: < 2 } => $"{length.TotalSeconds:0} seconds",
        { TotalHours: < 2 } => $"{length.TotalMinutes:0} minutes",
        { TotalDays: < 2 } => $"{length.TotalHours:0} hours",
        _ => $"{length.TotalDays:0} days",
    };
}

/// <summary>Compares the gateway's clock with the Date of every answer of a sign-in service (RFC 9110 6.6.1; exact to a second).</summary>
public sealed class GatewayClock(TimeProvider time)
{
    private volatile ClockOffset? _last;

    /// <summary>Null: no sign-in service has answered since the start.</summary>
    public ClockOffset? Last => _last;

    public TimeZoneInfo Zone => time.LocalTimeZone;

    /// <param name="with">The service's host.</param>
    /// <param name="asked">When the question was sent, by the gateway's clock.</param>
    /// <param name="theirs">The Date of the answer.</param>
    public void Compare(string with, DateTimeOffset asked, DateTimeOffset theirs)
    {
        var now = time.GetUtcNow();
        // Somewhere between question and answer, and somewhere in the second that the header names.
        _last = new ClockOffset(asked + (now - asked) / 2 - theirs - TimeSpan.FromSeconds(0.5), now, with);
    }
}
