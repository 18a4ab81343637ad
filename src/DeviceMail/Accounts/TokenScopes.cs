namespace DeviceMail.Accounts;

/// <summary>Which permissions an account asks for. A request for a token names one resource (Microsoft identity platform, "Scopes and permissions").</summary>
internal static class TokenScopes
{
    private const string WorldwideGraph = "https://graph.microsoft.com";

    // The name under which Exchange Online gives tokens to applications; the other one serves persons (Microsoft, "Authenticate an IMAP, POP or SMTP connection using OAuth").
    private const string ApplicationOutlook = "https://outlook.office365.com", PersonOutlook = "https://outlook.office.com";

    private static readonly string[] _identity = ["offline_access", "openid", "profile", "email"];

    /// <summary>For a token that opens this interface.</summary>
    public static string For(Account account, Transport transport)
    {
        var smtp = account.OAuth.Scopes;
        if (account.IsApplication)
        {
            return transport != Transport.Smtp ? $"{GraphOf(account)}/.default"
                : ResourceOf(smtp) is { } resource ? $"{(resource == PersonOutlook ? ApplicationOutlook : resource)}/.default" : string.Join(' ', smtp.Split(' ').Except(_identity));
        }
        return transport == Transport.Smtp ? smtp : string.Join(' ', [.. GraphPermissions(account, transport), .. smtp.Split(' ').Where(_identity.Contains)]);
    }

    /// <summary>For a person's agreement to all interfaces that the account may use at once; the sign-in that follows is redeemed for one of them.</summary>
    public static string ForConsent(Account account)
    {
        var smtp = account.OAuth.Scopes.Split(' ');
        var graph = GraphPermissions(account, account.SendsLargeByGraph ? Transport.GraphDraft : Transport.Graph);
        return string.Join(' ', account.Transports is [Transport.Graph] ? [.. graph, .. smtp.Where(_identity.Contains)]
            : account.Transports.Contains(Transport.Graph) ? [.. smtp, .. graph] : smtp);
    }

    /// <summary>For an administrator's agreement by link: permissions alone.</summary>
    public static string ForAdministrator(Account account) => account.IsApplication
        ? For(account, account.Transports[0])
        : string.Join(' ', ForConsent(account).Split(' ').Except(_identity));

    /// <summary>Reading and writing is asked for where a draft is made, and nowhere else: where it was not granted, all else still goes.</summary>
    private static IEnumerable<string> GraphPermissions(Account account, Transport transport)
    {
        var resource = GraphOf(account);
        var shared = account.SmtpUserName == account.Address.ToString() ? "" : ".Shared";
        yield return $"{resource}/Mail.Send{shared}";
        if (transport == Transport.GraphDraft) yield return $"{resource}/Mail.ReadWrite{shared}";
    }

    /// <summary>Microsoft's own Graph, whatever stands in its place on the way: the provider's, or the one of the cloud whose address was typed.</summary>
    private static string GraphOf(Account account) =>
        new[] { Providers.Of(account).Graph, Providers.All.FirstOrDefault(one => one.Graph.Length > 0 && account.GraphAddress.StartsWith(one.Graph, StringComparison.OrdinalIgnoreCase))?.Graph }
            .FirstOrDefault(one => one is { Length: > 0 }) is { } graph ? new Uri(graph).GetLeftPart(UriPartial.Authority) : WorldwideGraph;

    /// <summary>The resource of Microsoft's permission SMTP.Send; null where the scopes are another provider's.</summary>
    private static string? ResourceOf(string scopes) =>
        scopes.Split(' ').FirstOrDefault(scope => scope.EndsWith("/SMTP.Send", StringComparison.Ordinal)) is { } send ? send[..send.LastIndexOf('/')] : null;
}
