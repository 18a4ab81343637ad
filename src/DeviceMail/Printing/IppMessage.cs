using System.Buffers.Binary;
using System.Text;

namespace DeviceMail.Printing;

/// <summary>Where an attribute belongs (RFC 8010 3.5.1, delimiter tags).</summary>
internal enum IppGroup : byte
{
    Operation = 0x01,
    Job = 0x02,
    Printer = 0x04,
    Unsupported = 0x05,
}

/// <summary>What kind of value it is (RFC 8010 3.5.2), as far as we write or read it.</summary>
internal enum IppTag : byte
{
    Integer = 0x21,
    Boolean = 0x22,
    Enum = 0x23,
    TextWithLanguage = 0x35,
    NameWithLanguage = 0x36,
    BeginCollection = 0x34,
    EndCollection = 0x37,
    Text = 0x41,
    Name = 0x42,
    Keyword = 0x44,
    Uri = 0x45,
    Charset = 0x47,
    NaturalLanguage = 0x48,
    MimeType = 0x49,
}

/// <summary>What we ask for (RFC 8011 5.4.15).</summary>
internal enum IppOperation : ushort
{
    PrintJob = 0x0002,
    ValidateJob = 0x0004,
    CancelJob = 0x0008,
    GetJobAttributes = 0x0009,
    GetPrinterAttributes = 0x000b,
}

internal sealed record IppValue(IppTag Tag, ReadOnlyMemory<byte> Octets)
{
    private const int LongestText = 1023;

    public static IppValue Of(IppTag tag, string text) => new(tag, Encoding.UTF8.GetBytes(text));

    public static IppValue Of(int number)
    {
        var octets = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(octets, number);
        return new IppValue(IppTag.Integer, octets);
    }

    /// <summary>As text, without control characters: a printer's words reach terminals and logs.</summary>
    public string Text
    {
        get
        {
            var octets = Octets.Span;
            // RFC 8010 3.9: two octets' length and the language, two octets' length and the text.
            if (Tag is IppTag.TextWithLanguage or IppTag.NameWithLanguage && octets.Length >= 4)
            {
                var language = BinaryPrimitives.ReadUInt16BigEndian(octets);
                octets = language + 4 <= octets.Length ? octets[(language + 4)..] : [];
            }
            var text = Encoding.UTF8.GetString(octets[..Math.Min(octets.Length, LongestText)]);
            return new string([.. text.Select(character => char.IsControl(character) ? ' ' : character)]).Trim();
        }
    }

    /// <summary>An integer or an enum; null: it is neither.</summary>
    public int? Number => Octets.Length == 4 && Tag is IppTag.Integer or IppTag.Enum ? BinaryPrimitives.ReadInt32BigEndian(Octets.Span) : null;

    public bool? Flag => Octets.Length == 1 && Tag == IppTag.Boolean ? Octets.Span[0] != 0 : null;
}

internal sealed record IppAttribute(IppGroup Group, string Name, IReadOnlyList<IppValue> Values);

/// <summary>A request or an answer (RFC 8010 3.1).</summary>
/// <param name="Version">0x0200 is IPP/2.0.</param>
/// <param name="Code">The operation of a request, the status of an answer.</param>
internal sealed record IppMessage(ushort Version, ushort Code, int RequestId)
{
    public IReadOnlyList<IppAttribute> Attributes { get; init; } = [];

    /// <summary>RFC 8011, appendix B: everything under 0x0100 is successful.</summary>
    public bool IsSuccess => Code < 0x0100;

    public IReadOnlyList<string> Texts(string name) => Find(name)?.Values.Select(value => value.Text).Where(text => text.Length > 0).ToList() ?? [];

    public string Text(string name) => Texts(name) is [var first, ..] ? first : "";

    public int? Number(string name) => Find(name) is { Values: [var first, ..] } ? first.Number : null;

    public bool? Flag(string name) => Find(name) is { Values: [var first, ..] } ? first.Flag : null;

    private IppAttribute? Find(string name) => Attributes.FirstOrDefault(attribute => attribute.Name == name && attribute.Group != IppGroup.Unsupported);
}
