namespace DeviceMail.Scanning;

public enum ScanTroubleKind
{
    /// <summary>Off, asleep, or not on the network.</summary>
    Unreachable,
    FeederEmpty,
    Jammed,

    /// <summary>Two sheets were drawn in at once, or none.</summary>
    Misfed,
    CoverOpen,

    /// <summary>Something else at the feeder, as its tray.</summary>
    FeederTrouble,
    Busy,

    /// <summary>The connection or the page broke off.</summary>
    CutOff,

    /// <summary>Somebody cancelled at the scanner, or it gave up.</summary>
    Aborted,
    OtherCertificate,

    /// <summary>It demands a password, or takes no such job.</summary>
    Refused,

    /// <summary>What it sent is not eSCL, no JPEG and no PDF.</summary>
    Unreadable,
    DiskFull,
}

/// <summary>Why a scanner cannot be used, or a run ended early.</summary>
/// <param name="Sentence">What is, and what to do. What was scanned before is kept: the sentence need not say so.</param>
public sealed record ScanTrouble(ScanTroubleKind Kind, string Sentence)
{
    /// <summary>Whether the person at the scanner can mend it there and go on.</summary>
    public bool CanGoOn => Kind is not (ScanTroubleKind.OtherCertificate or ScanTroubleKind.Refused or ScanTroubleKind.Unreadable or ScanTroubleKind.DiskFull);
}
