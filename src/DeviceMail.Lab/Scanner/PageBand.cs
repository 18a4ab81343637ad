using JpegLibrary;

namespace DeviceMail.Lab.Scanner;

public enum BandKind
{
    Lines,
    Colours,
    Number,
}

/// <summary>
/// A band of a page in pixels: grey lines, an area of red, green and blue, or a number in large seven-segment digits; all on
/// paper that is not quite even, as a scanner sees it.
/// </summary>
public sealed class PageBand : JpegBlockInputReader
{
    private const int Paper = 236, Ink = 30;

    /// <summary>Segments a to g of the digits 0 to 9, bit 0 is the upper one.</summary>
    private static readonly byte[] Segments = [0x3F, 0x06, 0x5B, 0x4F, 0x66, 0x6D, 0x7D, 0x07, 0x7F, 0x6F];

    private readonly byte[][] _planes;
    private readonly bool _twoValues;

    private PageBand(int width, int height, ScanColour colour)
    {
        (Width, Height) = (width, height);
        _planes = [new byte[width * height], .. colour == ScanColour.RGB24 ? new[] { new byte[width * height], new byte[width * height] } : []];
        _twoValues = colour == ScanColour.BlackAndWhite1;
        if (_twoValues)
        {
            Array.Fill(_planes[0], byte.MaxValue);
            return;
        }

        // A fixed seed: a page is the same each time it is made.
        var noise = 0x9E3779B9u;
        foreach (var plane in _planes)
        {
            var (still, strength) = plane == _planes[0] ? (Paper, 15u) : (125, 7u);
            for (var i = 0; i < plane.Length; i++)
            {
                noise ^= noise << 13;
                noise ^= noise >> 17;
                noise ^= noise << 5;
                plane[i] = (byte)(still + (noise & strength));
            }
        }
    }

    public override int Width { get; }
    public override int Height { get; }

    public static PageBand Draw(int width, int height, ScanColour colour, BandKind kind, int number)
    {
        var band = new PageBand(width, height, colour);
        band.Fill(width * 3 / 100, 0, Math.Max(1, width / 300), height, Ink, (128, 128));
        band.Fill(width * 97 / 100, 0, Math.Max(1, width / 300), height, Ink, (128, 128));
        switch (kind)
        {
            case BandKind.Lines:
                for (var line = 0; line < 4; line++)
                    band.Fill(width / 10, height * (2 * line + 1) / 8, width * (8 - line) / 10, Math.Max(1, height / 30), Ink, (128, 128));
                break;
            case BandKind.Colours:
                band.Fill(width / 10, height / 8, width / 4, height * 3 / 4, 76, (85, 255));
                band.Fill(width * 3 / 8, height / 8, width / 4, height * 3 / 4, 150, (44, 21));
                band.Fill(width * 26 / 40, height / 8, width / 4, height * 3 / 4, 29, (255, 107));
                break;
            case BandKind.Number:
                band.Write(number);
                break;
        }

        return band;
    }

    public override void ReadBlock(ref short blockRef, int componentIndex, int x, int y)
    {
        var plane = _planes[componentIndex];
        var block = System.Runtime.InteropServices.MemoryMarshal.CreateSpan(ref blockRef, 64);
        for (var row = 0; row < 8; row++)
        {
            var line = Math.Min(y + row, Height - 1) * Width;
            for (var column = 0; column < 8; column++)
                block[8 * row + column] = plane[line + Math.Min(x + column, Width - 1)];
        }
    }

    private void Write(int number)
    {
        var text = number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var (high, wide) = (Height * 8 / 10, Height * 4 / 10);
        var thick = Math.Max(1, high / 9);
        var x = (Width - text.Length * wide * 3 / 2) / 2;
        foreach (var digit in text)
        {
            Digit(x, Height / 10, (wide, high, thick), Segments[digit - '0']);
            x += wide * 3 / 2;
        }
    }

    private void Digit(int x, int y, (int Wide, int High, int Thick) size, byte segments)
    {
        var (wide, high, thick) = size;
        var half = high / 2;
        ReadOnlySpan<(int X, int Y, int Wide, int High)> strokes =
        [
            (0, 0, wide, thick), (wide - thick, 0, thick, half), (wide - thick, half, thick, high - half), (0, high - thick, wide, thick),
            (0, half, thick, high - half), (0, 0, thick, half), (0, half - thick / 2, wide, thick),
        ];
        for (var i = 0; i < strokes.Length; i++)
        {
            if ((segments >> i & 1) != 0)
                Fill(x + strokes[i].X, y + strokes[i].Y, strokes[i].Wide, strokes[i].High, Ink, (128, 128));
        }
    }

    /// <summary>A rectangle, cut at the band's edges.</summary>
    private void Fill(int x, int y, int wide, int high, byte luminance, (byte Blue, byte Red) chroma)
    {
        var (left, right) = (Math.Clamp(x, 0, Width), Math.Clamp(x + wide, 0, Width));
        var ink = _twoValues ? (byte)0 : luminance;
        for (var row = Math.Max(y, 0); row < Math.Min(y + high, Height); row++)
        {
            _planes[0].AsSpan(row * Width + left, right - left).Fill(ink);
            if (_planes.Length == 1)
                continue;
            _planes[1].AsSpan(row * Width + left, right - left).Fill(chroma.Blue);
            _planes[2].AsSpan(row * Width + left, right - left).Fill(chroma.Red);
        }
    }
}
