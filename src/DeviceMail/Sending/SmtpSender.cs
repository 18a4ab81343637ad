using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Network;
using DeviceMail.Queue;
using DeviceMail.Storage;
using MailKit;
using MailKit.Net.Smtp;

namespace DeviceMail.Sending;

/// <summary>Hands one stored mail to the account's SMTP server: exactly the envelope's recipients, exactly the stored octets where the server takes them.</summary>
internal sealed class SmtpSender(MailQueue queue, UpstreamConnector connector, TimeProvider time) : ISender
{
    private static readonly SendOutcome.Refused _needsUtf8 = new(Problems.NeedsUtf8, "The server does not announce SMTPUTF8.");

    private const int ServerClosesChannel = 421;
    private const int AuthenticationRequired = 530;

    private static readonly TimeSpan _sendLimit = TimeSpan.FromMinutes(15);
    private static readonly TimeSpan _diskWait = TimeSpan.FromSeconds(30);

    // A slower line than this is no line: 16 KB a second.
    private const double SlowestOctetsPerSecond = 16_384;

    /// <inheritdoc cref="TokenKeeper.Hurry"/>
    public void Hurry(long accountId) => connector.Hurry(accountId);

    public async Task<DeliveryResult> SendAsync(SendAttempt attempt, CancellationToken cancel)
    {
        var (job, account, gateway) = attempt;
        var open = attempt.Open;
        using var limit = new SendLimit(time, _sendLimit + TimeSpan.FromSeconds(job.Traits.Size / SlowestOctetsPerSecond), cancel);
        try
        {
            using var stored = queue.OpenBody(job);
            if (stored.Length != job.Traits.Size) return Gone(open, $"The mail has {stored.Length} octets left of {job.Traits.Size}.");
            return await SendAsync(new OutgoingMail(job, account, stored, gateway), open, attempt.Pool, limit.Token);
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return Gone(open, "The file of the mail is not in the spool folder.");
        }
        catch (StorageFailedException fault)
        {
            return DeliveryResult.ForAll(open, new SendOutcome.TryLater(fault.Failure == StorageFailure.DiskFull ? Problems.DiskFull : Problems.DiskFailed, fault.Message, _diskWait) { Counts = false });
        }
        catch (Exception fault) when (limit.IsOver)
        {
            return Lost(open, $"The server did not answer in time. {fault.Message}");
        }
    }

    private async Task<DeliveryResult> SendAsync(OutgoingMail mail, MailAddress[] open, UpstreamPool pool, CancellationToken cancel)
    {
        if (pool.TryTake() is { } reused && await TryAsync(reused, mail, open, pool, cancel) is { } result) return result;
        await pool.GoodbyesAsync();
        return await connector.OpenAsync(mail.Account, mail.Gateway, cancel) switch
        {
            Opening.Ready { Client: var client } => await TryAsync(client, mail, open, pool, cancel) ?? Lost(open, "The connection was lost before the server answered."),
            Opening.Failed failed => DeliveryResult.ForAll(open, failed.Outcome),
            var opening => throw new InvalidOperationException($"{opening} is no outcome."),
        };
    }

    /// <returns>Null when the connection was lost before the server answered MAIL: nothing was handed over, and another can be tried at once.</returns>
    private static async Task<DeliveryResult?> TryAsync(UpstreamClient client, OutgoingMail mail, MailAddress[] open, UpstreamPool pool, CancellationToken cancel)
    {
        try
        {
            var result = open.Any(client.Abilities.Takes)
                ? await FitAsync(mail, client, cancel) switch
                {
                    Fitting.Refused refused => DeliveryResult.ForAll(open, refused.Outcome),
                    Fitting.Fits { Message: var message } => await HandOverAsync(client, mail, message, open, cancel),
                    var fitting => throw new InvalidOperationException($"{fitting} neither fits nor is refused."),
                }
                : Each(open, client, _needsUtf8);
            // Only now: who takes the connection next forgets what this attempt was told.
            pool.Give(client);
            return result;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    private static async Task<Fitting> FitAsync(OutgoingMail mail, UpstreamClient client, CancellationToken cancel)
    {
        try
        {
            return await MessageFitting.FitAsync(mail, client.Abilities, cancel);
        }
        catch (IOException fault)
        {
            throw new StorageFailedException(StorageFailure.Broken, $"The content of the mail cannot be read: {fault.Message}", fault);
        }
    }

    private static async Task<DeliveryResult?> HandOverAsync(
        UpstreamClient client, OutgoingMail mail, StoredMessage message, MailAddress[] open, CancellationToken cancel)
    {
        using var sent = message;
        var sender = OutgoingHeader.EnvelopeSender(mail.Job, mail.Account);
        try
        {
            var words = await client.SendAsync(message, sender, open.Where(client.Abilities.Takes), cancel);
            return Each(open, client, new SendOutcome.Sent($"250 {words}"));
        }
        catch (SmtpCommandException refusal)
        {
            var closes = (int)refusal.StatusCode == ServerClosesChannel;
            if (closes && client.IsReused && refusal.ErrorCode == SmtpErrorCode.SenderNotAccepted) return Drop(client, null);
            var outcome = Judge(refusal, sender == mail.Account.Address, client.Refused.Count > 0 && client.Refused.Count == open.Count(client.Abilities.Takes));
            var result = Each(open, client, outcome);
            return closes || outcome is SendOutcome.Held ? Drop(client, result) : result;
        }
        catch (ServiceNotAuthenticatedException refusal)
        {
            var outcome = SmtpReplies.Judge(new SmtpReply(AuthenticationRequired, refusal.Message), SmtpPhase.Sender);
            return Drop(client, client.IsReused ? null : DeliveryResult.ForAll(open, outcome));
        }
        catch (Exception fault) when (UpstreamConnector.IsNetwork(fault, cancel))
        {
            return Drop(client, client.HasAnswered ? Lost(open, fault.Message) : null);
        }
    }

    private static SendOutcome Judge(SmtpCommandException refusal, bool isOwnSender, bool allRefused) => SmtpReplies.Judge(
        new SmtpReply((int)refusal.StatusCode, refusal.Message),
        refusal.ErrorCode switch
        {
            SmtpErrorCode.SenderNotAccepted => isOwnSender ? SmtpPhase.OwnSender : SmtpPhase.Sender,
            SmtpErrorCode.RecipientNotAccepted => SmtpPhase.Recipient,
            _ when allRefused => SmtpPhase.Recipient,
            _ => SmtpPhase.Data,
        });

    private static DeliveryResult Each(MailAddress[] open, UpstreamClient client, SendOutcome others) => new([.. open.Select(address =>
    {
        if (!client.Abilities.Takes(address)) return new RecipientOutcome(address, _needsUtf8);
        var named = UpstreamClient.Mailbox(address).Address;
        var refused = client.Refused.FirstOrDefault(one => string.Equals(one.Address, named, StringComparison.OrdinalIgnoreCase));
        return new RecipientOutcome(address, refused.Reply is null ? others : SmtpReplies.Judge(refused.Reply, SmtpPhase.Recipient));
    })]);

    private static DeliveryResult? Drop(UpstreamClient client, DeliveryResult? result)
    {
        client.Dispose();
        return result;
    }

    private static DeliveryResult Lost(MailAddress[] open, string words) =>
        DeliveryResult.ForAll(open, new SendOutcome.TryLater(Problems.ServerUnreachable, UpstreamConnector.FirstLine(words)));

    private static DeliveryResult Gone(MailAddress[] open, string words) => DeliveryResult.ForAll(open, new SendOutcome.Refused(Problems.BodyGone, words));
}
