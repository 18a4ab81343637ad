using System.Text;
using System.Text.Unicode;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Queue;
using MimeKit;

namespace DeviceMail.Sending;

/// <summary>One job on its way out: who sends it, and the stored octets, which the caller disposes.</summary>
internal sealed record OutgoingMail(Job Job, Account Account, Stream Stored, GatewayIdentity Gateway)
{
    /// <summary>The header as it leaves, from the one that the account's policy made.</summary>
    public Func<byte[], byte[]> Rewrite { get; init; } = header => header;
}

/// <summary>What a server takes.</summary>
/// <param name="TakesUtf8">Addresses and headers in UTF-8 (RFC 6531).</param>
/// <param name="TakesEightBit">Octets over 127 in the body (RFC 6152).</param>
/// <param name="LargestMessage">In octets.</param>
internal sealed record ServerAbilities(bool TakesUtf8, bool TakesEightBit, long LargestMessage)
{
    /// <summary>Whether an address can travel through this server; a domain beyond ASCII always can, in its xn-- form (RFC 5890).</summary>
    public bool Takes(MailAddress address) => TakesUtf8 || Ascii.IsValid(address.Local);
}

/// <summary>A message in the form a server takes, or why there is none.</summary>
internal abstract record Fitting
{
    public sealed record Fits(StoredMessage Message) : Fitting;

    public sealed record Refused(SendOutcome.Refused Outcome) : Fitting;
}

/// <summary>
/// Brings a stored message into the form that a server takes. Most leave octet by octet as they came; what the server does not take is re-encoded
/// where nothing signed is broken by it and the mail is no larger than <see cref="ReencodedBody.LargestMessage"/>, and refused otherwise.
/// </summary>
internal static class MessageFitting
{
    public static async Task<Fitting> FitAsync(OutgoingMail mail, ServerAbilities server, CancellationToken cancel)
    {
        var traits = mail.Job.Traits;
        if (OutgoingHeader.EnvelopeSender(mail.Job, mail.Account) is { } sender && !server.Takes(sender))
            return Refuse(Problems.NeedsUtf8, "The server does not announce SMTPUTF8, which the sender's address needs.");
        var raw = new byte[traits.HeaderLength];
        mail.Stored.Position = 0;
        await mail.Stored.ReadExactlyAsync(raw, cancel);
        var header = mail.Rewrite(OutgoingHeader.Write(mail.Job, mail.Account, raw, mail.Gateway));

        OutgoingBody body = new StoredBody(mail.Stored, traits.HeaderLength) { EightBit = traits.BodyHasEightBit ? EightBit.Yes : EightBit.No };
        if (await ObstacleAsync(mail, body, server, cancel) is { } obstacle)
        {
            if (traits.IsSigned) return Refuse(obstacle, "The mail is signed or encrypted, and re-encoding would break that.");
            if (traits.Size > ReencodedBody.LargestMessage) return Refuse(obstacle, "The mail is over 25 MB, too large to re-encode.");
            var constraint = server.TakesEightBit ? EncodingConstraint.EightBit : EncodingConstraint.SevenBit;
            if (await ReencodedBody.TryCreateAsync(mail.Stored, traits.HeaderLength, constraint, cancel) is not { } reencoded)
                return Refuse(obstacle, "A part of the mail is signed or encrypted, and re-encoding would break that.");
            header = [.. HeaderFields.Split(header).Where(field => !ReencodedBody.IsContentField(field)).SelectMany(field => field.Raw.ToArray()), .. reencoded.Fields];
            body = reencoded;
        }
        return Fit(header, body, server);
    }

    private static Fitting Fit(byte[] header, OutgoingBody body, ServerAbilities server)
    {
        if (OctetMeter.Measure(header).LongestLine > SevenBitFields.LongestLine)
        {
            if (SevenBitFields.Encode(header, SevenBitFields.IsTooLong) is not { } folded)
                return Refuse(Problems.LineTooLong, "A line of the header has over 998 octets and cannot be folded.");
            header = folded;
        }
        if (!server.TakesUtf8 && !Ascii.IsValid(header))
        {
            if (SevenBitFields.Encode(header, SevenBitFields.HasEightBit) is not { } encoded)
                return Refuse(Problems.NeedsUtf8, "The server does not announce SMTPUTF8, which an address in the header needs.");
            header = encoded;
        }
        var hasEightBit = !Ascii.IsValid(header);
        var message = new StoredMessage(header, body, hasEightBit ? EightBit.Yes : EightBit.No) { AsksUtf8 = hasEightBit && Utf8.IsValid(header) };
        if (message.Length <= server.LargestMessage) return new Fitting.Fits(message);
        message.Dispose();
        return Refuse(Problems.MessageTooLarge, $"The server takes {server.LargestMessage} octets at most.");
    }

    /// <summary>Why the body cannot leave as it is, or null.</summary>
    private static async Task<Problem?> ObstacleAsync(OutgoingMail mail, OutgoingBody body, ServerAbilities server, CancellationToken cancel)
    {
        var traits = mail.Job.Traits;
        if (traits.BodyHasEightBit && !server.TakesEightBit) return Problems.NeedsEightBit;
        if (traits.LongestLine <= SevenBitFields.LongestLine) return null;
        // The traits do not say whether the long line is the header's or the body's.
        var octets = new OctetMeter();
        await body.CopyToAsync(octets, cancel);
        return octets.LongestLine > SevenBitFields.LongestLine ? Problems.LineTooLong : null;
    }

    private static Fitting.Refused Refuse(Problem problem, string words) => new(new SendOutcome.Refused(problem, words));
}
