using System.Text.Json.Serialization;

namespace DeviceMail.Web;

/// <summary>Why the HTTP API did not do what was asked (RFC 9457).</summary>
/// <param name="Type">Names the kind of problem; programs compare it.</param>
/// <param name="Title">The kind in words, always the same.</param>
/// <param name="Status">The answer's status.</param>
/// <param name="Detail">Cause and remedy of this case.</param>
public sealed record ApiProblem(string Type, string Title, int Status, string Detail)
{
    /// <summary>What is wrong with each field or parameter, by its name.</summary>
    public IReadOnlyDictionary<string, string[]>? Errors { get; init; }
}

/// <summary>What the HTTP API answers when it does not do what was asked.</summary>
public static class ApiAnswers
{
    public const string ProblemType = "application/problem+json";

    /// <param name="status">400 to 599.</param>
    /// <param name="title">The kind of problem, in the same few words each time: its type is made of them.</param>
    /// <param name="detail">Cause and remedy, in sentences.</param>
    public static IResult Refused(int status, string title, string detail) => Refused(status, title, detail, null);

    /// <summary>With what is wrong with each field, by its name.</summary>
    public static IResult Refused(int status, string title, string detail, IReadOnlyDictionary<string, string[]>? errors) =>
        Results.Json(new ApiProblem(TypeOf(title), title, status, detail) { Errors = errors }, ApiJson.Default.ApiProblem, ProblemType, status);

    /// <summary>One field or parameter of the request cannot be so: 422 for the body, 400 for the address.</summary>
    public static IResult WrongField(int status, string field, string sentence) =>
        Refused(status, "Wrong value", sentence, new Dictionary<string, string[]> { [field] = [sentence] });

    public static IResult NotFound(string detail) => Refused(StatusCodes.Status404NotFound, "Not found", detail);

    /// <summary>Nobody registers types of problems; what is stable is enough.</summary>
    private static string TypeOf(string title) => $"urn:devicemail:{string.Join('-', title.ToLowerInvariant().Split(' '))}";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(ApiProblem))]
internal sealed partial class ApiJson : JsonSerializerContext;
