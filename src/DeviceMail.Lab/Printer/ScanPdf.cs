using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DeviceMail.Lab.Printer;

/// <summary>Writes a valid one-page PDF that says PRETEND SCAN over 60 KB of noise, so that no two scans are equal.</summary>
public sealed class ScanPdf : IDisposable
{
    private const int Side = 245;

    private readonly MemoryStream _file = new();
    private readonly List<long> _offsets = [];

    public static byte[] Create(DateTimeOffset scannedAt)
    {
        using var pdf = new ScanPdf();
        var when = scannedAt.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        var page = Encoding.ASCII.GetBytes(
            $"q 495 0 0 495 50 100 cm /Noise Do Q BT /F1 36 Tf 50 740 Td (PRETEND SCAN) Tj /F1 14 Tf 0 -30 Td ({when} UTC) Tj ET");
        pdf.Put("%PDF-1.4\n");
        pdf.Write("<< /Type /Catalog /Pages 2 0 R >>", null);
        pdf.Write("<< /Type /Pages /Kids [3 0 R] /Count 1 >>", null);
        pdf.Write("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> /XObject << /Noise 6 0 R >> >> >>", null);
        pdf.Write($"<< /Length {page.Length} >>", page);
        pdf.Write("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", null);
        var noise = RandomNumberGenerator.GetBytes(Side * Side);
        pdf.Write($"<< /Type /XObject /Subtype /Image /Width {Side} /Height {Side} /ColorSpace /DeviceGray /BitsPerComponent 8 /Length {noise.Length} >>", noise);
        return pdf.Finish();
    }

    public void Dispose() => _file.Dispose();

    private void Write(string dictionary, byte[]? stream)
    {
        _offsets.Add(_file.Position);
        Put($"{_offsets.Count} 0 obj\n{dictionary}\n");
        if (stream is not null)
        {
            Put("stream\n");
            _file.Write(stream);
            Put("\nendstream\n");
        }

        Put("endobj\n");
    }

    private byte[] Finish()
    {
        var start = _file.Position;
        Put($"xref\n0 {_offsets.Count + 1}\n0000000000 65535 f \n");
        foreach (var offset in _offsets)
            Put($"{offset:D10} 00000 n \n");
        Put($"trailer\n<< /Size {_offsets.Count + 1} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
        return _file.ToArray();
    }

    private void Put(string text) => _file.Write(Encoding.ASCII.GetBytes(text));
}
