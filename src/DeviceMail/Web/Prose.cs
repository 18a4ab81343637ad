using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Html;

namespace DeviceMail.Web;

/// <summary>A sentence of the catalogue as HTML: what stands between backticks is to be typed, all else is text.</summary>
public static class Prose
{
    public static HtmlString Of(string? text) => new(string.Concat((text ?? "").Split('`').Select((piece, index) =>
        index % 2 == 0 ? HtmlEncoder.Default.Encode(piece) : $"<code>{HtmlEncoder.Default.Encode(piece)}</code>")));
}
