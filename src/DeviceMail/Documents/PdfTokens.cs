using UglyToad.PdfPig.Tokens;
using UglyToad.PdfPig.Writer;

namespace DeviceMail.Documents;

/// <summary>Writes the standard fonts with WinAnsiEncoding, where PdfPig names an encoding that has no letters with accents.</summary>
internal sealed class PdfTokens : TokenWriter
{
    protected override void WriteName(NameToken name, Stream stream) =>
        base.WriteName(name.Equals(NameToken.StandardEncoding) ? NameToken.WinAnsiEncoding : name, stream);
}
