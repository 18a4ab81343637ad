namespace DeviceMail.Scanning;

/// <summary>How a scanner was found.</summary>
public abstract record ScannerLook
{
    public sealed record Answered(ScannerCapabilities Capabilities, ScannerStatus Status) : ScannerLook;

    /// <summary>It cannot be used.</summary>
    public sealed record Trouble(ScanTrouble Why) : ScannerLook;
}
