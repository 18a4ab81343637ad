namespace DeviceMail.Accounts;

/// <summary>What is known of Microsoft's sign-in service without asking it: its paths are the same in each of its clouds.</summary>
internal static class MicrosoftAuthority
{
    private const string TokenPath = "/oauth2/v2.0/token";

    public static bool IsTokenEndpoint(string address) => address.EndsWith(TokenPath, StringComparison.Ordinal);

    /// <summary>Also where the addresses of a Microsoft cloud were typed.</summary>
    public static bool Serves(Account account) =>
        Providers.Of(account).IsMicrosoft || IsTokenEndpoint(account.OAuth.Token) || account.OAuth.Issuer.TrimEnd('/').EndsWith("/v2.0", StringComparison.Ordinal);

    /// <summary>The issuer of an organisation's tokens (Microsoft, "ID token claims reference"): the authority, the organisation's own id, the version.</summary>
    /// <param name="tokenEndpoint">Such as https://login.microsoftonline.com/contoso.com/oauth2/v2.0/token.</param>
    /// <param name="tenantId">The organisation's id as the token names it.</param>
    public static string IssuerOf(string tokenEndpoint, string tenantId)
    {
        var authority = tokenEndpoint[..^TokenPath.Length];
        return $"{authority[..authority.LastIndexOf('/')]}/{tenantId}/v2.0";
    }

    /// <summary>Where an administrator agrees for the organisation (Microsoft identity platform, "Admin consent"); empty where the account's provider has no such page.</summary>
    public static string ConsentOf(Account account)
    {
        var (row, token, issuer) = (Providers.Of(account), account.OAuth.Token, account.OAuth.Issuer.TrimEnd('/'));
        var address = !row.IsCustom ? row.Consent
            : IsTokenEndpoint(token) ? $"{token[..^TokenPath.Length]}/v2.0/adminconsent"
            : Serves(account) ? $"{issuer}/adminconsent" : "";
        return address.Replace("{tenant}", Uri.EscapeDataString(account.TenantId), StringComparison.Ordinal);
    }

    /// <summary>
    /// A program's own address to come back to (RFC 8252 7.3), which each registration has: Microsoft registers http://localhost and lets the port
    /// be any, others an IP literal.
    /// </summary>
    /// <param name="account">Whose registration.</param>
    /// <param name="port">Where the program listens; null where nobody does, and a person copies the address.</param>
    public static string LoopbackOf(Account account, int? port)
    {
        var at = port is null ? "" : $":{port}";
        return Serves(account) ? $"http://localhost{at}" : $"http://127.0.0.1{at}/";
    }
}
