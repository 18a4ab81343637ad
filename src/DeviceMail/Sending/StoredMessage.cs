using System.Text;
using MimeKit;

namespace DeviceMail.Sending;

/// <summary>
/// A message that MailKit sends octet by octet as it is given: MimeKit's own parsing and writing rewrites what odd devices produce. The
/// header travels as one raw field whose value holds all lines that follow; the body is copied from its stream.
/// </summary>
internal sealed class StoredMessage : MimeMessage
{
    private readonly int _headerLength;
    private readonly StoredBody _body;

    /// <param name="header">Fields ended by CRLF, the first one well formed; no closing empty line.</param>
    /// <param name="body">The body, read from where it stands; not disposed.</param>
    /// <param name="hasEightBit">Whether BODY=8BITMIME must be said (RFC 6152).</param>
    public StoredMessage(byte[] header, Stream body, EightBit hasEightBit)
    {
        Headers.Clear();
        var colon = header.AsSpan().IndexOf((byte)':');
        Headers.Add(new RawHeader(header[..colon], header[(colon + 1)..]));
        _headerLength = header.Length;
        Body = _body = new StoredBody(body, hasEightBit);
    }

    /// <summary>Octets on the wire, before dot-stuffing (RFC 1870 3).</summary>
    public long Length => _headerLength + 2 + _body.Length;

    private sealed class RawHeader(byte[] name, byte[] value) : Header(ParserOptions.Default, name, name.Length, value, false);

    private sealed class StoredBody : Multipart
    {
        private readonly Stream _octets;
        private readonly long _start;

        public StoredBody(Stream octets, EightBit hasEightBit)
        {
            (_octets, _start) = (octets, octets.Position);
            Headers.Clear();
            // MailKit asks the parts which transfer encoding they have, and says BODY=8BITMIME for this one.
            if (hasEightBit == EightBit.Yes)
                Add(new MimePart { Content = new MimeContent(Stream.Null), ContentTransferEncoding = ContentEncoding.EightBit });
        }

        public long Length => _octets.Length - _start;

        public override void WriteTo(FormatOptions options, Stream stream, bool contentOnly, CancellationToken cancellationToken = default)
        {
            _octets.Position = _start;
            _octets.CopyTo(stream);
        }

        public override async Task WriteToAsync(FormatOptions options, Stream stream, bool contentOnly, CancellationToken cancellationToken = default)
        {
            _octets.Position = _start;
            await _octets.CopyToAsync(stream, cancellationToken);
        }
    }
}

/// <summary>Whether a body has octets over 127.</summary>
internal enum EightBit
{
    No,
    Yes,
}
