namespace DeviceMail.Accounts;

/// <summary>What is known of Microsoft's sign-in service without asking it: its paths are the same in each of its clouds.</summary>
internal static class MicrosoftAuthority
{
    private const string TokenPath = "/oauth2/v2.0/token";

    public static bool IsTokenEndpoint(string address) => address.EndsWith(TokenPath, StringComparison.Ordinal);

    /// <summary>The issuer of an organisation's tokens (Microsoft, "ID token claims reference"): the authority, the organisation's own id, the version.</summary>
    /// <param name="tokenEndpoint">Such as https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token.</param>
    /// <param name="tenantId">The organisation's id as the token names it.</param>
    public static string IssuerOf(string tokenEndpoint, string tenantId)
    {
        var authority = tokenEndpoint[..^TokenPath.Length];
        return $"{authority[..authority.LastIndexOf('/')]}/{tenantId}/v2.0";
    }
}
