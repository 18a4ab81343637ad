using DeviceMail.Activity;

namespace DeviceMail.Accounts;

/// <summary>
/// What a refusal of the token or device endpoint means. The error words decide whether the sign-in has ended (RFC 6749 5.2); Entra's number only
/// chooses the advice, because numbers may change (Microsoft Entra authentication and authorization error codes).
/// </summary>
public static class EntraErrors
{
    /// <summary>Whether the words mean "ask again later": the sign-in is as good as it was.</summary>
    public static bool IsTemporary(string error) => Catalogue.OfError(error)?.Effect is SignInEffect.Temporary or SignInEffect.Pending;

    /// <summary>The problem to show. It may pass, unless the error says that the sign-in has ended.</summary>
    /// <param name="error">The word of RFC 6749 5.2 or RFC 8628 3.5.</param>
    /// <param name="codes">Entra's numbers, where there are any.</param>
    /// <param name="description">The server's sentence; a number is looked for in it when there are no codes.</param>
    /// <param name="subError">Entra's second word, where there is one.</param>
    public static Problem Explain(string error, IReadOnlyList<int>? codes, string? description, string? subError = null)
    {
        var numbers = codes is { Count: > 0 } ? codes : Catalogue.NumbersIn(description ?? "");
        var known = Catalogue.OfError(error);
        var advice = numbers.Select(Catalogue.OfNumber).FirstOrDefault(entry => entry is not null)?.Problem
            ?? (subError is null ? null : Catalogue.OfSubError(subError)?.Problem) ?? known?.Problem ?? Problems.SignInRefused;
        return known?.Effect == SignInEffect.Ends || advice.MayPass ? advice : known?.Problem ?? Problems.SignInRefused;
    }

    /// <summary>The first line of the server's words, for people; trace ids follow on later lines.</summary>
    public static string FirstLine(string error, string? description) =>
        new([.. (description is { Length: > 0 } ? description : error).Split('\n')[0].Where(c => !char.IsControl(c)).Take(500)]);
}
