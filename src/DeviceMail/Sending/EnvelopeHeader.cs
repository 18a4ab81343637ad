using System.Text;
using DeviceMail.Messages;
using MimeKit;

namespace DeviceMail.Sending;

/// <summary>
/// Makes a header name exactly the envelope's recipients, for an interface that reads them there and nowhere else: who stands in To and Cc and is no
/// recipient of this mail is taken out, and who is a recipient and stands nowhere gets into Bcc. A field that names recipients alone stays as it came.
/// </summary>
internal static class EnvelopeHeader
{
    private static readonly string[] _fields = ["To", "Cc"];

    // They name recipients too (RFC 5322 3.6.6), and of an earlier journey.
    private static readonly string[] _earlier = ["Bcc", "Resent-To", "Resent-Cc", "Resent-Bcc"];

    /// <param name="header">Fields ended by CRLF, without the closing empty line.</param>
    /// <param name="recipients">Who gets the mail.</param>
    public static byte[] Write(byte[] header, IReadOnlyCollection<MailAddress> recipients)
    {
        var left = recipients.ToHashSet();
        using var written = new MemoryStream(header.Length + 256);
        foreach (var field in HeaderFields.Split(header))
        {
            if (_earlier.Any(field.Is)) continue;
            if (_fields.Any(field.Is)) Put(written, field, recipients, left);
            else written.Write(field.Raw.Span);
        }
        if (left.Count > 0)
        {
            // In the envelope's order, so that a second attempt says the same.
            var list = new InternetAddressList(recipients.Where(left.Contains).Distinct().Select(UpstreamClient.Mailbox));
            written.Write(Field("Bcc", list));
        }
        return written.ToArray();
    }

    private static void Put(Stream written, HeaderField field, IReadOnlyCollection<MailAddress> recipients, HashSet<MailAddress> left)
    {
        if (!InternetAddressList.TryParse(ParserOptions.Default, Encoding.UTF8.GetBytes(field.Value), out var named)) return;
        // A group (undisclosed-recipients:;) has a name and perhaps members; its members are judged like all others.
        var kept = named.Mailboxes.Where(one => AddressOf(one) is { } address && recipients.Contains(address)).ToList();
        foreach (var one in kept) left.Remove(AddressOf(one)!);
        if (kept.Count == named.Mailboxes.Count()) written.Write(field.Raw.Span);
        else if (kept.Count > 0) written.Write(Field(field.Name, new InternetAddressList(kept)));
    }

    private static MailAddress? AddressOf(MailboxAddress mailbox) => MailAddress.TryParse(mailbox.Address, out var address) ? address : null;

    /// <summary>One field, folded, in ASCII (RFC 2047, RFC 5890).</summary>
    private static byte[] Field(string name, InternetAddressList list)
    {
        var header = new Header(Encoding.UTF8, name, "");
        header.SetRawValue(Encoding.ASCII.GetBytes($" {list.ToString(SevenBitFields.WireOptions, encode: true).Trim()}\r\n"));
        return [.. Encoding.ASCII.GetBytes($"{name}:"), .. header.RawValue];
    }
}
