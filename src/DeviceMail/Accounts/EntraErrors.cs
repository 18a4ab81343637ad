using System.Text.RegularExpressions;
using DeviceMail.Activity;

namespace DeviceMail.Accounts;

/// <summary>
/// What a refusal of the token or device endpoint means. The error word decides whether the sign-in has ended (RFC 6749 5.2); Entra's number only
/// chooses the advice, because numbers may change (Microsoft Entra authentication and authorization error codes).
/// </summary>
public static partial class EntraErrors
{
    private static readonly Dictionary<int, Problem> _byNumber = new()
    {
        [700082] = Problems.Expired,
        [70008] = Problems.Expired,
        [70043] = Problems.Expired,
        [50078] = Problems.Expired,
        [50089] = Problems.Expired,
        [50173] = Problems.SignInAgain,
        [50132] = Problems.SignInAgain,
        [50133] = Problems.SignInAgain,
        [50057] = Problems.SignInAgain,
        [50034] = Problems.SignInAgain,
        [50055] = Problems.SignInAgain,
        [50076] = Problems.BlockedByPolicy,
        [50079] = Problems.BlockedByPolicy,
        [50097] = Problems.BlockedByPolicy,
        [50105] = Problems.BlockedByPolicy,
        [50158] = Problems.BlockedByPolicy,
        [53000] = Problems.BlockedByPolicy,
        [53001] = Problems.BlockedByPolicy,
        [53003] = Problems.BlockedByPolicy,
        [530033] = Problems.BlockedByPolicy,
        [530036] = Problems.BlockedByPolicy,
        [65001] = Problems.ConsentMissing,
        [65004] = Problems.ConsentMissing,
        [90094] = Problems.ConsentMissing,
        [50194] = Problems.SingleTenant,
        [7000218] = Problems.SetUpFault,
        [700016] = Problems.SetUpFault,
        [90002] = Problems.SetUpFault,
        [700025] = Problems.SetUpFault,
        [70011] = Problems.SetUpFault,
    };

    /// <summary>Words that mean "ask again later": the sign-in is as good as it was.</summary>
    public static bool IsTemporary(string error) => error is "temporarily_unavailable" or "server_error" or "slow_down" or "authorization_pending";

    /// <param name="error">The word of RFC 6749 5.2 or RFC 8628 3.5.</param>
    /// <param name="codes">Entra's numbers, where there are any.</param>
    /// <param name="description">The server's sentence; a number is looked for in it when there are no codes.</param>
    public static Problem Explain(string error, IReadOnlyList<int>? codes, string? description)
    {
        var numbers = codes is { Count: > 0 } ? codes : Numbers().Matches(description ?? "").Select(match => int.TryParse(match.Groups[1].Value, out var number) ? number : 0);
        foreach (var number in numbers)
            if (_byNumber.TryGetValue(number, out var known)) return known;
        return error switch
        {
            "consent_required" => Problems.ConsentMissing,
            "interaction_required" or "login_required" => Problems.BlockedByPolicy,
            "invalid_client" or "unauthorized_client" or "invalid_scope" or "invalid_request" or "unsupported_grant_type" or "invalid_resource" => Problems.SetUpFault,
            _ => Problems.SignInAgain,
        };
    }

    /// <summary>The first line of the server's words, for people; trace ids follow on later lines.</summary>
    public static string FirstLine(string error, string? description) =>
        new([.. (description is { Length: > 0 } ? description : error).Split('\n')[0].Where(c => !char.IsControl(c)).Take(500)]);

    [GeneratedRegex(@"AADSTS(\d{1,9})")]
    private static partial Regex Numbers();
}
