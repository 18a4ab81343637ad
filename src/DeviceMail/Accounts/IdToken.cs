using System.Buffers.Text;
using System.Text.Json;
using DeviceMail.Activity;
using DeviceMail.Messages;

namespace DeviceMail.Accounts;

/// <summary>
/// Who signed in, read from an ID token that came straight from the token endpoint over TLS, where its signature need not be checked
/// (OpenID Connect Core 3.1.3.7 rule 6). Its audience must be our application.
/// </summary>
internal static class IdToken
{
    /// <summary>The sign-in name and the organisation's id; null where the token says none or is not for us.</summary>
    public static (string? Name, string Organisation) Read(string? token, string clientId)
    {
        using var claims = Open(token);
        if (claims?.RootElement is not { } root || !IsFor(root, clientId)) return (null, "");
        // The subject is a name for people where it has the form of an address; elsewhere it is a number of the provider's own.
        var subject = MailAddress.TryParse(Text(root, "sub"), out var address) ? address.ToString() : null;
        return (Text(root, "preferred_username") ?? Text(root, "email") ?? Text(root, "upn") ?? subject, Text(root, "tid") ?? Text(root, "iss") ?? "");
    }

    /// <summary>Null where it is no token with claims.</summary>
    public static JsonDocument? Open(string? token)
    {
        if (token?.Split('.') is not { Length: 3 } parts) return null;
        try
        {
            var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
            if (claims.RootElement.ValueKind == JsonValueKind.Object) return claims;
            claims.Dispose();
            return null;
        }
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            return null;
        }
    }

    public static bool IsFor(JsonElement claims, string clientId) => claims.TryGetProperty("aud", out var audience) && (
        audience.ValueKind == JsonValueKind.String && audience.GetString() == clientId
        || audience.ValueKind == JsonValueKind.Array && audience.EnumerateArray().Any(one => one.ValueKind == JsonValueKind.String && one.GetString() == clientId));

    public static string? Text(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>What the ID token of a sign-in in a browser must say (OpenID Connect Core 3.1.3.7).</summary>
internal sealed record IdTokenExpectation(Account Account, OAuthEndpoints Endpoints, string Nonce, DateTimeOffset Now)
{
    private static readonly TimeSpan _clocksDiffer = TimeSpan.FromMinutes(5);

    /// <returns>Null when it says all of it.</returns>
    public (Problem Problem, string Words)? FaultOf(string token)
    {
        using var claims = IdToken.Open(token);
        if (claims?.RootElement is not { } root) return (Problems.RequestFault, "The provider's ID token cannot be read.");
        if (!IdToken.IsFor(root, Account.ClientId)) return (Problems.RequestFault, "The provider's ID token is for another application.");
        if (IdToken.Text(root, "nonce") != Nonce) return (Problems.RequestFault, "The provider's ID token belongs to another sign-in (nonce).");
        if (!root.TryGetProperty("exp", out var end) || !end.TryGetInt64(out var seconds) || seconds < (Now - _clocksDiffer).ToUnixTimeSeconds())
            return (Problems.RequestFault, "The provider's ID token has run out; compare the gateway's clock.");
        return FaultOfIssuer(IdToken.Text(root, "iss")?.TrimEnd('/'), IdToken.Text(root, "tid"));
    }

    private (Problem Problem, string Words)? FaultOfIssuer(string? issuer, string? tenant)
    {
        if (MicrosoftAuthority.IsTokenEndpoint(Endpoints.Token))
        {
            if (tenant is null || issuer != MicrosoftAuthority.IssuerOf(Endpoints.Token, tenant)) return (Problems.RequestFault, "The provider's ID token was issued by another authority.");
            return Guid.TryParse(Account.TenantId, out _) && !tenant.Equals(Account.TenantId, StringComparison.OrdinalIgnoreCase)
                ? (Problems.WrongAccount, $"The account that signed in belongs to the organisation {tenant}, not to {Account.TenantId}.") : null;
        }
        return Endpoints.Issuer.Length == 0 || issuer == Endpoints.Issuer ? null : (Problems.RequestFault, "The provider's ID token was issued by another authority.");
    }
}
