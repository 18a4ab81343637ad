namespace DeviceMail.Scanning;

/// <summary>A whole page as JPEG, or the scanner's own whole PDF, in a file.</summary>
/// <param name="MediaType">image/jpeg or application/pdf, by what the file holds.</param>
public sealed record ScannedFile(string Path, string MediaType, long Octets);

/// <summary>What happens during a run, in order.</summary>
public abstract record ScanStep
{
    /// <summary>The scanner begins to send a page (or its PDF).</summary>
    public sealed record PageBegins : ScanStep;

    /// <param name="Octets">How much of the page has come.</param>
    public sealed record Receiving(long Octets) : ScanStep;

    /// <summary>The page is in the folder, whole.</summary>
    public sealed record Page(ScannedFile File) : ScanStep;

    /// <summary>The last step of a run that did all it was asked for.</summary>
    public sealed record Finished : ScanStep;

    /// <summary>The last step of a run that ended before; the pages that were reported stay whole.</summary>
    public sealed record Stopped(ScanTrouble Trouble) : ScanStep;
}
