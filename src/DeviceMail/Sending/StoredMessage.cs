using MimeKit;

namespace DeviceMail.Sending;

/// <summary>
/// A message that MailKit sends octet by octet as it is given: MimeKit's own parsing and writing rewrites what odd devices produce. The
/// header travels as one raw field whose value holds all lines that follow; the body is copied.
/// </summary>
internal sealed class StoredMessage : MimeMessage
{
    private readonly byte[] _header;
    private readonly OutgoingBody _body;

    /// <param name="header">Fields ended by CRLF, the first one our Received, which MimeKit writes as it is; no closing empty line.</param>
    /// <param name="body">What follows the empty line.</param>
    /// <param name="headerHasEightBit">Whether BODY=8BITMIME must be said for the header's sake.</param>
    public StoredMessage(byte[] header, OutgoingBody body, EightBit headerHasEightBit)
    {
        Headers.Clear();
        var colon = header.AsSpan().IndexOf((byte)':');
        Headers.Add(new RawHeader(header[..colon], header[(colon + 1)..]));
        _header = header;
        _body = body;
        Body = new RawBody(body, body.HasEightBit ? EightBit.Yes : headerHasEightBit);
    }

    /// <summary>Octets on the wire, before dot-stuffing (RFC 1870 3).</summary>
    public long Length => _header.Length + 2 + _body.Length;

    /// <summary>Whether SMTPUTF8 must be asked for because of the header (RFC 6531 3.4).</summary>
    public bool AsksUtf8 { get; init; }

    /// <summary>Writes the message octet by octet, without dot-stuffing.</summary>
    public async Task CopyOctetsAsync(Stream to, CancellationToken cancel)
    {
        await to.WriteAsync(_header, cancel);
        await to.WriteAsync("\r\n"u8.ToArray(), cancel);
        await _body.CopyToAsync(to, cancel);
    }

    private sealed class RawHeader(byte[] name, byte[] value) : Header(ParserOptions.Default, name, name.Length, value, false);

    private sealed class RawBody : Multipart
    {
        private readonly OutgoingBody _octets;

        public RawBody(OutgoingBody octets, EightBit hasEightBit)
        {
            _octets = octets;
            Headers.Clear();
            // MailKit asks the parts which transfer encoding they have, and says BODY=8BITMIME for this one.
            if (hasEightBit == EightBit.Yes)
                Add(new MimePart { Content = new MimeContent(Stream.Null), ContentTransferEncoding = ContentEncoding.EightBit });
        }

        public override void WriteTo(FormatOptions options, Stream stream, bool contentOnly, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException("Mail is sent asynchronously.");

        public override Task WriteToAsync(FormatOptions options, Stream stream, bool contentOnly, CancellationToken cancellationToken = default) =>
            _octets.CopyToAsync(stream, cancellationToken);
    }
}
