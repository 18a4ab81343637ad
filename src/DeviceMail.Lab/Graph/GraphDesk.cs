using DeviceMail.Lab.Mailboxes;
using Microsoft.AspNetCore.Http;

namespace DeviceMail.Lab.Graph;

/// <summary>A message that is ready to go: Graph knows its recipients from the message alone.</summary>
public sealed record GraphMail(string From, IReadOnlyList<string> Recipients, MailBody Body);

/// <summary>The last checks of a message, its delivery, and the answer to it.</summary>
public sealed class GraphDesk(PretendCloud cloud)
{
    /// <summary>Null when the message lies in the mailboxes; otherwise its body is gone.</summary>
    public GraphRefusal? Deliver(GraphCaller caller, GraphMail mail)
    {
        if (Refusal(caller, mail) is { } refusal)
        {
            mail.Body.Delete();
            return refusal;
        }

        var session = caller.Grant.Session;
        var envelope = new LabEnvelope(mail.From, mail.Recipients, caller.Mailbox.Mailbox)
        {
            Way = "graph",
            TokenOf = session.Account.Address,
            Session = session.Number,
            Origin = session.Origin,
        };
        cloud.Mailboxes.Deliver(envelope, mail.Body);
        cloud.Counters.CountGraphMessage();
        return null;
    }

    public IResult Answer(HttpContext c, GraphRefusal? refusal)
    {
        if (refusal is not null)
            return refusal.Answer(c, cloud.Time);
        if (!cloud.Switches.TakeLostAnswer())
            return Results.StatusCode(StatusCodes.Status202Accepted);
        c.Abort();
        return Results.Empty;
    }

    private GraphRefusal? Refusal(GraphCaller caller, GraphMail mail)
    {
        var switches = cloud.Switches;
        var mailbox = caller.Mailbox.Mailbox;
        if (mail.Recipients.Count == 0)
            return GraphRefusal.NoRecipients;
        if (mail.Recipients.Count > switches.RecipientsPerMessage)
            return GraphRefusal.TooManyRecipients;
        if (mail.Body.Size > switches.MailboxMegabytes * 1024L * 1024)
            return GraphRefusal.MessageTooLarge;
        if (switches.SendAsDenied || !cloud.Tenant.MaySendAs(mailbox, mail.From))
            return GraphRefusal.SendAsDenied(mailbox, mail.From);
        if (switches.MailboxFull)
            return GraphRefusal.MailboxFull;
        return switches.OverQuota || !cloud.Limits.TakeRecipients(mailbox, mail.Recipients.Count) ? GraphRefusal.QuotaUsedUp : null;
    }
}
