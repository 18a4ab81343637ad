using DeviceMail.Messages;

namespace DeviceMail.Accounts;

/// <summary>A way for an account to sign in.</summary>
public enum SignInWay
{
    /// <summary>A person enters a code on any device (RFC 8628).</summary>
    DeviceCode,

    /// <summary>A person signs in in a browser that comes back to the gateway (RFC 6749 4.1 with RFC 7636).</summary>
    Browser,

    /// <summary>The application signs in by itself (RFC 6749 4.4).</summary>
    Application,
}

/// <summary>An email service the program knows by name; its row fills a new account's fields.</summary>
/// <param name="Key">Its name on the command line.</param>
/// <param name="Title">Its name on the page, as the guide spells it.</param>
/// <param name="Host">SMTP server address; empty: the administrator gives it.</param>
public sealed record Provider(string Key, string Title, string Host)
{
    public int Port { get; init; } = 587;

    public ConnectionSecurity Security { get; init; } = ConnectionSecurity.StartTls;

    public AuthenticationMethod Method { get; init; } = AuthenticationMethod.OAuth2;

    /// <summary>{tenant} stands for the account's directory (tenant) ID.</summary>
    public OAuthEndpoints OAuth { get; init; } = new();

    public string DefaultTenant { get; init; } = "";

    /// <summary>How an account can sign in, the usual way first; empty: by password alone.</summary>
    public IReadOnlyList<SignInWay> Ways { get; init; } = [SignInWay.DeviceCode, SignInWay.Browser, SignInWay.Application];

    /// <summary>Microsoft Graph's address with its version; empty: there is none.</summary>
    public string Graph { get; init; } = "";

    /// <summary>Where an administrator agrees for the organisation; empty: there is no such page.</summary>
    public string Consent { get; init; } = "";

    /// <summary>Asked for beside the standard's parameters when a browser signs in (RFC 6749 3.1), such as access_type=offline.</summary>
    public IReadOnlyDictionary<string, string> Asks { get; init; } = new Dictionary<string, string>();

    public long SizeLimit { get; init; } = 36_700_160;

    public Budget Budget { get; init; } = new(3, 25, 10_000);

    /// <summary>What is known to be refused here, and what helps, in a sentence or two for people; empty: nothing that the page does not say.</summary>
    public string KnownRefusals { get; init; } = "";

    /// <summary>Whether its sign-in service is one of Microsoft's clouds.</summary>
    public bool IsMicrosoft => OAuth.Token.EndsWith("/oauth2/v2.0/token", StringComparison.Ordinal);

    /// <summary>Whether its addresses are the administrator's to give.</summary>
    public bool IsCustom => Key == Providers.CustomKey;

    /// <summary>An account of this provider as it begins, not saved yet.</summary>
    public Account NewAccount(MailAddress address) => new()
    {
        Id = 0,
        Address = address,
        Provider = Key,
        Method = Method,
        Host = Host,
        Port = Port,
        Security = Security,
        OAuth = OAuth,
        TenantId = DefaultTenant,
        SizeLimit = SizeLimit,
        Budget = Budget,
    };
}

/// <summary>
/// All providers, as data. Sources: Microsoft's pages on SMTP AUTH client submission, the device code flow, national clouds and sending limits;
/// Google's on OAuth 2.0 for installed apps and XOAUTH2; the providers' help pages on app passwords and sending limits.
/// </summary>
public static class Providers
{
    internal const string CustomKey = "custom";

    private const string Identity = "offline_access openid profile email";

    private const string AppPassword = "takes no programs of one's own for OAuth 2.0 by SMTP. Make an app password on its account security page, and use it with the method SMTP AUTH.";

