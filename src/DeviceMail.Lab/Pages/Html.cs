using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace DeviceMail.Lab.Pages;

/// <summary>A piece of a page. Written as an interpolated string: what is put in is escaped, unless it is a piece itself.</summary>
public sealed record Html(string Text)
{
    public static readonly Html Nothing = new("");

    public static Html Of(HtmlWriter writer) => new(writer.ToString());

    public static Html Each<T>(IEnumerable<T> items, Func<T, Html> write) => new(string.Concat(items.Select(item => write(item).Text)));

    public override string ToString() => Text;
}

[InterpolatedStringHandler]
public readonly ref struct HtmlWriter(int literalLength, int formattedCount)
{
    private readonly StringBuilder _text = new(literalLength + formattedCount * 16);

    public void AppendLiteral(string text) => _text.Append(text);

    public void AppendFormatted(Html piece) => _text.Append(piece.Text);

    public void AppendFormatted(string? text) => _text.Append(HtmlEncoder.Default.Encode(text ?? ""));

    public void AppendFormatted(long number) => _text.Append(number.ToString("N0", CultureInfo.InvariantCulture));

    public void AppendFormatted(DateTimeOffset time) => _text.Append(time.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)).Append(" UTC");

    public override string ToString() => _text.ToString();
}
