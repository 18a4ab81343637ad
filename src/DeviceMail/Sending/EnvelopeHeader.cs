using System.Text;
using DeviceMail.Messages;
using MimeKit;

namespace DeviceMail.Sending;

/// <summary>
/// A header that names exactly the envelope's recipients, for an interface that reads them there and nowhere else: who stands in To and Cc and is no
/// recipient of this mail is taken out, and who is a recipient and stands nowhere gets into Bcc. A field that is plain, single, and names recipients
/// alone stays as it came; any other is written anew, so that nobody can read it in another way than we did.
/// </summary>
/// <param name="Octets">Fields ended by CRLF, without the closing empty line.</param>
internal sealed record EnvelopeHeader(byte[] Octets)
{
    private static readonly string[] _names = ["To", "Cc"];

    // They name recipients too (RFC 5322 3.6.6), and of an earlier journey.
    private static readonly string[] _earlier = ["Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc"];

    private static readonly ParserOptions _strict = new() { AddressParserComplianceMode = RfcComplianceMode.Strict, AllowAddressesWithoutDomain = false, AllowUnquotedCommasInAddresses = false };

    public required IReadOnlyList<MailboxAddress> To { get; init; }

    public required IReadOnlyList<MailboxAddress> Cc { get; init; }

    public required IReadOnlyList<MailboxAddress> Bcc { get; init; }

    /// <summary>Who would get a mail with this header.</summary>
    public IEnumerable<MailAddress> Recipients => To.Concat(Cc).Concat(Bcc).Select(AddressOf).OfType<MailAddress>();

    /// <param name="header">Fields ended by CRLF, without the closing empty line.</param>
    /// <param name="recipients">Who gets the mail.</param>
    public static EnvelopeHeader Of(byte[] header, IReadOnlyCollection<MailAddress> recipients)
    {
        var (fields, left) = (HeaderFields.Split(header), recipients.ToHashSet());
        var kept = _names.ToDictionary(name => name, name => Kept(fields, name, left), StringComparer.OrdinalIgnoreCase);
        // In the envelope's order, so that a second attempt says the same.
        List<MailboxAddress> bcc = [.. recipients.Where(left.Contains).Distinct().Select(UpstreamClient.Mailbox)];
        using var written = new MemoryStream(header.Length + 256);
        foreach (var field in fields.Where(field => !_earlier.Any(field.Is)))
        {
            if (_names.FirstOrDefault(field.Is) is not { } name) written.Write(field.Raw.Span);
            else if (IsPlain(fields, field, kept[name])) written.Write(field.Raw.Span);
            else if (kept[name].Count > 0 && fields.First(one => one.Is(name)).Raw.Equals(field.Raw)) written.Write(Field(field.Name, kept[name]));
        }
        if (bcc.Count > 0) written.Write(Field("Bcc", bcc));
        return new EnvelopeHeader(written.ToArray()) { To = kept["To"], Cc = kept["Cc"], Bcc = bcc };
    }

    /// <summary>The mailboxes of the first field of that name, read from its octets: a decoded name could hold what looks like an address.</summary>
    public static IReadOnlyList<MailboxAddress> Mailboxes(byte[] header, string name) =>
        HeaderFields.Split(header).FirstOrDefault(field => field.Is(name)) is { Name: not null } found ? Read(found, ParserOptions.Default) ?? [] : [];

    /// <summary>Those of all fields of a name who are recipients and were not named before.</summary>
    private static List<MailboxAddress> Kept(IReadOnlyList<HeaderField> fields, string name, HashSet<MailAddress> left) =>
        [.. fields.Where(field => field.Is(name)).SelectMany(field => Read(field, ParserOptions.Default) ?? []).Where(one => AddressOf(one) is { } address && left.Remove(address))];

    private static bool IsPlain(IReadOnlyList<HeaderField> fields, HeaderField field, List<MailboxAddress> kept) =>
        fields.Count(one => one.Is(field.Name)) == 1 && Read(field, _strict) is { } strictly && strictly.Select(one => one.Address).SequenceEqual(kept.Select(one => one.Address));

    /// <summary>A group (undisclosed-recipients:;) has a name and perhaps members; these are judged like all others.</summary>
    private static List<MailboxAddress>? Read(HeaderField field, ParserOptions options) =>
        InternetAddressList.TryParse(options, Encoding.UTF8.GetBytes(field.Value), out var named) ? [.. named.Mailboxes] : null;

    private static MailAddress? AddressOf(MailboxAddress mailbox) => MailAddress.TryParse(mailbox.Address, out var address) ? address : null;

    /// <summary>One field, folded, in ASCII (RFC 2047, RFC 5890).</summary>
    private static byte[] Field(string name, IEnumerable<MailboxAddress> mailboxes) =>
        Encoding.ASCII.GetBytes($"{name}: {new InternetAddressList(mailboxes).ToString(SevenBitFields.WireOptions, encode: true).Trim()}\r\n");
}