    public static IReadOnlyList<Provider> All { get; } =
    [
        Microsoft("exchange-online", "Microsoft Exchange Online", "smtp.office365.com", new("login.microsoftonline.com", "outlook.office.com", "graph.microsoft.com")),
        Microsoft("exchange-gcc-high", "Microsoft Exchange Online (GCC High)", "smtp.office365.us", new("login.microsoftonline.us", "outlook.office365.us", "graph.microsoft.us")),
        Microsoft("exchange-dod", "Microsoft Exchange Online (DoD)", "outlook-dod.office365.us", new("login.microsoftonline.us", "outlook-dod.office365.us", "dod-graph.microsoft.us")),
        Microsoft("exchange-china", "Microsoft Exchange Online (China, 21Vianet)", "smtp.partner.outlook.cn", new("login.partner.microsoftonline.cn", "partner.outlook.cn", "microsoftgraph.chinacloudapi.cn")),
        Microsoft("outlook", "Outlook.com", "smtp-mail.outlook.com", new("login.microsoftonline.com", "outlook.office.com", "graph.microsoft.com")) with
        {
            DefaultTenant = "consumers",
            Ways = [SignInWay.DeviceCode, SignInWay.Browser],
            Consent = "",
            SizeLimit = 26_214_400,
            Budget = new Budget(3, 25, 300),
            KnownRefusals = "New mailboxes often have SMTP AUTH off, and nobody can switch it on for them: such a mailbox sends by Microsoft Graph.",
        },
        new("gmail", "Gmail and Google Workspace", "smtp.gmail.com")
        {
            OAuth = new OAuthEndpoints
            {
                Authorization = "https://accounts.google.com/o/oauth2/v2/auth",
                Token = "https://oauth2.googleapis.com/token",
                Issuer = "https://accounts.google.com",
                Scopes = "https://mail.google.com/ openid email",
            },
            Ways = [SignInWay.Browser],
            // Without both Google gives no refresh token.
            Asks = new Dictionary<string, string> { ["access_type"] = "offline", ["prompt"] = "consent" },
            SizeLimit = 26_214_400,
            Budget = new Budget(3, 0, 500),
            KnownRefusals = "Google's sign-in by code does not cover mail, so a person signs in in a browser. A project whose consent screen is External and in Testing loses each sign-in after 7 days: "
                + "in Workspace make it Internal. A new password of the mailbox ends the sign-in, and so do six months without use.",
        },
        Password("yahoo", "Yahoo Mail", "smtp.mail.yahoo.com") with { KnownRefusals = $"Yahoo {AppPassword}" },
        Password("aol", "AOL Mail", "smtp.aol.com") with { KnownRefusals = $"AOL {AppPassword}" },
        new("fastmail", "Fastmail", "smtp.fastmail.com")
        {
            OAuth = new OAuthEndpoints
            {
                Authorization = "https://api.fastmail.com/oauth/authorize",
                Token = "https://api.fastmail.com/oauth/refresh",
                Scopes = "https://www.fastmail.com/dev/protocol-smtp offline_access",
            },
            Port = 465,
            Security = ConnectionSecurity.SslTls,
            Ways = [SignInWay.Browser],
            SizeLimit = 52_428_800,
            Budget = new Budget(3, 0, 4_000),
            KnownRefusals = "Fastmail registers a program on request. Without a registration make an app password under Privacy & Security, and use it with the method SMTP AUTH.",
        },
        new(CustomKey, "Custom", "")
        {
            SizeLimit = 157_286_400,
            Budget = new Budget(20, 0, 0),
        },
    ];

    public static Provider? Find(string key) => All.FirstOrDefault(provider => provider.Key.Equals(key, StringComparison.OrdinalIgnoreCase));

    /// <summary>The account's row; Custom for one that this version does not know.</summary>
    public static Provider Of(Account account) => Find(account.Provider) ?? All[^1];

    private static Provider Microsoft(string key, string title, string host, MicrosoftCloud cloud) => new(key, title, host)
    {
        OAuth = new OAuthEndpoints
        {
            DeviceAuthorization = $"https://{cloud.Login}/{{tenant}}/oauth2/v2.0/devicecode",
            Authorization = $"https://{cloud.Login}/{{tenant}}/oauth2/v2.0/authorize",
            Token = $"https://{cloud.Login}/{{tenant}}/oauth2/v2.0/token",
            Scopes = $"https://{cloud.Outlook}/SMTP.Send {Identity}",
        },
        Graph = $"https://{cloud.Graph}/v1.0",
        Consent = $"https://{cloud.Login}/{{tenant}}/v2.0/adminconsent",
        KnownRefusals = "Where a policy blocks device code, sign in in a browser. Where SMTP AUTH or security defaults stand in the way, mail goes by Microsoft Graph once Mail.Send is granted.",
    };

    private static Provider Password(string key, string title, string host) => new(key, title, host)
    {
        Method = AuthenticationMethod.SmtpAuth,
        Ways = [],
        Port = 465,
        Security = ConnectionSecurity.SslTls,
        SizeLimit = 26_214_400,
        Budget = new Budget(3, 0, 500),
    };

    private sealed record MicrosoftCloud(string Login, string Outlook, string Graph);
}
