using System.Xml.Linq;

namespace DeviceMail.Scanning;

/// <summary>How a scanner says it is.</summary>
/// <param name="State">As it names it: Idle, Processing, Testing, Stopped, Down; empty where it does not tell.</param>
/// <param name="Feeder">State of its feeder, as ScannerAdfLoaded; empty where it has none, or does not tell.</param>
public sealed record ScannerStatus(string State, string Feeder)
{
    internal IReadOnlyList<ScanJob> Jobs { get; init; } = [];

    public bool IsFeederLoaded => Is("ScannerAdfLoaded");

    public bool IsFeederEmpty => Is("ScannerAdfEmpty");

    public bool IsBusy => State.Equals("Processing", StringComparison.OrdinalIgnoreCase) || State.Equals("Testing", StringComparison.OrdinalIgnoreCase);

    /// <summary>As in "ready, paper in the feeder".</summary>
    public string Words
    {
        get
        {
            var state = State.ToUpperInvariant() switch
            {
                "IDLE" or "" => "ready",
                "PROCESSING" => "scanning",
                "TESTING" => "testing itself",
                "STOPPED" => "stopped",
                "DOWN" => "out of service",
                _ => $"in the state “{State}”",
            };
            var feeder = FeederTrouble is { } trouble ? ScanTroubles.InShort(trouble) : IsFeederLoaded ? "paper in the feeder" : IsFeederEmpty ? "no paper in the feeder" : "";
            return feeder.Length == 0 ? state : $"{state}, {feeder}";
        }
    }

    /// <summary>What is wrong at the feeder, apart from that it is empty; null: nothing.</summary>
    internal ScanTroubleKind? FeederTrouble => Feeder.Replace("ScannerAdf", "", StringComparison.OrdinalIgnoreCase).ToUpperInvariant() switch
    {
        "JAM" or "JAMMED" => ScanTroubleKind.Jammed,
        "HATCHOPEN" or "DOOROPEN" or "COVEROPEN" => ScanTroubleKind.CoverOpen,
        "MISPICK" or "MULTIPICKDETECTED" => ScanTroubleKind.Misfed,
        "INPUTTRAYFAILED" or "INPUTTRAYOVERLOADED" or "DUPLEXPAGETOOSHORT" or "DUPLEXPAGETOOLONG" => ScanTroubleKind.FeederTrouble,
        _ => null,
    };

    /// <param name="path">The job's path at the scanner: some name their jobs by a whole address, some by a path, some with another host.</param>
    internal ScanJob? Find(string path)
    {
        var name = LastStep(path);
        return Jobs.FirstOrDefault(job => LastStep(job.Uri) == name || job.Uuid.Length > 0 && LastStep(job.Uuid.Replace("urn:uuid:", "", StringComparison.OrdinalIgnoreCase)).Equals(name, StringComparison.OrdinalIgnoreCase));
    }

    internal static ScannerStatus Read(XElement status) => new(status.Text("State"), status.Text("AdfState"))
    {
        Jobs = [.. status.Below("JobInfo").Select(job => new ScanJob(job.Text("JobUri"), job.Text("JobUuid"))
        {
            State = job.Text("JobState"),
            Reasons = [.. job.Below("JobStateReason").Select(reason => reason.Value.Trim()).Where(reason => reason.Length > 0)],
        })],
    };

    private static string LastStep(string path) => path.TrimEnd('/').Split('/')[^1];

    private bool Is(string state) => Feeder.Equals(state, StringComparison.OrdinalIgnoreCase);
}

/// <summary>A job as the scanner tells of it.</summary>
internal sealed record ScanJob(string Uri, string Uuid)
{
    /// <summary>Pending, Processing, Completed, Canceled or Aborted (PWG 5100.18's words for jobs).</summary>
    public required string State { get; init; }

    public required IReadOnlyList<string> Reasons { get; init; }

    public bool IsCompleted => Is("Completed");

    public bool IsUnderWay => Is("Processing") || Is("Pending");

    public bool IsBroken => Is("Aborted") || IsCancelled;

    public bool IsCancelled => Is("Canceled") || Is("Cancelled");

    private bool Is(string state) => State.Equals(state, StringComparison.OrdinalIgnoreCase);
}
