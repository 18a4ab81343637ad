using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Storage;

namespace DeviceMail.Sending;

/// <summary>
/// Hands one stored mail to Microsoft Graph (user: sendMail with MIME content). Graph reads the recipients from the header, so the header is made to
/// name the envelope's and no others. What is over Graph's limit goes by a draft, where the account may.
/// </summary>
internal sealed class GraphSender(MailQueue queue, GraphChannel channel, GraphDrafts drafts, TimeProvider time) : ISender
{
    private static readonly SendOutcome.Refused _needsUtf8 = new(Problems.NeedsUtf8, "Microsoft Graph takes no letters beyond ASCII before the @.");
    private static readonly ServerAbilities _abilities = new(TakesUtf8: false, TakesEightBit: true, GraphLimits.LargestMail);

    private static readonly TimeSpan _sendLimit = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _diskWait = TimeSpan.FromSeconds(30);

    // A slower line than this is no line: 16 KB a second.
    private const double SlowestOctetsPerSecond = 16_384;

    // Never removed: one an account that there ever was in this run.
    private readonly ConcurrentDictionary<long, SemaphoreSlim> _places = new();

    public async Task<DeliveryResult> SendAsync(SendAttempt attempt, CancellationToken cancel)
    {
        var open = attempt.Open;
        MailAddress[] takes = [.. open.Where(_abilities.Takes)];
        if (takes.Length == 0) return DeliveryResult.ForAll(open, OnlyHere(attempt.Account, _needsUtf8));
        var places = _places.GetOrAdd(attempt.Account.Id, _ => new SemaphoreSlim(GraphLimits.AtOnce));
        await places.WaitAsync(cancel);
        try
        {
            var outcome = await HandOverAsync(attempt, takes, cancel);
            // What is held is decided for nobody yet.
            if (outcome is SendOutcome.Held) return DeliveryResult.ForAll(open, outcome);
            return new DeliveryResult([.. open.Select(address => new RecipientOutcome(address, takes.Contains(address) ? outcome : OnlyHere(attempt.Account, _needsUtf8)))]);
        }
        finally
        {
            places.Release();
        }
    }

    private async Task<SendOutcome> HandOverAsync(SendAttempt attempt, MailAddress[] recipients, CancellationToken cancel)
    {
        var (job, account, gateway) = attempt;
        using var limit = new SendLimit(time, _sendLimit + TimeSpan.FromSeconds(job.Traits.Size / SlowestOctetsPerSecond), cancel);
        try
        {
            using var stored = queue.OpenBody(job);
            if (stored.Length != job.Traits.Size) return new SendOutcome.Refused(Problems.BodyGone, $"The mail has {stored.Length} octets left of {job.Traits.Size}.");
            var mail = new OutgoingMail(job, account, stored, gateway) { Rewrite = header => EnvelopeHeader.Of(header, recipients).Octets };
            return await MessageFitting.FitAsync(mail, _abilities, limit.Token) switch
            {
                Fitting.Refused { Outcome.Problem: var problem } when problem == Problems.MessageTooLarge => await SendLargeAsync(mail, recipients, limit.Token),
                Fitting.Refused { Outcome: var outcome } => OnlyHere(account, outcome),
                Fitting.Fits { Message: var message } => await SendAsync(account, message, limit.Token),
                var fitting => throw new InvalidOperationException($"{fitting} neither fits nor is refused."),
            };
        }
        catch (Exception gone) when (gone is FileNotFoundException or DirectoryNotFoundException)
        {
            return new SendOutcome.Refused(Problems.BodyGone, "The file of the mail is not in the spool folder.");
        }
        catch (StorageFailedException fault)
        {
            return new SendOutcome.TryLater(fault.Failure == StorageFailure.DiskFull ? Problems.DiskFull : Problems.DiskFailed, fault.Message, _diskWait) { Counts = false };
        }
        catch (HttpRequestException fault)
        {
            return OutcomeOf(fault);
        }
        catch (IOException fault)
        {
            return new SendOutcome.TryLater(Problems.DiskFailed, $"The content of the mail cannot be read: {fault.Message}", _diskWait) { Counts = false };
        }
        catch (Exception fault) when (limit.IsOver)
        {
            return new SendOutcome.TryLater(Problems.ServerUnreachable, $"Microsoft Graph did not answer in time. {UpstreamConnector.FirstLine(fault.Message)}");
        }
    }

