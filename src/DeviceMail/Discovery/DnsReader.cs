using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Text;

namespace DeviceMail.Discovery;

/// <summary>
/// Reads answers (RFC 1035 4.1). They come from anybody on the network: whatever is no message is refused as a whole, names are short, and a pointer leads only
/// backwards, so that none leads round in a circle.
/// </summary>
internal ref struct DnsReader
{
    private const int Header = 12, MostRecords = 512;

    private readonly ReadOnlySpan<byte> _message;
    private int _at;

    private DnsReader(ReadOnlySpan<byte> message) => _message = message;

    public static bool TryRead(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out DnsMessage? message)
    {
        message = null;
        if (octets.Length < Header || (octets[2] & 0x80) == 0) return false;
        var reader = new DnsReader(octets) { _at = Header };
        var records = new List<DnsRecord>();
        var (questions, others) = (Count(octets, 4), Count(octets, 6) + Count(octets, 8) + Count(octets, 10));
        if (questions > MostRecords || others > MostRecords) return false;
        for (var one = 0; one < questions; one++)
            if (!reader.TryName(out _) || !reader.TrySkip(4)) return false;
        for (var one = 0; one < others; one++)
        {
            if (!reader.TryRecord(out var record)) return false;
            if (record is not null) records.Add(record);
        }
        message = new DnsMessage(BinaryPrimitives.ReadUInt16BigEndian(octets), records);
        return true;
    }

    private static int Count(ReadOnlySpan<byte> octets, int at) => BinaryPrimitives.ReadUInt16BigEndian(octets[at..]);

    /// <param name="record">Null: one that we have no use for.</param>
    private bool TryRecord(out DnsRecord? record)
    {
        record = null;
        if (!TryName(out var name) || _message.Length - _at < 10) return false;
        var fixedPart = _message.Slice(_at, 10);
        var (type, ttl, length) = ((DnsType)BinaryPrimitives.ReadUInt16BigEndian(fixedPart), BinaryPrimitives.ReadUInt32BigEndian(fixedPart[4..]), BinaryPrimitives.ReadUInt16BigEndian(fixedPart[8..]));
        _at += 10;
        var end = _at + length;
        if (end > _message.Length) return false;
        if (ttl > 0 && !TryContent(new DnsRecord(name, type), end, out record)) return false;
        _at = end;
        return true;
    }

    private bool TryContent(DnsRecord bare, int end, out DnsRecord? record)
    {
        record = null;
        var content = _message[_at..end];
        switch (bare.Type)
        {
            case DnsType.A when content.Length == 4:
            case DnsType.Aaaa when content.Length == 16:
                record = bare with { Address = new IPAddress(content) };
                return true;
            case DnsType.Ptr:
                if (!TryName(out var pointed) || _at != end) return false;
                record = bare with { Target = pointed };
                return true;
            case DnsType.Srv:
                if (content.Length < 7) return false;
                var port = BinaryPrimitives.ReadUInt16BigEndian(content[4..]);
                _at += 6;
                if (!TryName(out var host) || _at != end) return false;
                record = bare with { Target = host, Port = port };
                return true;
            case DnsType.Txt:
                var strings = new List<string>();
                while (!content.IsEmpty)
                {
                    var length = content[0];
                    if (length >= content.Length) return false;
                    if (length > 0) strings.Add(Plain(content.Slice(1, length)));
                    content = content[(length + 1)..];
                }
                record = bare with { Strings = strings };
                return true;
            default:
                return bare.Type is not (DnsType.A or DnsType.Aaaa);
        }
    }

    private bool TryName([NotNullWhen(true)] out DnsName? name)
    {
        name = null;
        var labels = new List<string>();
        var (at, after, earliest, octets) = (_at, -1, _at, 0);
        while (true)
        {
            if (at >= _message.Length) return false;
            var length = _message[at];
            if (length == 0) break;
            if (length >= 0xC0)
            {
                if (at + 1 >= _message.Length) return false;
                if (after < 0) after = at + 2;
                at = (length & 0x3F) << 8 | _message[at + 1];
                if (at < Header || at >= earliest) return false;
                earliest = at;
                continue;
            }
            octets += length + 1;
            if (length > DnsName.LongestLabel || octets > DnsName.LongestName || at + 1 + length > _message.Length) return false;
            labels.Add(Plain(_message.Slice(at + 1, length)));
            at += length + 1;
        }
        _at = after < 0 ? at + 1 : after;
        name = new DnsName(labels);
        return true;
    }

    private bool TrySkip(int count)
    {
        _at += count;
        return _at <= _message.Length;
    }

    /// <summary>Text that may be shown: what is no UTF-8, and what steers a terminal, becomes a mark.</summary>
    private static string Plain(ReadOnlySpan<byte> octets) =>
        new([.. Encoding.UTF8.GetString(octets).Select(one => char.IsControl(one) ? '\uFFFD' : one)]);
}
