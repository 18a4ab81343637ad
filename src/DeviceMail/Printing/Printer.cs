namespace DeviceMail.Printing;

/// <summary>A printer of the list.</summary>
/// <param name="Id">0 before it is saved.</param>
/// <param name="Name">What people call it, 1 to 100 characters.</param>
public sealed record Printer(long Id, string Name, PrinterAddress Address)
{
    /// <summary>SHA-256 of the certificate it showed at first use, in hexadecimal; null: none was kept.</summary>
    public string? Certificate { get; init; }
}

/// <summary>How a printer says it is.</summary>
/// <param name="Model">Make and model.</param>
/// <param name="Firmware">Empty where it does not tell.</param>
/// <param name="State">ready, printing or stopped.</param>
/// <param name="Reasons">In plain words; empty: all is well.</param>
public sealed record PrinterStatus(string Model, string Firmware, string State, IReadOnlyList<string> Reasons)
{
    /// <summary>Media types of the documents it takes.</summary>
    internal IReadOnlyList<string> Formats { get; init; } = [];

    /// <summary>Keywords of the paper that is in it, or that it takes by itself where it does not tell.</summary>
    internal IReadOnlyList<string> Loaded { get; init; } = [];

    internal IReadOnlyList<string> Media { get; init; } = [];

    internal bool AcceptsJobs { get; init; } = true;

    /// <summary>As in "stopped: it is out of paper".</summary>
    public string Words => Reasons.Count == 0 ? State : $"{State}: {string.Join(", ", Reasons)}";

    internal static PrinterStatus Read(IppMessage answer) => new(
        answer.Text("printer-make-and-model"), answer.Text("printer-firmware-string-version"), StateOf(answer.Number("printer-state")),
        PrinterReasons.Of(answer.Texts("printer-state-reasons")))
    {
        Formats = answer.Texts("document-format-supported"),
        Loaded = answer.Texts("media-ready") is { Count: > 0 } ready ? ready : answer.Texts("media-default"),
        Media = answer.Texts("media-supported"),
        AcceptsJobs = answer.Flag("printer-is-accepting-jobs") ?? true,
    };

    /// <summary>RFC 8011 5.4.11.</summary>
    private static string StateOf(int? state) => state switch { 3 => "ready", 4 => "printing", 5 => "stopped", _ => "in a state that it does not name" };
}
