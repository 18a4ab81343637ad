using System.Globalization;
using System.Text;

namespace DeviceMail.Documents;

/// <summary>
/// JPEG pictures as one PDF, a page each. The pictures go in as they are (DCTDecode, ISO 32000-1 7.4.8): nothing is decoded or made worse, and no more
/// than a block of one is in memory.
/// </summary>
public static class PicturePdf
{
    /// <summary>Where a picture does not say how many dots it has an inch.</summary>
    private const double UsualDpi = 150;

    /// <summary>A page is an object for itself, one for what it draws, one for its picture; catalogue and page tree stand before them.</summary>
    private const int FirstPage = 3, ObjectsOfPage = 3;

    /// <param name="to">Takes the PDF; need not be seekable.</param>
    /// <param name="pictures">Files, in the order of the pages.</param>
    /// <param name="cancel">Leaves a torn PDF.</param>
    /// <exception cref="InvalidDataException">A file is no JPEG whose size is known.</exception>
    public static async Task WriteAsync(Stream to, IReadOnlyList<string> pictures, CancellationToken cancel)
    {
        var writer = new Objects(to, cancel);
        await writer.TextAsync("%PDF-1.4\n");
        await writer.OctetsAsync("%\u00e2\u00e3\u00cf\u00d3\n"u8.ToArray());
        await writer.ObjectAsync("<< /Type /Catalog /Pages 2 0 R >>");
        await writer.ObjectAsync($"<< /Type /Pages /Count {pictures.Count} /Kids [{string.Join(' ', pictures.Select((_, at) => $"{FirstPage + at * ObjectsOfPage} 0 R"))}] >>");
        foreach (var path in pictures)
        {
            var picture = await JpegPicture.ReadAsync(path, cancel) ?? throw new InvalidDataException($"{Path.GetFileName(path)} is no JPEG whose size is known.");
            await WritePageAsync(writer, picture, path);
        }
        await writer.EndAsync();
    }

    private static async Task WritePageAsync(Objects writer, JpegPicture picture, string path)
    {
        var (width, height) = (Points(picture.Width, picture.DpiX), Points(picture.Height, picture.DpiY));
        var page = writer.Next;
        await writer.ObjectAsync($"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents {page + 1} 0 R /Resources << /XObject << /P {page + 2} 0 R >> >> >>");
        var drawing = $"{width} 0 0 {height} 0 0 cm /P Do";
        await writer.ObjectAsync($"<< /Length {drawing.Length} >>\nstream\n{drawing}\nendstream");
        var colours = picture.Components switch { 1 => "/DeviceGray", 3 => "/DeviceRGB", _ => "/DeviceCMYK" };
        var decode = picture.IsInverted ? " /Decode [1 0 1 0 1 0 1 0]" : "";
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, useAsync: true);
        await writer.BeginAsync($"<< /Type /XObject /Subtype /Image /Width {picture.Width} /Height {picture.Height} /ColorSpace {colours} /BitsPerComponent 8{decode} /Filter /DCTDecode /Length {file.Length} >>\nstream\n");
        await writer.CopyAsync(file);
        await writer.TextAsync("\nendstream\nendobj\n");
    }

    private static string Points(int dots, double dpi) => (dots * 72.0 / (dpi > 0 ? dpi : UsualDpi)).ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Writes objects one after the other, and remembers where each begins (ISO 32000-1 7.5.4).</summary>
    private sealed class Objects(Stream to, CancellationToken cancel)
    {
        private readonly List<long> _places = [];
        private long _written;

        /// <summary>The number that the next object gets.</summary>
        public int Next => _places.Count + 1;

        public Task TextAsync(string text) => OctetsAsync(Encoding.ASCII.GetBytes(text));

        public async Task OctetsAsync(ReadOnlyMemory<byte> octets)
        {
            await to.WriteAsync(octets, cancel);
            _written += octets.Length;
        }

        public async Task BeginAsync(string content)
        {
            _places.Add(_written);
            await TextAsync($"{_places.Count} 0 obj\n{content}");
        }

        public async Task ObjectAsync(string content)
        {
            await BeginAsync(content);
            await TextAsync("\nendobj\n");
        }

        public async Task CopyAsync(FileStream file)
        {
            await file.CopyToAsync(to, cancel);
            _written += file.Length;
        }

        public async Task EndAsync()
        {
            var table = _written;
            await TextAsync($"xref\n0 {_places.Count + 1}\n0000000000 65535 f \n{string.Concat(_places.Select(place => $"{place:D10} 00000 n \n"))}trailer\n<< /Size {_places.Count + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n");
        }
    }
}
