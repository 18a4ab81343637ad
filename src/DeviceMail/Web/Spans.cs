namespace DeviceMail.Web;

/// <summary>Lengths of time as people say them: 3 s, 5 min, 2 hours, 3 days.</summary>
public static class Spans
{
    public static string Of(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => "less than 1 s",
        { TotalSeconds: < 90 } => $"{span.TotalSeconds:0} s",
        { TotalMinutes: < 90 } => $"{span.TotalMinutes:0} min",
        { TotalHours: < 48 } => $"{span.TotalHours:0} hours",
        _ => $"{span.TotalDays:0} days",
    };

    /// <summary>When something happened last, such as 5 min ago.</summary>
    public static string Ago(DateTimeOffset moment, DateTimeOffset now) => now - moment < TimeSpan.FromSeconds(5) ? "just now" : $"{Of(now - moment)} ago";
}
