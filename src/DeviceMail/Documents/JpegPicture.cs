using System.Buffers.Binary;

namespace DeviceMail.Documents;

/// <summary>What a JPEG says of itself before its pixels (ITU-T T.81 B.2); the pixels are never decoded.</summary>
/// <param name="Width">In dots, 1 to 65535.</param>
/// <param name="Height">In dots, 1 to 65535.</param>
/// <param name="Components">1 is grey, 3 is colour, 4 is CMYK.</param>
public sealed record JpegPicture(int Width, int Height, int Components)
{
    private const int StartOfImage = 0xffd8, Application0 = 0xe0, Application14 = 0xee, StartOfScan = 0xda, EndOfImage = 0xd9;

    /// <summary>Dots an inch across; 0 where it does not say.</summary>
    public double DpiX { get; init; }

    /// <summary>Dots an inch down; 0 where it does not say.</summary>
    public double DpiY { get; init; }

    /// <summary>Adobe's CMYK has its values turned round.</summary>
    public bool IsInverted { get; init; }

    /// <summary>Null where this is no JPEG, or one whose size stands behind its pixels.</summary>
    public static async Task<JpegPicture?> ReadAsync(string path, CancellationToken cancel)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 4096, useAsync: true);
        var head = new byte[4];
        if (await file.ReadAtLeastAsync(head.AsMemory(0, 2), 2, throwOnEndOfStream: false, cancel) < 2 || BinaryPrimitives.ReadUInt16BigEndian(head) != StartOfImage) return null;
        var (x, y, isAdobe) = (0.0, 0.0, false);
        while (await file.ReadAtLeastAsync(head, 4, throwOnEndOfStream: false, cancel) == 4 && head[0] == 0xff)
        {
            // Fill octets may stand in front of any marker (B.1.1.2).
            if (head[1] == 0xff)
            {
                file.Position -= 3;
                continue;
            }
            var (marker, length) = (head[1], BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(2)) - 2);
            if (marker is StartOfScan or EndOfImage || length < 0) return null;
            var next = file.Position + length;
            var segment = new byte[Math.Min(length, 16)];
            if (await file.ReadAtLeastAsync(segment, segment.Length, throwOnEndOfStream: false, cancel) < segment.Length) return null;
            if (IsFrame(marker)) return FrameOf(segment) is { } frame ? frame with { DpiX = x, DpiY = y, IsInverted = isAdobe && frame.Components == 4 } : null;
            if (marker == Application0 && segment.AsSpan().StartsWith("JFIF\0"u8) && segment.Length >= 12) (x, y) = DensityOf(segment);
            if (marker == Application14 && segment.AsSpan().StartsWith("Adobe"u8)) isAdobe = true;
            file.Position = next;
        }
        return null;
    }

    /// <summary>SOF0 to SOF15 but for the tables that share the row: DHT, JPG and DAC.</summary>
    private static bool IsFrame(int marker) => marker is >= 0xc0 and <= 0xcf and not (0xc4 or 0xc8 or 0xcc);

    private static JpegPicture? FrameOf(ReadOnlySpan<byte> segment)
    {
        if (segment.Length < 6 || segment[0] != 8) return null;
        var (height, width, components) = (BinaryPrimitives.ReadUInt16BigEndian(segment[1..]), BinaryPrimitives.ReadUInt16BigEndian(segment[3..]), segment[5]);
        return height > 0 && width > 0 && components is 1 or 3 or 4 ? new JpegPicture(width, height, components) : null;
    }

    private static (double X, double Y) DensityOf(ReadOnlySpan<byte> jfif)
    {
        var (unit, x, y) = (jfif[7], BinaryPrimitives.ReadUInt16BigEndian(jfif[8..]), BinaryPrimitives.ReadUInt16BigEndian(jfif[10..]));
        return unit switch { 1 => (x, y), 2 => (x * 2.54, y * 2.54), _ => (0, 0) };
    }
}
