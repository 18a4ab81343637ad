using System.Buffers;
using System.Text;

namespace DeviceMail.Messages;

/// <summary>What is counted of a message while it passes, so that nobody has to read it again.</summary>
public sealed record MessageTraits
{
    /// <summary>Octets in all, lines ended by CRLF, without dot-stuffing.</summary>
    public required long Size { get; init; }

    /// <summary>Octets of the header with its closing empty line; the body begins here.</summary>
    public required int HeaderLength { get; init; }

    public required bool HeaderHasEightBit { get; init; }

    public required bool BodyHasEightBit { get; init; }

    /// <summary>Octets of the longest line, CRLF not counted.</summary>
    public required int LongestLine { get; init; }

    /// <summary>The Subject as it stands in the header, at most 200 characters, none of them a control character; empty when there is none.</summary>
    public string Subject { get; init; } = "";

    /// <summary>Whether a multipart/signed or an encrypted body must not be re-encoded.</summary>
    public bool IsSigned { get; init; }
}

/// <summary>Why a message as such cannot be taken; each is a property of its octets.</summary>
public enum MessageFault
{
    None,

    /// <summary>Over <see cref="MessageScanner.MaxHeaderOctets"/> or <see cref="MessageScanner.MaxHeaderFields"/>.</summary>
    HeaderTooLarge,

    /// <summary>A NUL octet in the header.</summary>
    NulInHeader,

    /// <summary>Over 50 Received fields, or three of our own.</summary>
    Loop,
}

/// <summary>
/// Reads the octets of one message once, in pieces of any size, and counts its traits. Holds at most the header in memory.
/// Lines must end in CRLF; the receiver has normalised them.
/// </summary>
public sealed class MessageScanner(string ownReceivedMark)
{
    /// <summary>A larger header is refused with 552 (Postfix' header_size_limit).</summary>
    public const int MaxHeaderOctets = 102_400;

    public const int MaxHeaderFields = 1_000;

    private const int MaxHops = 50;
    private const int MaxOwnHops = 3;

    private readonly ArrayBufferWriter<byte> _header = new(2048);
    private bool _inHeader = true;
    private int _lineStart;
    private int _headerLength;
    private long _size;
    private int _line;
    private int _longestLine;
    private bool _headerEightBit;
    private bool _bodyEightBit;

    public MessageFault Fault { get; private set; }

    public void Append(ReadOnlySpan<byte> octets)
    {
        _size += octets.Length;
        while (_inHeader && octets.Length > 0)
        {
            var end = octets.IndexOf((byte)'\n');
            var piece = end < 0 ? octets : octets[..(end + 1)];
            AppendToHeader(piece, end >= 0);
            octets = octets[piece.Length..];
        }
        if (octets.Length == 0) return;
        if (!_bodyEightBit) _bodyEightBit = !Ascii.IsValid(octets);
        MeasureLines(octets);
    }

    /// <summary>Called once, after the last octet. A last line without its end counts as one of the header: it came whole, or is a field.</summary>
    public MessageTraits Complete()
    {
        if (_line > _longestLine) _longestLine = _line;
        if (_inHeader) _headerLength = _header.WrittenCount;
        var fields = Fault == MessageFault.None ? HeaderFields.Split(_header.WrittenMemory[.._headerLength]) : [];
        if (fields.Count > MaxHeaderFields) Fault = MessageFault.HeaderTooLarge;
        var hops = fields.Where(field => field.Is("Received")).ToList();
        if (hops.Count > MaxHops || hops.Count(hop => hop.Value.Contains(ownReceivedMark, StringComparison.Ordinal)) >= MaxOwnHops)
            Fault = MessageFault.Loop;
        var subject = fields.FirstOrDefault(field => field.Is("Subject"));
        var type = fields.FirstOrDefault(field => field.Is("Content-Type"));
        return new MessageTraits
        {
            Size = _size,
            HeaderLength = _headerLength,
            HeaderHasEightBit = _headerEightBit,
            BodyHasEightBit = _bodyEightBit,
            LongestLine = _longestLine,
            Subject = subject.Name is null ? "" : Shorten(subject.Value),
            IsSigned = type.Name is not null && SaysSigned(type.Value),
        };
    }

    private void AppendToHeader(ReadOnlySpan<byte> piece, bool endsLine)
    {
        if (Fault == MessageFault.None)
        {
            if (_header.WrittenCount + piece.Length > MaxHeaderOctets) Fault = MessageFault.HeaderTooLarge;
            else _header.Write(piece);
            if (piece.Contains((byte)0)) Fault = MessageFault.NulInHeader;
        }
        if (!_headerEightBit) _headerEightBit = !Ascii.IsValid(piece);
        _line += piece.Length;
        if (!endsLine) return;
        EndHeader(_header.WrittenSpan[_lineStart..]);
        _lineStart = _header.WrittenCount;
        if (_line - 2 > _longestLine) _longestLine = _line - 2;
        _line = 0;
    }

    /// <summary>
    /// An empty line ends the header, and so does a line that is neither a field nor a field's continuation: a device that forgot the empty line would
    /// have its text among the fields, where nobody reads it. Only the first line may be an mbox "From " line.
    /// </summary>
    private void EndHeader(ReadOnlySpan<byte> line)
    {
        if (Fault != MessageFault.None) return;
        if (line.Length == 2)
        {
            (_inHeader, _headerLength) = (false, _header.WrittenCount);
        }
        else if (!(line[0] is (byte)' ' or (byte)'\t' && _lineStart > 0) && HeaderFields.NameOf(line) is null && !(_lineStart == 0 && line.StartsWith("From "u8)))
        {
            (_inHeader, _headerLength) = (false, _lineStart);
            if (!_bodyEightBit) _bodyEightBit = !Ascii.IsValid(line);
        }
    }

    private void MeasureLines(ReadOnlySpan<byte> octets)
    {
        for (int end; (end = octets.IndexOf((byte)'\n')) >= 0; octets = octets[(end + 1)..])
        {
            var length = _line + end - 1;
            if (length > _longestLine) _longestLine = length;
            _line = 0;
        }
        _line += octets.Length;
    }

    private static bool SaysSigned(string contentType) =>
        contentType.StartsWith("multipart/signed", StringComparison.OrdinalIgnoreCase)
        || contentType.StartsWith("multipart/encrypted", StringComparison.OrdinalIgnoreCase)
        || contentType.StartsWith("application/pkcs7-mime", StringComparison.OrdinalIgnoreCase);

    /// <summary>Control characters become U+FFFD: the subject is shown on terminals and in logs.</summary>
    private static string Shorten(string subject) =>
        string.Concat((subject.Length <= 200 ? subject : subject[..200]).Select(c => c == '\t' ? ' ' : char.IsControl(c) ? '\uFFFD' : c));
}
