using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using JpegLibrary;

namespace DeviceMail.Lab.Scanner;

/// <summary>A JPEG in the pieces of which it is made.</summary>
public sealed record PageImage(IReadOnlyList<ReadOnlyMemory<byte>> Pieces)
{
    public long Length { get; } = Pieces.Sum(piece => (long)piece.Length);

    public byte[] ToArray() => [.. Pieces.SelectMany(piece => piece.ToArray())];
}

/// <summary>
/// The pages that the pretend scanner sees. A page is made of bands between restart markers (ITU T.81, E.1.4), so that the
/// large part is compressed once for each kind of page; for a further number only its own band is.
/// </summary>
public sealed class PageImages
{
    private const int Bands = 12, NumberBand = 1, ColourBand = 3, Quality = 76, Kept = 4;
    private const byte StartOfFrame = 0xC0, StartOfScan = 0xDA, RestartInterval = 0xDD, Comment = 0xFE, Application = 0xE0, Restart = 0xD0;

    private readonly Lock _gate = new();
    private readonly Dictionary<(int Width, int Height, ScanColour Colour), Mould> _moulds = [];

    /// <param name="text">Stands in the comment segment.</param>
    public PageImage Make(ScanTicket ticket, int number, string text)
    {
        var key = (ticket.PixelsWide, ticket.PixelsHigh, ticket.Colour);
        lock (_gate)
        {
            if (!_moulds.TryGetValue(key, out var mould))
            {
                if (_moulds.Count >= Kept)
                    _moulds.Clear();
                _moulds[key] = mould = new(ticket);
            }

            return new([.. mould.Start(ticket.Dpi, text), .. mould.Bands(number), new byte[] { 0xFF, 0xD9 }]);
        }
    }

    /// <summary>What all pages of a size and a colour have in common.</summary>
    private sealed class Mould
    {
        private readonly int _width, _high;
        private readonly ScanColour _colour;
        private readonly int _count;
        private readonly ReadOnlyMemory<byte> _tables;
        private readonly Dictionary<(BandKind, int Number, int High), ReadOnlyMemory<byte>> _bands = [];
        private readonly int _lastHigh;

        public Mould(ScanTicket ticket)
        {
            (_width, _colour) = (ticket.PixelsWide, ticket.Colour);
            var unit = _colour == ScanColour.RGB24 ? 16 : 8;
            var rows = (ticket.PixelsHigh + unit - 1) / unit;
            var rowsABand = Math.Max(1, rows / PageImages.Bands);
            _count = (rows + rowsABand - 1) / rowsABand;
            _high = rowsABand * unit;
            _lastHigh = (rows - (_count - 1) * rowsABand) * unit;
            var unitsABand = rowsABand * ((_width + unit - 1) / unit);

            var whole = Encode(BandKind.Lines, 0, _high);
            var tables = new List<byte>();
            for (var at = 2; whole[at + 1] != StartOfScan; at += 2 + SizeOf(whole, at))
            {
                var segment = whole.AsSpan(at, 2 + SizeOf(whole, at));
                if (segment[1] is Application)
                    continue;
                if (segment[1] == StartOfFrame)
                    BinaryPrimitives.WriteUInt16BigEndian(segment[5..], (ushort)ticket.PixelsHigh);
                tables.AddRange(segment);
            }

            tables.AddRange([0xFF, RestartInterval, 0, 4, (byte)(unitsABand >> 8), (byte)unitsABand]);
            var scan = ScanAt(whole);
            tables.AddRange(whole.AsSpan(scan, 2 + SizeOf(whole, scan)));
            _tables = tables.ToArray();
        }

        public IEnumerable<ReadOnlyMemory<byte>> Start(int dpi, string text)
        {
            byte[] jfif = [0xFF, 0xD8, 0xFF, Application, 0, 16, .. "JFIF\0"u8, 1, 1, 1, (byte)(dpi >> 8), (byte)dpi, (byte)(dpi >> 8), (byte)dpi, 0, 0];
            var comment = Encoding.ASCII.GetBytes(text);
            yield return jfif;
            yield return new byte[] { 0xFF, Comment, 0, (byte)(comment.Length + 2) };
            yield return comment;
            yield return _tables;
        }

        public IEnumerable<ReadOnlyMemory<byte>> Bands(int number)
        {
            for (var band = 0; band < _count; band++)
            {
                if (band > 0)
                    yield return new byte[] { 0xFF, (byte)(Restart + (band - 1) % 8) };
                var high = band == _count - 1 ? _lastHigh : _high;
                yield return band switch
                {
                    NumberBand => Data(BandKind.Number, number, high),
                    ColourBand => Data(BandKind.Colours, 0, high),
                    _ => Data(BandKind.Lines, 0, high),
                };
            }
        }

        private ReadOnlyMemory<byte> Data(BandKind kind, int number, int high)
        {
            if (_bands.TryGetValue((kind, number, high), out var known))
                return known;
            var whole = Encode(kind, number, high);
            var scan = ScanAt(whole);
            var data = whole.AsMemory((scan + 2 + SizeOf(whole, scan))..^2);
            // Numbers come once or twice; what is common stays.
            if (kind != BandKind.Number)
                _bands[(kind, number, high)] = data;
            return data;
        }

        private byte[] Encode(BandKind kind, int number, int high)
        {
            var output = new ArrayBufferWriter<byte>();
            var encoder = new JpegEncoder();
            var isColour = _colour == ScanColour.RGB24;
            encoder.SetQuantizationTable(Scaled(JpegStandardQuantizationTable.GetLuminanceTable(JpegElementPrecision.Precision8Bit, 0)));
            encoder.SetHuffmanTable(true, 0, JpegStandardHuffmanEncodingTable.GetLuminanceDCTable());
            encoder.SetHuffmanTable(false, 0, JpegStandardHuffmanEncodingTable.GetLuminanceACTable());
            encoder.AddComponent(1, 0, 0, 0, (byte)(isColour ? 2 : 1), (byte)(isColour ? 2 : 1));
            if (isColour)
            {
                encoder.SetQuantizationTable(Scaled(JpegStandardQuantizationTable.GetChrominanceTable(JpegElementPrecision.Precision8Bit, 1)));
                encoder.SetHuffmanTable(true, 1, JpegStandardHuffmanEncodingTable.GetChrominanceDCTable());
                encoder.SetHuffmanTable(false, 1, JpegStandardHuffmanEncodingTable.GetChrominanceACTable());
                encoder.AddComponent(2, 1, 1, 1, 1, 1);
                encoder.AddComponent(3, 1, 1, 1, 1, 1);
            }

            encoder.SetInputReader(PageBand.Draw(_width, high, _colour, kind, number));
            encoder.SetOutput(output);
            encoder.Encode();
            return output.WrittenSpan.ToArray();
        }

        private static JpegQuantizationTable Scaled(JpegQuantizationTable table) => JpegStandardQuantizationTable.ScaleByQuality(table, Quality);

        private static int ScanAt(byte[] jpeg)
        {
            var at = 2;
            while (jpeg[at + 1] != StartOfScan)
                at += 2 + SizeOf(jpeg, at);
            return at;
        }

        /// <summary>Of the segment at this place, without its marker.</summary>
        private static int SizeOf(byte[] jpeg, int at) => BinaryPrimitives.ReadUInt16BigEndian(jpeg.AsSpan(at + 2));
    }
}
