using System.Text.Json.Serialization;
using DeviceMail.Activity;

namespace DeviceMail.Doctor;

/// <summary>How a line of the doctor came out.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DoctorMark>))]
public enum DoctorMark
{
    /// <summary>Not looked at yet, or being looked at.</summary>
    Waiting,

    Passed,

    /// <summary>Mail goes out as it is, but an administrator should know.</summary>
    Warned,

    Failed,

    /// <summary>It could not be found out, and the line says why.</summary>
    Unknown,
}

/// <summary>One line: what was looked at, what was found, and what to do.</summary>
/// <param name="Mark">How it came out.</param>
/// <param name="Sentence">What was found.</param>
public sealed record DoctorLine(DoctorMark Mark, string Sentence)
{
    /// <summary>Its stable name, such as smtp-auth.</summary>
    public string Key { get; init; } = "";

    /// <summary>The account it is about; empty: the gateway.</summary>
    public string Account { get; init; } = "";

    public string Remedy { get; init; } = "";

    /// <summary>One of these helps; empty where the remedy says all.</summary>
    public IReadOnlyList<DoctorWay> Ways { get; init; } = [];

    public string ServerWords { get; init; } = "";

    /// <summary>How long it took.</summary>
    public long Milliseconds { get; init; }

    internal static DoctorLine Passed(string sentence) => new(DoctorMark.Passed, sentence);

    internal static DoctorLine Warned(string sentence, string remedy) => new(DoctorMark.Warned, sentence) { Remedy = remedy };

    internal static DoctorLine Unknown(string sentence, string remedy = "") => new(DoctorMark.Unknown, sentence) { Remedy = remedy };

    internal static DoctorLine Failed(string sentence, string remedy, string serverWords = "") => new(DoctorMark.Failed, sentence) { Remedy = remedy, ServerWords = serverWords };

    /// <summary>In the catalogue's words.</summary>
    internal static DoctorLine Failed(Problem problem, string serverWords) =>
        Failed($"{problem.Title}{(problem.Code is { } code ? $" (code {code})" : "")}. {problem.Cause}", problem.Remedy, serverWords);
}

/// <summary>A way to mend something at the email service.</summary>
/// <param name="Title">What it changes, and for whom.</param>
/// <param name="Path">Where to click, from the name of the admin center on.</param>
/// <param name="Lines">The same as PowerShell, ready to paste.</param>
public sealed record DoctorWay(string Title, string Path, IReadOnlyList<string> Lines);

/// <summary>All lines of one examination.</summary>
/// <param name="Account">The account that was asked for; empty: all.</param>
public sealed record DoctorReport(string Account, IReadOnlyList<DoctorLine> Lines)
{
    public int Passed => Count(DoctorMark.Passed);

    public int Warned => Count(DoctorMark.Warned);

    public int Failed => Count(DoctorMark.Failed);

    public int Unknown => Count(DoctorMark.Unknown);

    private int Count(DoctorMark mark) => Lines.Count(line => line.Mark == mark);
}
