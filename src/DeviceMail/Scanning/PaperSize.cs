namespace DeviceMail.Scanning;

/// <summary>How large a piece of the glass or of a sheet is scanned, upright; in 1/300 inch, the measure of eSCL.</summary>
/// <param name="Name">As pages show it and the command line takes it.</param>
public sealed record PaperSize(string Name, int Width, int Height)
{
    public static readonly PaperSize A4 = new("A4", 2_480, 3_508);
    public static readonly PaperSize Letter = new("Letter", 2_550, 3_300);
    public static readonly PaperSize A5 = new("A5", 1_748, 2_480);
    public static readonly PaperSize Legal = new("Legal", 2_550, 4_200);

    /// <summary>As much as the scanner takes: for scanners too small for the others.</summary>
    public static readonly PaperSize Whole = new("Whole area", int.MaxValue, int.MaxValue);

    /// <summary>Scanners whose glass is a few points short of a sheet cut its edge off, and still offer the size: 1/6 inch.</summary>
    private const int Spare = 50;

    public static IReadOnlyList<PaperSize> All { get; } = [A4, Letter, A5, Legal];

    public static PaperSize? Find(string name) => name.Equals(Whole.Name, StringComparison.OrdinalIgnoreCase) ? Whole : All.FirstOrDefault(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    internal bool Fits(ScanArea area) => Width <= area.MaxWidth + Spare && Height <= area.MaxHeight + Spare;
}

/// <summary>What a source can scan at most and at least, in 1/300 inch.</summary>
internal sealed record ScanArea(int MinWidth, int MaxWidth, int MinHeight, int MaxHeight);
