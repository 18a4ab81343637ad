using System.Text;
using QRCoder;

namespace DeviceMail.EmailServer;

/// <summary>A QR code as one path of an SVG, without a quiet zone: the style gives it one.</summary>
public sealed record QrPath(int Size, string Path)
{
    private const int QuietZone = 4;

    public static QrPath Of(string text)
    {
        using var code = QRCodeGenerator.GenerateQrCode(text, QRCodeGenerator.ECCLevel.M);
        var size = code.ModuleMatrix.Count - 2 * QuietZone;
        var path = new StringBuilder();
        for (var y = 0; y < size; y++)
        {
            for (var x = 0; x < size; x++)
            {
                if (!Dark(x, y)) continue;
                var start = x;
                while (x < size && Dark(x, y)) x++;
                path.Append($"M{start} {y}h{x - start}v1h-{x - start}z");
            }
        }
        return new QrPath(size, path.ToString());

        bool Dark(int x, int y) => code.ModuleMatrix[y + QuietZone][x + QuietZone];
    }
}
