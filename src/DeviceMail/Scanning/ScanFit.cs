namespace DeviceMail.Scanning;

/// <summary>Wishes as one scanner can fulfil them.</summary>
/// <param name="Settings">Every value is one that it offers.</param>
/// <param name="Changes">What became something else, a sentence each; empty: all is as wished.</param>
public sealed record ScanFit(ScanSettings Settings, IReadOnlyList<string> Changes)
{
    internal string ColourMode { get; init; } = "";

    /// <summary>In 1/300 inch, from the upper left corner.</summary>
    internal (int Width, int Height) Region { get; init; }

    public static ScanFit Of(ScannerCapabilities capabilities, ScanSettings wished)
    {
        var changes = new List<string>();
        var at = capabilities.Find(wished.Source, wished.Sides) ?? capabilities.Sources[0];
        if (at.Source != wished.Source)
        {
            changes.Add(at.Source == ScanSource.Glass ? "The scanner has no feeder: it scans from the glass." : "The scanner has no glass: it scans from the feeder.");
            at = capabilities.Find(at.Source, wished.Sides)!;
        }
        if (at.Sides != wished.Sides) changes.Add(at.Source == ScanSource.Glass ? "On the glass, one side is scanned." : at.Sides == ScanSides.One ? "The scanner scans one side only." : "The scanner scans both sides.");
        var profile = at.Profiles.FirstOrDefault(one => one.ModeOf(wished.Colour) is not null && one.Formats.Contains(wished.Format))
            ?? at.Profiles.FirstOrDefault(one => one.ModeOf(wished.Colour) is not null) ?? at.Profiles.FirstOrDefault(one => one.Formats.Contains(wished.Format)) ?? at.Profiles[0];
        var colour = ColourNear(profile, wished.Colour);
        if (colour != wished.Colour) changes.Add($"The scanner does not offer {ScanWords.Of(wished.Colour).ToLowerInvariant()} there: it scans in {ScanWords.Of(colour).ToLowerInvariant()}.");
        var format = profile.Formats.Contains(wished.Format) ? wished.Format : profile.Formats[0];
        if (format != wished.Format) changes.Add($"The scanner makes no {ScanWords.Of(wished.Format)} there: it sends {ScanWords.Of(format)}.");
        var dpi = profile.Resolutions.Nearest(wished.Dpi);
        if (dpi != wished.Dpi) changes.Add($"The scanner does not offer {wished.Dpi} dpi there: it scans with {dpi} dpi.");
        var (width, height) = (Math.Clamp(wished.Size.Width, Math.Min(at.Area.MinWidth, at.Area.MaxWidth), at.Area.MaxWidth), Math.Clamp(wished.Size.Height, Math.Min(at.Area.MinHeight, at.Area.MaxHeight), at.Area.MaxHeight));
        if (wished.Size != PaperSize.Whole && !wished.Size.Fits(at.Area)) changes.Add($"{wished.Size.Name} is larger than the scanner takes there: it scans {Inches(width)} x {Inches(height)} inches of it.");
        return new ScanFit(wished with { Source = at.Source, Sides = at.Sides, Colour = colour, Format = format, Dpi = dpi }, changes)
        {
            ColourMode = profile.ModeOf(colour) ?? profile.ColourModes[0],
            Region = (width, height),
        };
    }

    /// <summary>Grey stands between colour and black: what is not offered becomes what shows more.</summary>
    private static ScanColour ColourNear(ScanProfile profile, ScanColour wished)
    {
        ScanColour[] next = wished == ScanColour.Colour ? [ScanColour.Colour, ScanColour.Grey, ScanColour.Black] : wished == ScanColour.Grey
            ? [ScanColour.Grey, ScanColour.Colour, ScanColour.Black] : [ScanColour.Black, ScanColour.Grey, ScanColour.Colour];
        return next.FirstOrDefault(colour => profile.ModeOf(colour) is not null, ScanColour.Colour);
    }

    private static string Inches(int measure) => (measure / 300.0).ToString("0.0");
}
