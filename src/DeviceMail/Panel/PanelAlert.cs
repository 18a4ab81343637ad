using DeviceMail.EmailServer;

namespace DeviceMail.Panel;

/// <summary>What stands in the way of mail, in one line for the person at the panel; who mends it is the administrator.</summary>
/// <param name="Mark">The mark of its status line.</param>
public sealed record PanelAlert(string Mark, string Sentence)
{
    /// <summary>The guide's sentence where there is no sign-in, word for word (Troubleshooting, Cannot send email).</summary>
    public const string NoSignIn = "To use this function, you must sign in to your email service. Please contact your administrator.";

    /// <summary>How long before its end a sign-in is spoken of.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromDays(14);

    /// <summary>Null where mail goes out, and goes on doing so.</summary>
    public static PanelAlert? Of(GatewayStatus status, DateTimeOffset now)
    {
        if (status.DiskTrouble is not null) return new("bad", "No mail is taken now: the gateway's disk does not keep it. Please contact your administrator.");
        if (status.Accounts.Count == 0) return new("bad", NoSignIn);
        if (status.Accounts.FirstOrDefault(account => account.Problem is not null) is { Problem: { } problem }) return Of(problem);
        var ends = status.Accounts.Where(account => account.PredictedEnd is { } end && end - now < Ahead).Min(account => account.PredictedEnd);
        return ends is { } soon ? new("warn", $"The sign-in for sending mail ends {InDays(soon - now)}. Please tell your administrator.") : null;
    }

    /// <summary>The alert for one problem; a job that is held for it says the same.</summary>
    public static PanelAlert Of(ProblemLine problem) => problem.Key switch
    {
        "not-signed-in" or "not-saved" => new("bad", NoSignIn),
        "account-paused" => new("held", "An administrator has paused sending. Mail is kept, and goes out when sending goes on."),
        _ => new("bad", $"{problem.Title}{(problem.Code is { } code ? $" (code {code})" : "")}. Mail is kept, and goes out by itself once this is mended. Please contact your administrator."),
    };

    private static string InDays(TimeSpan left) => left.Days switch { <= 0 => "within a day", 1 => "in 1 day", var days => $"in {days} days" };
}
