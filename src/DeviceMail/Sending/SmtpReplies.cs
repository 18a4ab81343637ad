using DeviceMail.Activity;
using DeviceMail.Queue;

namespace DeviceMail.Sending;

/// <summary>In which step of the dialogue a server said something.</summary>
public enum SmtpPhase
{
    Connect,
    SignIn,

    /// <summary>MAIL with the account's own address.</summary>
    OwnSender,

    /// <summary>MAIL with another address, which only this mail may have.</summary>
    Sender,
    Recipient,
    Data,
}

/// <summary>A server's reply: code, and the text behind it with its enhanced code (RFC 5321 4.2, RFC 2034).</summary>
public sealed record SmtpReply(int Code, string Text)
{
    public override string ToString() => $"{Code} {Text}".Trim();
}

/// <summary>
/// What servers mean by their replies; the first rule of the catalogue that fits decides. Codes alone lie: a 535 is permanent for the session but
/// the mail must be kept, a 554 can be a daily limit, a 451 can ask for TLS.
/// </summary>
public static class SmtpReplies
{
    /// <summary>How long a mail waits for the provider's limit when the reply names no time.</summary>
    public static readonly TimeSpan LimitWait = TimeSpan.FromMinutes(1);

    /// <summary>How long it waits for a limit of a day.</summary>
    public static readonly TimeSpan QuotaWait = TimeSpan.FromHours(1);

    public static SendOutcome Judge(SmtpReply reply, SmtpPhase phase)
    {
        var rule = Catalogue.OfReply(ReplyWords.Of(reply.Code, reply.Text));
        var (verdict, problem) = rule is null ? (Verdict.Later, Problems.ServerBusy) : InPhase(rule, phase);
        var words = reply.ToString();
        return verdict switch
        {
            Verdict.Later => new SendOutcome.TryLater(problem, words),
            Verdict.Wait => new SendOutcome.TryLater(problem, words, LimitWait) { Counts = false },
            Verdict.WaitHour => new SendOutcome.TryLater(problem, words, QuotaWait) { Counts = false },
            Verdict.Hold => new SendOutcome.Held(problem, words),
            _ => new SendOutcome.Refused(problem, words),
        };
    }

    /// <summary>Before the envelope nothing is said about the mail: what is refused there is the account's trouble, and mail never fails for it.</summary>
    private static (Verdict Verdict, Problem Problem) InPhase(ReplyEntry rule, SmtpPhase phase) => (rule.Verdict, phase) switch
    {
        (Verdict.Refuse, SmtpPhase.SignIn) => (Verdict.Hold, rule.IsAnyReply ? Problems.SignInAgain : rule.Problem),
        (Verdict.Refuse, SmtpPhase.Connect) => (Verdict.Hold, rule.IsAnyReply ? Problems.GatewayNotWelcome : rule.Problem),
        // It would be said to every mail of the account.
        (Verdict.Refuse, SmtpPhase.OwnSender) when rule.IsAnyReply => (Verdict.Hold, Problems.SendAsDenied),
        (Verdict.Refuse, SmtpPhase.Recipient) when rule.IsAnyReply => (Verdict.Refuse, Problems.RecipientRefused),
        _ => (rule.Verdict, rule.Problem),
    };
}
