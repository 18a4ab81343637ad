namespace DeviceMail.Scanning;

/// <summary>The table of what goes wrong at a scanner, and what the person beside it does.</summary>
internal static class ScanTroubles
{
    /// <param name="kind">One that happens at the scanner itself.</param>
    /// <param name="scanner">What people call it.</param>
    public static ScanTrouble At(ScanTroubleKind kind, string scanner) => new(kind, kind switch
    {
        ScanTroubleKind.FeederEmpty => $"No paper is in the feeder of {scanner}. Put the pages in, then scan again.",
        ScanTroubleKind.Jammed => $"Paper is jammed in the feeder of {scanner}. Take it out, put that page and the rest in again, and go on.",
        ScanTroubleKind.Misfed => $"{scanner} drew in no sheet, or two at once. Put that page and the rest in again, straight and loose, and go on.",
        ScanTroubleKind.CoverOpen => $"A cover of {scanner} is open. Close it, put the page that was under way and the rest in again, and go on.",
        ScanTroubleKind.FeederTrouble => $"The feeder of {scanner} does not take the sheets: a sheet is too short or too long, or its tray is too full. Look at the scanner's panel, put the rest in again, and go on.",
        ScanTroubleKind.Busy => $"{scanner} is busy with other work. Wait until it is free, then scan again.",
        ScanTroubleKind.CutOff => $"The connection to {scanner} broke off in mid page. Put that page and the rest in again, and go on.",
        ScanTroubleKind.Aborted => $"{scanner} gave the scan up. Look at its panel, put the page that is missing and the rest in again, and go on.",
        ScanTroubleKind.Unreachable => $"{scanner} does not answer: it is switched off, asleep, or not on the network. Switch it on or wake it with a key, then scan again.",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Its sentence needs more than the scanner's name."),
    });

    /// <summary>As in "stopped, paper is jammed".</summary>
    public static string InShort(ScanTroubleKind kind) => kind switch
    {
        ScanTroubleKind.Jammed => "paper is jammed",
        ScanTroubleKind.Misfed => "no sheet or two at once were drawn in",
        ScanTroubleKind.CoverOpen => "a cover is open",
        _ => "the feeder does not take the sheets",
    };
}
