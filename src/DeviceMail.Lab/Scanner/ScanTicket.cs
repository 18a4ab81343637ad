using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace DeviceMail.Lab.Scanner;

public enum ScanColour
{
    RGB24,
    Grayscale8,

    /// <summary>Drawn in two values, and handed out as a grey JPEG.</summary>
    BlackAndWhite1,
}

/// <summary>What a client asked for in scan:ScanSettings. Sizes in 1/300 inch, as the protocol has them.</summary>
public sealed record ScanTicket
{
    public const string Jpeg = "image/jpeg", Pdf = "application/pdf";

    /// <summary>The largest page: A4 is 2480 x 3508, Letter 2550 x 3300.</summary>
    public const int Widest = 2550, Tallest = 3508;

    public static readonly IReadOnlyList<int> Resolutions = [75, 100, 150, 200, 300, 600];

    public bool FromFeeder { get; init; }
    public bool Duplex { get; init; }
    public ScanColour Colour { get; init; }
    public int Dpi { get; init; } = 300;
    public int Width { get; init; } = 2480;
    public int Height { get; init; } = Tallest;
    public string Format { get; init; } = Jpeg;

    public bool IsPdf => Format == Pdf;

    public int PixelsWide => Width * Dpi / 300;
    public int PixelsHigh => Height * Dpi / 300;

    /// <summary>Null when it is no XML of this kind. Values that are missing have the scanner's own; values that nobody offers are for <see cref="Fault"/>.</summary>
    public static ScanTicket? Read(string xml)
    {
        try
        {
            using var reader = XmlReader.Create(new StringReader(xml), new() { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            var root = XDocument.Load(reader).Root!;
            if (root.Name.LocalName != "ScanSettings")
                return null;
            var region = root.Descendants().FirstOrDefault(e => e.Name.LocalName == "ScanRegion");
            var ticket = new ScanTicket();
            return ticket with
            {
                FromFeeder = Text(root, "InputSource") == "Feeder",
                Duplex = Text(root, "Duplex") is "true" or "1",
                Colour = Text(root, "ColorMode") is { } colour ? Enum.Parse<ScanColour>(colour) : ticket.Colour,
                Dpi = Number(root, "XResolution") ?? ticket.Dpi,
                Width = (region is null ? null : Number(region, "Width")) ?? ticket.Width,
                Height = (region is null ? null : Number(region, "Height")) ?? ticket.Height,
                Format = Text(root, "DocumentFormatExt") ?? Text(root, "DocumentFormat") ?? ticket.Format,
            };
        }
        catch (Exception e) when (e is XmlException or FormatException or OverflowException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Why no scanner of this kind can do it; null when it can.</summary>
    public string? Fault() => this switch
    {
        _ when !Enum.IsDefined(Colour) => "The colour mode is not offered.",
        _ when !Resolutions.Contains(Dpi) => "The resolution is not offered.",
        _ when Width is < 16 or > Widest || Height is < 16 or > Tallest => "The region is outside the glass.",
        _ when Format is not (Jpeg or Pdf) => "The format is not offered.",
        _ when Duplex && !FromFeeder => "The glass has one side.",
        _ => null,
    };

    private static string? Text(XElement within, string name) =>
        within.Descendants().FirstOrDefault(e => e.Name.LocalName == name)?.Value.Trim() is { Length: > 0 } text ? text : null;

    private static int? Number(XElement within, string name) =>
        Text(within, name) is { } text ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : null;
}
