using System.Text;
using UglyToad.PdfPig.Fonts;
using UglyToad.PdfPig.Fonts.Encodings;
using UglyToad.PdfPig.Fonts.Standard14Fonts;

namespace DeviceMail.Documents;

/// <summary>
/// One of the fonts that every PDF reader has (ISO 32000-1, 9.6.2.2), so that none is embedded. It covers the characters of WinAnsiEncoding, which are those
/// of Western Europe; others are shown as <see cref="Missing"/>.
/// </summary>
internal sealed class SheetFont
{
    /// <summary>Stands for a character that the font lacks; the sheet says so.</summary>
    public const char Missing = '¿';

    private const int First = 0x20, Last = 0xff;

    public static readonly SheetFont Plain = new(Standard14Font.Helvetica);
    public static readonly SheetFont Strong = new(Standard14Font.HelveticaBold);

    /// <summary>All characters are equally wide: fingerprints can be compared by eye.</summary>
    public static readonly SheetFont Fixed = new(Standard14Font.Courier);

    private readonly Dictionary<char, (byte Code, double Width)> _characters = [];

    private SheetFont(Standard14Font kind)
    {
        Kind = kind;
        var metrics = Standard14.GetAdobeFontMetrics(kind);
        for (var code = First; code <= Last; code++)
        {
            var name = WinAnsiEncoding.Instance.GetName(code);
            if (metrics.CharacterMetrics.TryGetValue(name, out var glyph) && GlyphList.AdobeGlyphList.NameToUnicode(name) is { Length: 1 } character)
                _characters.TryAdd(character[0], ((byte)code, glyph.Width.X / 1000));
        }
    }

    public static IReadOnlyList<SheetFont> All { get; } = [Plain, Strong, Fixed];

    public Standard14Font Kind { get; }

    /// <summary>The text with every character that the font lacks replaced; white space of any kind is one space.</summary>
    public static string Printable(string text)
    {
        var printable = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (Rune.IsWhiteSpace(rune)) printable.Append(' ');
            else printable.Append(rune.IsBmp && Plain._characters.ContainsKey((char)rune.Value) ? (char)rune.Value : Missing);
        }
        return printable.ToString();
    }

    /// <summary>In points. The text is <see cref="Printable"/>.</summary>
    public double Width(ReadOnlySpan<char> text, double size)
    {
        var width = 0.0;
        foreach (var character in text) width += _characters[character].Width;
        return width * size;
    }

    /// <summary>One octet for each character. The text is <see cref="Printable"/>.</summary>
    public byte[] Encode(string text) => [.. text.Select(character => _characters[character].Code)];

    /// <summary>The text in lines no wider than <paramref name="width"/>: broken at spaces, and inside a word only where it is wider than a line.</summary>
    public List<string> Wrap(string text, double size, double width)
    {
        var (lines, line) = (new List<string>(), "");
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var longer = line.Length == 0 ? word : $"{line} {word}";
            if (Width(longer, size) <= width)
            {
                line = longer;
                continue;
            }
            if (line.Length > 0) lines.Add(line);
            line = word;
            while (Width(line, size) > width)
            {
                var fits = Math.Max(1, Enumerable.Range(1, line.Length).TakeWhile(count => Width(line.AsSpan(0, count), size) <= width).LastOrDefault());
                lines.Add(line[..fits]);
                line = line[fits..];
            }
        }
        if (line.Length > 0 || lines.Count == 0) lines.Add(line);
        return lines;
    }
}
