using DeviceMail.Scanning;

namespace DeviceMail.ToMyEmail;

/// <summary>A scan that somebody asks for.</summary>
/// <param name="Person">The user ID of who gets it.</param>
/// <param name="Scanner">A scanner of the list by its name; null: the only one there is.</param>
public sealed record ScanWish(string Person, string? Scanner)
{
    /// <summary>feeder or glass.</summary>
    public string Source { get; init; } = "feeder";

    public bool BothSides { get; init; }

    /// <summary>colour, grey or black.</summary>
    public string Colour { get; init; } = "colour";

    /// <summary>Dots an inch, 75 to 1200.</summary>
    public int Dpi { get; init; } = 300;

    /// <summary>The name of a <see cref="PaperSize"/>.</summary>
    public string Size { get; init; } = PaperSize.A4.Name;

    /// <summary>What to ask the scanner for, or a sentence that says what is wrong with the wish.</summary>
    internal (ScanSettings? Settings, string Fault) Read()
    {
        if (!Enum.TryParse<ScanSource>(Source, ignoreCase: true, out var source) || !Enum.IsDefined(source)) return (null, $"“{Source}” is no source: it is feeder or glass.");
        if (!Enum.TryParse<ScanColour>(Colour, ignoreCase: true, out var colour) || !Enum.IsDefined(colour)) return (null, $"“{Colour}” is no colour: it is colour, grey or black.");
        if (Dpi is < 75 or > 1_200) return (null, $"{Dpi} dpi cannot be scanned: it must be from 75 to 1200.");
        if (PaperSize.Find(Size) is not { } size) return (null, $"“{Size}” is no size: it is one of {string.Join(", ", PaperSize.All.Select(one => one.Name))}.");
        return (new ScanSettings { Source = source, Sides = BothSides ? ScanSides.Both : ScanSides.One, Colour = colour, Dpi = Dpi, Size = size }, "");
    }
}
