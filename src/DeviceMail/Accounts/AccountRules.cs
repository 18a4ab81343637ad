using System.Net;

namespace DeviceMail.Accounts;

/// <summary>What an account must be; each fault is a sentence that names the field.</summary>
internal static class AccountRules
{
    public static string? Fault(Account account)
    {
        if (Providers.Find(account.Provider) is null)
            return $"Email service cannot be “{account.Provider}”: choose one of {string.Join(", ", Providers.All.Select(provider => provider.Key))}.";
        if (Uri.CheckHostName(account.Host) == UriHostNameType.Unknown) return $"SMTP Server Address cannot be “{account.Host}”: it must be a host name or an IP address.";
        if (account.Port is < 1 or > 65535) return $"SMTP Server Port Number cannot be {account.Port}: it must be from 1 to 65535.";
        if (account.UserName.Any(char.IsControl)) return "The user name at the server must not hold control characters.";
        if (account.Method == AuthenticationMethod.PopBeforeSmtp && Uri.CheckHostName(account.PopHost) == UriHostNameType.Unknown)
            return $"POP3 Server Address cannot be “{account.PopHost}”: it must be a host name or an IP address.";
        if (account.PopPort is < 1 or > 65535) return $"POP3 Server Port Number cannot be {account.PopPort}: it must be from 1 to 65535.";
        if (account.Budget.Connections is < 1 or > 50) return "Connections at once must be from 1 to 50.";
        if (account.Budget.MessagesPerMinute < 0 || account.Budget.RecipientsPerDay < 0) return "A limit must be 0 (none) or more.";
        if (account.SizeLimit is < 65_536 or > 1_073_741_824) return "The largest message must be from 65536 to 1073741824 octets.";
        return account.Method == AuthenticationMethod.OAuth2 ? FaultOfOAuth(account) ?? FaultOfWays(account) : null;
    }

    private static string? FaultOfWays(Account account)
    {
        if (account.SignInAs == SignInAs.Application && !Providers.Of(account).Ways.Contains(SignInWay.Application))
            return $"Sign in as cannot be the application: {Providers.Of(account).Title} lets only persons sign in.";
        if (account.Transport == TransportChoice.Graph && account.Graph.Length == 0) return $"Send by cannot be Microsoft Graph: {Providers.Of(account).Title} has none.";
        if (account.GraphAddress.Length > 0 && !IsSafe(account.GraphAddress)) return $"{account.GraphAddress} is not safe to send mail to: it must begin with https (http only on this machine).";
        return account.RedirectAddress.Length == 0 || IsSafe(account.RedirectAddress) && account.RedirectAddress.EndsWith(AnswerPath, StringComparison.Ordinal) ? null
            : $"The registered address cannot be {account.RedirectAddress}: it must begin with https and end in {AnswerPath}.";
    }

    private static string? FaultOfOAuth(Account account)
    {
        if (Providers.Of(account).Ways.Count == 0) return $"Authentication Method cannot be OAuth2: {Providers.Of(account).Title} has none for programs of one's own. Use an app password: --method password.";
        if (account.ClientId.Length == 0) return $"The application (client) ID is missing. {Registration}";
        if (account.OAuth.Scopes.Length == 0) return "Scopes are missing: without them the provider gives no token for sending.";
        if (account.Security == ConnectionSecurity.None && !IsThisMachine(account.Host))
            return "Secure Connection cannot be None with OAuth2: anybody on the way could read the token and send with it. It must be STARTTLS or SSL/TLS.";
        var needsTenant = account.OAuth.Token.Contains("{tenant}", StringComparison.Ordinal);
        if (needsTenant && account.TenantId.Length == 0) return $"The directory (tenant) ID is missing. {Registration}";
        if (account.OAuth is { Issuer.Length: 0, Token.Length: 0 })
            return "An issuer is missing, or the token endpoint.";
        if (account is { IsApplication: false, OAuth: { Issuer.Length: 0, DeviceAuthorization.Length: 0, Authorization.Length: 0 } } && Providers.Of(account).OAuth.Authorization.Length == 0)
            return "An issuer is missing, or the device authorization endpoint or the authorization endpoint beside the token endpoint.";
        foreach (var address in (string[])[account.OAuth.Issuer, account.OAuth.Token, account.OAuth.DeviceAuthorization, account.OAuth.Authorization])
            if (address.Length > 0 && !IsSafe(address)) return $"{address} is not safe to send a sign-in to: it must begin with https (http only on this machine).";
        return null;
    }

    /// <summary>https anywhere; http on a loopback address alone, where no wire can be listened to.</summary>
    public static bool IsSafe(string address) => Uri.TryCreate(address.Replace("{tenant}", "tenant", StringComparison.Ordinal), UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback) && uri.UserInfo.Length == 0;

    /// <summary>The path of Web Config to which a provider leads a browser back.</summary>
    public const string AnswerPath = "/sign-in/answer";

    private static bool IsThisMachine(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address);

    public static string Registration { get; } = """
        Register an application once:
          1. Open entra.microsoft.com > Entra ID > App registrations > New registration; name it DeviceMail, accounts in this directory only.
          2. Authentication > Settings: set “Allow public client flows” to Yes.
          3. API permissions > Add > APIs my organization uses > Office 365 Exchange Online > Delegated > SMTP.Send.
          4. API permissions > Add > Microsoft Graph > Delegated > Mail.Send: the second interface, where SMTP is refused.
          5. Authentication > Add a platform > Mobile and desktop applications: enter http://localhost, for `devicemail signin --browser`.
          6. Grant admin consent.
          7. Overview: copy the Application (client) ID and the Directory (tenant) ID here.
        """;
}
