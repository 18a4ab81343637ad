using System.Text;
using DeviceMail.Lab.Mailboxes;

namespace DeviceMail.Lab.Graph;

/// <summary>One field as it stands in the octets: with its folded lines and line ends.</summary>
public sealed record MimeField(string Name, int Start, int Length);

/// <summary>The header of a message as octets, so that single fields can be taken out and all others stay as they are.</summary>
public sealed class MimeHeader
{
    private readonly byte[] _message;

    private MimeHeader(byte[] message, IReadOnlyList<MimeField> fields, int end) => (_message, Fields, End) = (message, fields, end);

    public IReadOnlyList<MimeField> Fields { get; }

    /// <summary>Where the header is over: the empty line and the body follow.</summary>
    public int End { get; }

    public static MimeHeader Read(byte[] message)
    {
        var fields = new List<MimeField>();
        var at = 0;
        while (at < message.Length)
        {
            var rest = message.AsSpan(at);
            var feed = rest.IndexOf((byte)'\n');
            var length = feed < 0 ? rest.Length : feed + 1;
            var line = rest[..length].TrimEnd("\r\n"u8);
            if (line.IsEmpty)
                break;
            var colon = line.IndexOf((byte)':');
            if (line[0] is (byte)' ' or (byte)'\t' && fields.Count > 0)
                fields[^1] = fields[^1] with { Length = fields[^1].Length + length };
            else
                fields.Add(new(colon < 0 ? "" : Encoding.Latin1.GetString(line[..colon]).Trim(), at, length));
            at += length;
        }

        return new(message, fields, at);
    }

    public ReadOnlySpan<byte> Octets(MimeField field) => _message.AsSpan(field.Start, field.Length);

    /// <summary>The first field of this name, unfolded; null when there is none.</summary>
    public string? Value(string name) => Named(name).Select(Text).FirstOrDefault();

    public IEnumerable<string> Addresses(string name) => Named(name).SelectMany(field => MailAddresses.Read(Text(field)));

    private IEnumerable<MimeField> Named(string name) => Fields.Where(field => field.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    private string Text(MimeField field)
    {
        var text = Encoding.UTF8.GetString(Octets(field));
        return text[(text.IndexOf(':', StringComparison.Ordinal) + 1)..].Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal).Trim();
    }
}
