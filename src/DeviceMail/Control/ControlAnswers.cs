namespace DeviceMail.Control;

/// <summary>What the service answers when it does not do what was asked.</summary>
public sealed record Refusal(string Sentence);

/// <summary>An answer that carries nothing but "done".</summary>
public sealed record Done(string Sentence);

public static class ControlAnswers
{
    /// <summary>The command prints the sentence and ends with 1.</summary>
    public static IResult Refused(string sentence) =>
        Results.Json(new Refusal(sentence), ControlJson.Default.Refusal, statusCode: StatusCodes.Status422UnprocessableEntity);

    /// <summary>The command prints the sentence and ends with 0.</summary>
    public static IResult Done(string sentence) => Results.Json(new Done(sentence), ControlJson.Default.Done);
}
