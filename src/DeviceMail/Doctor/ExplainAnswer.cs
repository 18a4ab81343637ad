using System.Text.Json.Serialization;
using DeviceMail.Activity;

namespace DeviceMail.Doctor;

/// <summary>What a code or text means, for page and command line alike.</summary>
/// <param name="Question">As it was asked.</param>
/// <param name="Meanings">Best first; empty when nothing is known.</param>
public sealed record ExplainAnswer(string Question, IReadOnlyList<ExplainedLine> Meanings)
{
    /// <summary>What stands above the meanings: what the guide's code says, how many there are, or that nothing is known and what to do.</summary>
    public required string Sentence { get; init; }

    public static ExplainAnswer To(string question)
    {
        var found = Explanations.Find(question);
        return new ExplainAnswer(question, [.. found.Take(Explanations.Most).Select(ExplainedLine.Of)]) { Sentence = SentenceOn(question, found.Count) };
    }

    private static string SentenceOn(string question, int count) => (Explanations.GuideCodeOf(question), count) switch
    {
        ({ } code, _) => $"Code {code}: {Explanations.GuideCodes[code]} It can have {count} causes; Job Status names the one of each job.",
        (null, 0) => "This gateway knows nothing about that. Enter the whole line that the server said, with its numbers; for a number of Entra beginning with AADSTS,"
            + " https://login.microsoftonline.com/error tells Microsoft's own words.",
        (null, 1) => "",
        (null, > Explanations.Most) => $"{count} meanings fit, the first {Explanations.Most} are shown. More of what the server said narrows it down.",
        _ => $"{count} meanings fit. More of what the server said narrows it down.",
    };
}

/// <summary>One meaning.</summary>
/// <param name="Says">By what it is known.</param>
/// <param name="Key">The problem's key.</param>
public sealed record ExplainedLine(string Says, string Key, int? Code)
{
    public required string Title { get; init; }

    public required string Cause { get; init; }

    public required string Remedy { get; init; }

    public required string Consequence { get; init; }

    public required bool SignInHelps { get; init; }

    public required bool MayPass { get; init; }

    internal static ExplainedLine Of(Explanation one) => new(one.Says, one.Problem.Key, one.Problem.Code)
    {
        Title = one.Problem.Title,
        Cause = one.Problem.Cause,
        Remedy = one.Problem.Remedy,
        Consequence = one.Consequence,
        SignInHelps = one.Problem.SignInHelps,
        MayPass = one.Problem.MayPass,
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(ExplainAnswer))]
[JsonSerializable(typeof(DoctorReport))]
internal sealed partial class DoctorJson : JsonSerializerContext;
