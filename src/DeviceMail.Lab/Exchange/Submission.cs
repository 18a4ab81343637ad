using DeviceMail.Lab.Entra;
using DeviceMail.Lab.Mailboxes;
using DeviceMail.Lab.Switches;

namespace DeviceMail.Lab.Exchange;

/// <summary>One message between MAIL and the end of its data.</summary>
public sealed record Submission(SmtpIdentity Identity, string Sender)
{
    public List<string> Recipients { get; } = [];

    /// <summary>Bytes that came by BDAT so far; null before the first chunk.</summary>
    public BodySpool? Chunks { get; set; }
}

/// <summary>What becomes of a message whose data is complete: Exchange Online says most refusals only here.</summary>
public sealed class SubmissionDesk(PretendCloud cloud, SmtpReplies replies, MailboxLimits limits)
{
    public BodySpool NewSpool() => new(cloud.Folder) { Limit = SmtpReplies.AnnouncedSize };

    public bool Begin(Submission submission) => limits.Begin(submission.Identity.Mailbox);

    public void End(Submission submission) => limits.End(submission.Identity.Mailbox);

    /// <summary>The reply to the end of the data; the message lies in the mailboxes when it starts with 250.</summary>
    public async Task<string> SubmitAsync(Submission submission, BodySpool spool, CancellationToken ct)
    {
        if (cloud.Switches.Scripts.Take(SmtpPhase.EndData) is { } scripted)
            return scripted;
        if (spool.Size > SmtpReplies.AnnouncedSize || spool.Size > cloud.Switches.MailboxMegabytes * 1024L * 1024)
            return replies.TooLarge;
        var body = spool.Finish();
        var reply = Refusal(submission, body, out var messageId);
        if (reply is null)
        {
            var wait = limits.TakeMinute(submission.Identity.Mailbox);
            if (wait > TimeSpan.Zero)
                await Task.Delay(wait.Value, cloud.Time, ct);
            reply = wait is null ? replies.TooFast
                : limits.TakeRecipients(submission.Identity.Mailbox, submission.Recipients.Count) ? null
                : replies.OverQuota;
        }

        if (reply is not null)
        {
            body.Delete();
            return reply;
        }

        if (cloud.Tenant.Find(submission.Identity.Account) is { Kind: AccountKind.Personal })
            (body, messageId) = ConsumerMail.Rewrite(body, NewSpool());
        var session = submission.Identity.Session;
        var envelope = new LabEnvelope(submission.Sender, [.. submission.Recipients], submission.Identity.Mailbox)
        {
            TokenOf = submission.Identity.Account,
            Session = session?.Number,
            Origin = session?.Origin,
        };
        cloud.Mailboxes.Deliver(envelope, body);
        cloud.Counters.CountMessage();
        return SmtpReplies.Accepted(messageId);
    }

    private string? Refusal(Submission submission, MailBody body, out string messageId)
    {
        var header = MimeReader.ReadHeader(body);
        messageId = header.GetValueOrDefault("Message-ID", $"<{Guid.NewGuid():N}@{SmtpReplies.Host}>");
        var identity = submission.Identity;
        if (identity.Session is { Origin: SessionOrigin.Application } && !cloud.Tenant.MayApplicationOpen(identity.Mailbox))
            return replies.NoMailboxRight;
        var from = MailAddresses.Single(header.GetValueOrDefault("From", submission.Sender));
        foreach (var sender in (string[])[submission.Sender, from])
        {
            if (cloud.Switches.SendAsDenied || !cloud.Tenant.MaySendAs(identity.Mailbox, sender))
                return replies.SendAsDenied(identity.Mailbox, sender);
        }

        if (cloud.Switches.OverQuota)
            return replies.OverQuota;
        return cloud.Switches.MailboxFull ? replies.MailboxFull : null;
    }
}
