using System.Globalization;
using System.Security.Cryptography;
using QRCoder;
using UglyToad.PdfPig.Core;
using UglyToad.PdfPig.Graphics.Operations;
using UglyToad.PdfPig.Graphics.Operations.PathConstruction;
using UglyToad.PdfPig.Graphics.Operations.PathPainting;
using UglyToad.PdfPig.Graphics.Operations.TextObjects;
using UglyToad.PdfPig.Graphics.Operations.TextPositioning;
using UglyToad.PdfPig.Graphics.Operations.TextShowing;
using UglyToad.PdfPig.Graphics.Operations.TextState;
using UglyToad.PdfPig.Tokens;
using UglyToad.PdfPig.Writer;

namespace DeviceMail.Documents;

/// <summary>How a line of text looks.</summary>
/// <param name="Size">In points.</param>
/// <param name="Grey">0 is black, 1 is white.</param>
internal sealed record Ink(SheetFont Font, double Size, double Grey);

/// <summary>
/// A PDF of one page. Measures are points from the upper left corner. The same strokes make the same octets.
/// </summary>
internal sealed class PdfPage : IDisposable
{
    private const int QuietZone = 4;

    private readonly PdfDocumentBuilder _document = new(new MemoryStream(), true, PdfWriterType.Default, 1.7, new PdfTokens());
    private readonly Dictionary<SheetFont, NameToken> _fonts = [];
    private readonly PdfPageBuilder _page;
    private readonly double _height;

    public PdfPage(Paper paper)
    {
        _page = _document.AddPage(paper.Width, paper.Height);
        _height = paper.Height;
        // A font gets its name on the page when it first writes something. What it wrote goes: the text is ours to encode, because PdfPig's own way has no
        // letters with accents.
        var operations = _page.CurrentStream.Operations;
        foreach (var font in SheetFont.All)
        {
            _page.AddText(" ", 1, new PdfPoint(0, 0), _document.AddStandard14Font(font.Kind));
            _fonts[font] = operations.OfType<SetFontAndSize>().Single().Font;
            operations.Clear();
        }
    }

    /// <param name="text">In one line; <see cref="SheetFont.Printable"/>.</param>
    public void Text(string text, double x, double baseline, Ink ink)
    {
        Add(new SetNonStrokeColorDeviceGray(ink.Grey), BeginText.Value, new SetFontAndSize(_fonts[ink.Font], ink.Size),
            new MoveToNextLineWithOffset(Rounded(x), Rounded(_height - baseline)), new ShowText(ink.Font.Encode(text)), EndText.Value);
    }

    /// <summary>A filled box; with little height, a hairline.</summary>
    /// <param name="corner">The upper left one.</param>
    public void Box((double X, double Y) corner, double width, double height, double grey)
    {
        Add(new SetNonStrokeColorDeviceGray(grey), Rectangle(corner.X, corner.Y, width, height), FillPathNonZeroWinding.Value);
    }

    /// <summary>A QR code as filled squares in one path, without its quiet zone: the sheet's white is that.</summary>
    /// <param name="side">How wide and high it is.</param>
    public void Qr(string content, double x, double y, double side)
    {
        using var code = QRCodeGenerator.GenerateQrCode(content, QRCodeGenerator.ECCLevel.M);
        var size = code.ModuleMatrix.Count - 2 * QuietZone;
        var square = side / size;
        Add(new SetNonStrokeColorDeviceGray(0));
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column < size; column++)
            {
                if (!Dark(column, row)) continue;
                var start = column;
                while (column < size && Dark(column, row)) column++;
                Add(Rectangle(x + start * square, y + row * square, (column - start) * square, square));
            }
        }
        Add(FillPathNonZeroWinding.Value);

        bool Dark(int column, int row) => code.ModuleMatrix[row + QuietZone][column + QuietZone];
    }

    /// <summary>The whole document.</summary>
    /// <param name="created">When its facts were true; its zone is written too.</param>
    public byte[] ToOctets(string title, DateTimeOffset created)
    {
        var zone = created.Offset == TimeSpan.Zero ? "Z" : created.ToString("zzz", CultureInfo.InvariantCulture).Replace(':', '\'') + "'";
        _document.DocumentInformation.Title = title;
        _document.DocumentInformation.Producer = "DeviceMail";
        _document.DocumentInformation.CreationDate = $"D:{created.ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture)}{zone}";
        return WithOwnId(_document.Build());
    }

    public void Dispose() => _document.Dispose();

    /// <summary>PdfPig draws the file's two identifiers (ISO 32000-1, 14.4) by lot; here both are the hash of what they identify.</summary>
    private static byte[] WithOwnId(byte[] octets)
    {
        var at = octets.AsSpan().LastIndexOf("/ID [ <"u8);
        var id = Convert.ToHexString(SHA256.HashData(octets.AsSpan(0, at)).AsSpan(0, 16));
        var ids = System.Text.Encoding.ASCII.GetBytes($"/ID [ <{id}><{id}>]");
        ids.CopyTo(octets, at);
        return octets;
    }

    private AppendRectangle Rectangle(double x, double y, double width, double height) =>
        new(Rounded(x), Rounded(_height - y - height), Rounded(width), Rounded(height));

    private void Add(params ReadOnlySpan<IGraphicsStateOperation> operations) => _page.CurrentStream.Operations.AddRange(operations);

    private static double Rounded(double points) => Math.Round(points, 3);
}
