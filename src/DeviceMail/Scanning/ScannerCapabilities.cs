using System.Xml.Linq;

namespace DeviceMail.Scanning;

/// <summary>What a scanner can do, as it tells.</summary>
/// <param name="Model">Make and model; empty where it does not tell.</param>
/// <param name="Version">Of eSCL, such as 2.63.</param>
public sealed record ScannerCapabilities(string Model, string Version)
{
    public string SerialNumber { get; init; } = "";

    /// <summary>What a person can choose, for the pages.</summary>
    public ScanChoices Choices => field ??= ScanChoices.Of(this);

    /// <summary>Feeder first: what has pages, and how it scans.</summary>
    internal IReadOnlyList<SourceCapabilities> Sources { get; init; } = [];

    /// <summary>Whether it knows of paper in the feeder before it draws a sheet in.</summary>
    internal bool DetectsPaper { get; init; }

    /// <summary>Whether it takes the intent of a document.</summary>
    internal bool KnowsDocuments { get; init; }

    /// <summary>Whether a request names the format by DocumentFormatExt too, which came with version 2.1.</summary>
    internal bool HasExtendedFormats => Sources.Any(source => source.Profiles.Any(profile => profile.HasExtendedFormats))
        || System.Version.TryParse(Version, out var version) && version >= new Version(2, 1);

    /// <summary>Null: it has no such source. Where it has no feeder for two sides, the one for one side.</summary>
    internal SourceCapabilities? Find(ScanSource source, ScanSides sides) =>
        Sources.FirstOrDefault(one => one.Source == source && one.Sides == sides) ?? Sources.FirstOrDefault(one => one.Source == source);

    /// <summary>Null where it tells of nothing that it scans from.</summary>
    internal static ScannerCapabilities? Read(XElement root)
    {
        var profiles = root.Below("SettingProfile").Where(profile => profile.Attribute("name") is not null)
            .GroupBy(profile => profile.Attribute("name")!.Value).ToDictionary(named => named.Key, named => named.First());
        var sources = new List<SourceCapabilities>();
        void Add(string element, ScanSource source, ScanSides sides)
        {
            if (root.First(element) is { } caps) sources.Add(SourceCapabilities.Read(caps, profiles) with { Source = source, Sides = sides });
        }
        Add("AdfSimplexInputCaps", ScanSource.Feeder, ScanSides.One);
        Add("AdfDuplexInputCaps", ScanSource.Feeder, ScanSides.Both);
        Add("PlatenInputCaps", ScanSource.Glass, ScanSides.One);
        if (sources.Count == 0) return null;
        var options = root.Below("AdfOption").Select(option => option.Value.Trim()).ToList();
        // Some tell of one feeder only, and of its second side by an option.
        if (options.Contains("Duplex") && sources.All(one => one.Sides == ScanSides.One) && sources.Find(one => one.Source == ScanSource.Feeder) is { } feeder)
            sources.Insert(1, feeder with { Sides = ScanSides.Both });
        return new ScannerCapabilities(root.Text("MakeAndModel"), root.Text("Version"))
        {
            SerialNumber = root.Text("SerialNumber"),
            Sources = sources,
            DetectsPaper = options.Contains("DetectPaperLoaded"),
            KnowsDocuments = root.Below("SupportedIntents").SelectMany(intents => intents.Elements()).Any(intent => intent.Value.Trim() == "Document"),
        };
    }
}

/// <summary>What one source can do.</summary>
internal sealed record SourceCapabilities
{
    public required ScanSource Source { get; init; }

    public required ScanSides Sides { get; init; }

    public required ScanArea Area { get; init; }

    /// <summary>At least one. A colour, a format and a resolution go together where one of these has all three.</summary>
    public required IReadOnlyList<ScanProfile> Profiles { get; init; }

    /// <summary>The measures of A4 where it does not tell: every scanner takes those.</summary>
    public static SourceCapabilities Read(XElement caps, Dictionary<string, XElement> named)
    {
        var profiles = caps.Below("SettingProfile").Select(profile => profile.Attribute("ref") is { } name && named.TryGetValue(name.Value, out var meant) ? meant : profile)
            .Select(ScanProfile.Read).ToList();
        return new SourceCapabilities
        {
            Source = ScanSource.Glass,
            Sides = ScanSides.One,
            Area = new ScanArea(caps.Number("MinWidth") ?? 0, caps.Number("MaxWidth") ?? PaperSize.A4.Width, caps.Number("MinHeight") ?? 0, caps.Number("MaxHeight") ?? PaperSize.A4.Height),
            Profiles = profiles.Count > 0 ? profiles : [ScanProfile.Read(caps)],
        };
    }
}

