namespace DeviceMail.Scanning;

/// <summary>What a person can choose at a scanner.</summary>
/// <param name="Sources">At least one; the feeder first.</param>
public sealed record ScanChoices(IReadOnlyList<SourceChoices> Sources)
{
    /// <summary>What is ticked before anybody chooses: a sheet in the feeder, one side, colour, 300 dpi, A4, as far as the scanner has that.</summary>
    public ScanSettings Usual => new() { Source = Sources[0].Source, Size = Sources[0].Sizes[0] };

    public SourceChoices? Find(ScanSource source) => Sources.FirstOrDefault(one => one.Source == source);

    internal static ScanChoices Of(ScannerCapabilities capabilities) => new([.. capabilities.Sources.GroupBy(one => one.Source).Select(group => SourceChoices.Of(group.Key, [.. group]))]);
}

/// <summary>What can be chosen at one source; none of the lists is empty.</summary>
public sealed record SourceChoices(ScanSource Source)
{
    private const int MostResolutions = 4;

    private static readonly int[] _usual = [150, 200, 300, 600];

    public required IReadOnlyList<ScanSides> Sides { get; init; }

    public required IReadOnlyList<ScanColour> Colours { get; init; }

    /// <summary>In dots an inch, rising.</summary>
    public required IReadOnlyList<int> Resolutions { get; init; }

    public required IReadOnlyList<PaperSize> Sizes { get; init; }

    public required IReadOnlyList<ScanFormat> Formats { get; init; }

    internal static SourceChoices Of(ScanSource source, IReadOnlyList<SourceCapabilities> all)
    {
        var profiles = all.SelectMany(one => one.Profiles).ToList();
        var sizes = PaperSize.All.Where(size => all.Any(one => size.Fits(one.Area))).ToList();
        var colours = profiles.SelectMany(profile => profile.Colours).Distinct().Order().ToList();
        var resolutions = _usual.Where(dpi => profiles.Any(profile => profile.Resolutions.Offers(dpi))).ToList();
        return new SourceChoices(source)
        {
            Sides = [.. all.Select(one => one.Sides).Distinct().Order()],
            Colours = colours.Count > 0 ? colours : [ScanColour.Colour],
            Resolutions = resolutions.Count > 0 ? resolutions
                : [.. profiles.SelectMany(profile => _usual.Select(profile.Resolutions.Nearest)).Distinct().Order().Take(MostResolutions)],
            Sizes = sizes.Count > 0 ? sizes : [PaperSize.Whole],
            Formats = [.. profiles.SelectMany(profile => profile.Formats).Distinct().Order()],
        };
    }
}

/// <summary>The words of choices, on pages and at the command line.</summary>
public static class ScanWords
{
    public static string Of(ScanSource source) => source == ScanSource.Feeder ? "Feeder" : "Glass";

    public static string Of(ScanSides sides) => sides == ScanSides.One ? "One side" : "Both sides";

    public static string Of(ScanColour colour) => colour switch { ScanColour.Colour => "Colour", ScanColour.Grey => "Grey", _ => "Black and white" };

    public static string Of(ScanFormat format) => format == ScanFormat.Jpeg ? "JPEG" : "PDF";
}
