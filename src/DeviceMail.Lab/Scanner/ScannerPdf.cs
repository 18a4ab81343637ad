using System.Globalization;
using System.Text;

namespace DeviceMail.Lab.Scanner;

/// <summary>A PDF that is written while its pages are scanned: each page is its JPEG as it is.</summary>
public sealed class ScannerPdf
{
    private readonly List<long> _offsets = [0, 0];
    private readonly List<int> _pages = [];
    private long _position;

    public ReadOnlyMemory<byte> Start() => Count("%PDF-1.4\n"u8.ToArray());

    /// <summary>What stands before and behind the image of a page.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Page(ScanTicket ticket, PageImage image)
    {
        var (wide, high) = (Points(ticket.Width), Points(ticket.Height));
        var colours = ticket.Colour == ScanColour.RGB24 ? "DeviceRGB" : "DeviceGray";
        var content = $"q {wide} 0 0 {high} 0 0 cm /Scan Do Q";
        var page = _offsets.Count + 1;
        _pages.Add(page);
        yield return Object($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {wide} {high}] /Contents {page + 1} 0 R /Resources << /XObject << /Scan {page + 2} 0 R >> >> >>\nendobj\n");
        yield return Object($"<< /Length {content.Length} >>\nstream\n{content}\nendstream\nendobj\n");
        yield return Object(string.Create(CultureInfo.InvariantCulture,
            $"<< /Type /XObject /Subtype /Image /Width {ticket.PixelsWide} /Height {ticket.PixelsHigh} /ColorSpace /{colours} /BitsPerComponent 8 /Filter /DCTDecode /Length {image.Length} >>\nstream\n"));
        foreach (var piece in image.Pieces)
            yield return Count(piece);
        yield return Count("\nendstream\nendobj\n"u8.ToArray());
    }

    public ReadOnlyMemory<byte> End()
    {
        var text = new StringBuilder();
        Later(1, "<< /Type /Catalog /Pages 2 0 R >>");
        Later(2, $"<< /Type /Pages /Kids [{string.Join(' ', _pages.Select(page => $"{page} 0 R"))}] /Count {_pages.Count} >>");
        var start = _position + text.Length;
        text.Append(CultureInfo.InvariantCulture, $"xref\n0 {_offsets.Count + 1}\n0000000000 65535 f \n");
        foreach (var offset in _offsets)
            text.Append(CultureInfo.InvariantCulture, $"{offset:D10} 00000 n \n");
        text.Append(CultureInfo.InvariantCulture, $"trailer\n<< /Size {_offsets.Count + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
        return Count(Encoding.ASCII.GetBytes(text.ToString()));

        void Later(int number, string dictionary)
        {
            _offsets[number - 1] = _position + text.Length;
            text.Append(CultureInfo.InvariantCulture, $"{number} 0 obj\n{dictionary}\nendobj\n");
        }
    }

    private ReadOnlyMemory<byte> Object(string body)
    {
        _offsets.Add(_position);
        return Count(Encoding.ASCII.GetBytes($"{_offsets.Count} 0 obj\n{body}"));
    }

    private ReadOnlyMemory<byte> Count(ReadOnlyMemory<byte> piece)
    {
        _position += piece.Length;
        return piece;
    }

    private static string Points(int units) => (units * 72 / 300.0).ToString("0.##", CultureInfo.InvariantCulture);
}