    /// <summary>What Graph cannot carry another interface may, and the mail waits for that one.</summary>
    private static SendOutcome OnlyHere(Account account, SendOutcome.Refused refused) =>
        account.Transports.Count > 1 ? new SendOutcome.Held(refused.Problem, refused.ServerWords) { IsThisMailAlone = true } : refused;

    private async Task<SendOutcome> SendAsync(Account account, StoredMessage message, CancellationToken cancel)
    {
        using (message)
        {
            // At most 3 MB: a second try must not depend on a stream that has been read.
            using var octets = new MemoryStream((int)message.Length);
            await message.CopyOctetsAsync(octets, cancel);
            var (reply, outcome) = await channel.AskAsync(account, Transport.Graph, () => Request(account, octets.GetBuffer().AsMemory(0, (int)octets.Length)), cancel);
            return outcome ?? (reply!.HasTaken ? new SendOutcome.Sent(Accepted(reply)) : reply.Judge() switch
            {
                SendOutcome.Refused refused when refused.Problem == Problems.MessageTooLarge => OnlyHere(account, refused),
                var other => other,
            });
        }
    }

    private async Task<SendOutcome> SendLargeAsync(OutgoingMail mail, MailAddress[] recipients, CancellationToken cancel)
    {
        var why = mail.Job.Traits switch
        {
            { IsSigned: true } => "The mail is signed or encrypted, and Graph takes larger mail only in parts, which would break that.",
            { Size: > GraphLimits.LargestDraft } => "The mail is larger than Graph takes in parts.",
            _ when !mail.Account.SendsLargeByGraph => $"The mail has {mail.Job.Traits.Size:N0} octets; Graph takes {GraphLimits.LargestMail:N0} in one piece.",
            _ => null,
        };
        return why is not null ? new SendOutcome.Held(Problems.TooLargeForGraph, why) { IsThisMailAlone = true } : await drafts.SendAsync(mail, recipients, cancel);
    }

    /// <summary>Where the account's mailbox is: its own, or the one that it, or the application, is let into.</summary>
    internal static string MailboxOf(Account account) =>
        account.IsApplication || account.SmtpUserName != account.Address.ToString() ? $"{account.Graph}/users/{Uri.EscapeDataString(account.SmtpUserName)}" : $"{account.Graph}/me";

    /// <summary>Hands over a mail that is written as it shall be (Microsoft Graph, "user: sendMail", MIME format).</summary>
    internal static HttpRequestMessage Request(Account account, ReadOnlyMemory<byte> mail) => new(HttpMethod.Post, $"{MailboxOf(account)}/sendMail") { Content = new Base64Content(mail) };

    internal static string Accepted(GraphReply reply) => $"Graph {reply.Status} accepted{(reply.RequestId.Length > 0 ? $" (request {reply.RequestId})" : "")}";

    /// <summary>Before anything was sent the account's mail is held; later the mail may have been taken, and is tried again like after a lost reply of SMTP.</summary>
    internal static SendOutcome OutcomeOf(HttpRequestException fault)
    {
        var words = UpstreamConnector.FirstLine((fault.InnerException ?? fault).Message);
        return fault.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.ProxyTunnelError => new SendOutcome.Held(Problems.ServerUnreachable, $"Microsoft Graph: {words}") { IsTransports = true },
            HttpRequestError.SecureConnectionError => new SendOutcome.Held(Problems.CertificateRefused, $"Microsoft Graph: {words}") { IsTransports = true },
            _ => new SendOutcome.TryLater(Problems.ServerUnreachable, $"Microsoft Graph: {words}"),
        };
    }

    /// <summary>A mail in base64 (RFC 4648 4), without line ends.</summary>
    private sealed class Base64Content : HttpContent
    {
        private readonly ReadOnlyMemory<byte> _octets;

        public Base64Content(ReadOnlyMemory<byte> octets)
        {
            _octets = octets;
            Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("text/plain");
        }

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            using var transform = new ToBase64Transform();
            await using var base64 = new CryptoStream(stream, transform, CryptoStreamMode.Write, leaveOpen: true);
            await base64.WriteAsync(_octets);
            await base64.FlushFinalBlockAsync();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = (_octets.Length + 2L) / 3 * 4;
            return true;
        }
    }
}
