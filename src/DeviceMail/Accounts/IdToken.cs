using System.Buffers.Text;
using System.Text.Json;
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
        if (token?.Split('.') is not { Length: 3 } parts) return (null, "");
        try
        {
            using var claims = JsonDocument.Parse(Base64Url.DecodeFromChars(parts[1]));
            var root = claims.RootElement;
            if (!IsFor(root, clientId)) return (null, "");
            // The subject is a name for people where it has the form of an address; elsewhere it is a number of the provider's own.
            var subject = MailAddress.TryParse(Text(root, "sub"), out var address) ? address.ToString() : null;
            return (Text(root, "preferred_username") ?? Text(root, "email") ?? Text(root, "upn") ?? subject, Text(root, "tid") ?? Text(root, "iss") ?? "");
        }
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            return (null, "");
        }
    }

    private static bool IsFor(JsonElement claims, string clientId) => claims.TryGetProperty("aud", out var audience) && (
        audience.ValueKind == JsonValueKind.String && audience.GetString() == clientId
        || audience.ValueKind == JsonValueKind.Array && audience.EnumerateArray().Any(one => one.GetString() == clientId));

    private static string? Text(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
