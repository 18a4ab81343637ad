using DeviceMail.Activity;
using DeviceMail.Queue;

namespace DeviceMail.Sending;

/// <summary>In which step of the dialogue a server said something.</summary>
public enum SmtpPhase
{
    Connect,
    SignIn,
    Sender,
    Recipient,
    Data,
}

/// <summary>A server's reply: code, and the text behind it with its enhanced code (RFC 5321 4.2, RFC 2034).</summary>
public sealed record SmtpReply(int Code, string Text)
{
    public override string ToString() => $"{Code} {Text}".Trim();
}

/// <summary>What a reply means for the mail.</summary>
public enum Verdict
{
    Later,

    /// <summary>Later, and no fault: the provider's limit.</summary>
    WaitForLimit,

    Hold,
    Refuse,
}

/// <param name="Code">The reply code, or 0 for any.</param>
/// <param name="Contains">A part of the text, in any letter case; empty for any.</param>
/// <param name="Problem">What it is called in the catalogue.</param>
/// <param name="Verdict">What follows.</param>
public sealed record ReplyRule(int Code, string Contains, Problem Problem, Verdict Verdict);

/// <summary>
/// What servers mean by their replies; the first rule that fits decides. Codes alone lie: a 535 is permanent for the session but the mail
/// must be kept, a 554 can be a daily limit, a 451 can ask for TLS. Sources: Microsoft's and Google's published replies, and transcripts.
/// </summary>
public static class SmtpReplies
{
    /// <summary>How long a mail waits for the provider's limit when the reply names no time.</summary>
    public static readonly TimeSpan LimitWait = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan _quotaWait = TimeSpan.FromHours(1);

    public static IReadOnlyList<ReplyRule> Rules { get; } =
    [
        new(0, "SmtpClientAuthentication is disabled", Problems.SmtpAuthOff, Verdict.Hold),
        new(0, "security defaults", Problems.SmtpAuthOff, Verdict.Hold),
        new(0, "basic authentication is", Problems.PasswordRefused, Verdict.Hold),
        new(0, "5.7.30", Problems.PasswordRefused, Verdict.Hold),
        new(0, "5.7.139", Problems.BlockedByPolicy, Verdict.Hold),
        new(0, "SendAsDenied", Problems.SendAsDenied, Verdict.Hold),
        new(0, "5.7.60", Problems.SendAsDenied, Verdict.Hold),
        new(0, "5.2.252", Problems.SendAsDenied, Verdict.Hold),
        new(0, "SubmissionQuotaExceeded", Problems.QuotaReached, Verdict.WaitForLimit),
        new(0, "5.7.233", Problems.QuotaReached, Verdict.WaitForLimit),
        new(0, "5.7.236", Problems.QuotaReached, Verdict.WaitForLimit),
        new(0, "Daily user sending limit exceeded", Problems.QuotaReached, Verdict.WaitForLimit),
        new(432, "", Problems.ProviderLimit, Verdict.WaitForLimit),
        new(0, "4.3.2", Problems.ProviderLimit, Verdict.WaitForLimit),
        new(0, "4.7.66", Problems.TlsNotOffered, Verdict.Hold),
        new(451, "5.7.3", Problems.TlsNotOffered, Verdict.Hold),
        new(530, "STARTTLS", Problems.TlsNotOffered, Verdict.Hold),
        new(530, "", Problems.SignInAgain, Verdict.Hold),
        new(534, "", Problems.SignInAgain, Verdict.Hold),
        new(535, "", Problems.SignInAgain, Verdict.Hold),
        new(454, "4.7.0", Problems.Unreachable, Verdict.Later),
        new(430, "4.2.0", Problems.SendAsDenied, Verdict.Later),
        new(0, "mailbox full", Problems.MailboxFull, Verdict.Hold),
        new(554, "5.2.2", Problems.MailboxFull, Verdict.Hold),
        new(0, "5.3.4", Problems.MessageTooLarge, Verdict.Refuse),
        new(0, "5.2.3", Problems.MessageTooLarge, Verdict.Refuse),
        new(552, "", Problems.MessageTooLarge, Verdict.Refuse),
        new(421, "", Problems.ServerBusy, Verdict.Later),
        new(450, "", Problems.ServerBusy, Verdict.Later),
        new(451, "", Problems.ServerBusy, Verdict.Later),
        new(452, "", Problems.ServerBusy, Verdict.Later),
    ];

    public static SendOutcome Judge(SmtpReply reply, SmtpPhase phase)
    {
        var rule = Rules.FirstOrDefault(one => (one.Code == 0 || one.Code == reply.Code)
            && (one.Contains.Length == 0 || reply.Text.Contains(one.Contains, StringComparison.OrdinalIgnoreCase)));
        var verdict = rule?.Verdict ?? (reply.Code is >= 500 and < 600 ? phase == SmtpPhase.SignIn ? Verdict.Hold : Verdict.Refuse : Verdict.Later);
        var problem = rule?.Problem ?? (verdict switch
        {
            Verdict.Hold => Problems.SignInAgain,
            Verdict.Refuse => phase == SmtpPhase.Recipient ? Problems.RecipientRefused : Problems.MessageRefused,
            _ => Problems.ServerBusy,
        });
        var words = reply.ToString();
        return verdict switch
        {
            Verdict.Later => new SendOutcome.TryLater(problem, words),
            Verdict.WaitForLimit => new SendOutcome.TryLater(problem, words, problem == Problems.QuotaReached ? _quotaWait : LimitWait) { Counts = false },
            Verdict.Hold => new SendOutcome.Held(problem, words),
            _ => new SendOutcome.Refused(problem, words),
        };
    }
}