/// <summary>Colours, formats and resolutions that go together.</summary>
internal sealed record ScanProfile
{
    public const string Jpeg = "image/jpeg", Pdf = "application/pdf";

    /// <summary>By eSCL's names, as RGB24.</summary>
    public required IReadOnlyList<string> ColourModes { get; init; }

    public required IReadOnlyList<ScanFormat> Formats { get; init; }

    public required ScanResolutions Resolutions { get; init; }

    public bool HasExtendedFormats { get; init; }

    public IEnumerable<ScanColour> Colours => Enum.GetValues<ScanColour>().Where(colour => ModeOf(colour) is not null);

    /// <summary>The scanner's name of the colour; null: it has none such. 8 bits a colour go before more, which no mail needs.</summary>
    public string? ModeOf(ScanColour colour)
    {
        string[] names = colour switch
        {
            ScanColour.Colour => ["RGB24", "RGB48"],
            ScanColour.Grey => ["Grayscale8", "Grayscale16"],
            _ => ["BlackAndWhite1"],
        };
        return Array.Find(names, ColourModes.Contains);
    }

    public static ScanProfile Read(XElement profile)
    {
        var extended = profile.Below("DocumentFormatExt").ToList();
        var formats = profile.Below("DocumentFormat").Concat(extended).Select(format => format.Value.Trim().ToLowerInvariant()).ToHashSet();
        var colours = profile.Below("ColorMode").Select(mode => mode.Value.Trim()).Where(mode => mode.Length > 0).Distinct().ToList();
        return new ScanProfile
        {
            // Mopria demands of every scanner what stands in for silence here.
            ColourModes = colours.Count > 0 ? colours : ["RGB24"],
            Formats = (formats.Contains(Jpeg), formats.Contains(Pdf)) switch
            {
                (true, true) => [ScanFormat.Jpeg, ScanFormat.Pdf],
                (false, true) => [ScanFormat.Pdf],
                _ => [ScanFormat.Jpeg],
            },
            Resolutions = ScanResolutions.Read(profile),
            HasExtendedFormats = extended.Count > 0,
        };
    }
}

/// <summary>A list of resolutions, or a range of them, in dots an inch.</summary>
internal sealed record ScanResolutions(IReadOnlyList<int> Listed)
{
    private const int Usual = 300;

    public (int Min, int Max, int Step)? Range { get; init; }

    public bool Offers(int dpi) => Listed.Contains(dpi) || Range is { } range && dpi >= range.Min && dpi <= range.Max && (dpi - range.Min) % range.Step == 0;

    /// <summary>The one next to it; of two that are equally far, the finer.</summary>
    public int Nearest(int dpi)
    {
        if (Offers(dpi)) return dpi;
        var near = Listed.ToList();
        if (Range is { } range)
        {
            var below = Math.Clamp(dpi, range.Min, range.Max);
            below -= (below - range.Min) % range.Step;
            near.Add(below);
            if (below + range.Step <= range.Max) near.Add(below + range.Step);
        }
        return near.OrderBy(one => Math.Abs(one - dpi)).ThenByDescending(one => one).First();
    }

    public static ScanResolutions Read(XElement profile)
    {
        var listed = profile.Below("DiscreteResolution").Where(one => one.Number("XResolution") == one.Number("YResolution")).Select(one => one.Number("XResolution") ?? 0)
            .Where(dpi => dpi > 0).Distinct().Order().ToList();
        var (min, max, step) = (profile.First("XResolutionRange")?.Number("Min") ?? 0, profile.First("XResolutionRange")?.Number("Max") ?? 0, profile.First("XResolutionRange")?.Number("Step") ?? 1);
        if (min > 0 && max >= min) return new ScanResolutions(listed) { Range = (min, max, Math.Max(1, step)) };
        return new ScanResolutions(listed.Count > 0 ? listed : [Usual]);
    }
}
