namespace DeviceMail.Scanning;

public enum ScanSource
{
    Feeder,
    Glass,
}

public enum ScanSides
{
    One,
    Both,
}

public enum ScanColour
{
    Colour,
    Grey,
    Black,
}

public enum ScanFormat
{
    Jpeg,
    Pdf,
}

/// <summary>What is asked of the scanner for one run. What it does not offer becomes the nearest that it does.</summary>
public sealed record ScanSettings
{
    public ScanSource Source { get; init; } = ScanSource.Feeder;

    public ScanSides Sides { get; init; } = ScanSides.One;

    public ScanColour Colour { get; init; } = ScanColour.Colour;

    /// <summary>Dots an inch, in both directions.</summary>
    public int Dpi { get; init; } = 300;

    public PaperSize Size { get; init; } = PaperSize.A4;

    /// <summary>Of the files that the scanner sends: a JPEG a page, or a PDF of its own making.</summary>
    public ScanFormat Format { get; init; } = ScanFormat.Jpeg;
}
