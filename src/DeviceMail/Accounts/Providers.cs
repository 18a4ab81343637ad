using DeviceMail.Messages;

namespace DeviceMail.Accounts;

/// <summary>An email service the program knows by name; its row fills a new account's fields.</summary>
/// <param name="Key">Its name on the command line.</param>
/// <param name="Title">Its name on the page, as the guide spells it.</param>
/// <param name="Host">SMTP server address; empty: the administrator gives it.</param>
public sealed record Provider(string Key, string Title, string Host)
{
    public int Port { get; init; } = 587;

    public ConnectionSecurity Security { get; init; } = ConnectionSecurity.StartTls;

    /// <summary>{tenant} stands for the account's directory (tenant) ID.</summary>
    public OAuthEndpoints OAuth { get; init; } = new();

    public string DefaultTenant { get; init; } = "";

    public long SizeLimit { get; init; } = 36_700_160;

    public Budget Budget { get; init; } = new(3, 25, 10_000);

    /// <summary>An account of this provider as it begins, not saved yet.</summary>
    public Account NewAccount(MailAddress address) => new()
    {
        Id = 0,
        Address = address,
        Provider = Key,
        Method = AuthenticationMethod.OAuth2,
        Host = Host,
        Port = Port,
        Security = Security,
        OAuth = OAuth,
        TenantId = DefaultTenant,
        SizeLimit = SizeLimit,
        Budget = Budget,
    };
}

/// <summary>All providers, as data. Limits and addresses: Microsoft's pages on SMTP AUTH client submission and the device code flow.</summary>
public static class Providers
{
    private const string MicrosoftScopes = "https://outlook.office.com/SMTP.Send offline_access openid profile email";

    public static IReadOnlyList<Provider> All { get; } =
    [
        new("exchange-online", "Microsoft Exchange Online", "smtp.office365.com")
        {
            OAuth = Microsoft(),
        },
        new("outlook", "Outlook.com", "smtp-mail.outlook.com")
        {
            OAuth = Microsoft(),
            DefaultTenant = "consumers",
            SizeLimit = 26_214_400,
            Budget = new Budget(3, 25, 300),
        },
        new("custom", "Custom", "")
        {
            SizeLimit = 157_286_400,
            Budget = new Budget(20, 0, 0),
        },
    ];

    public static Provider? Find(string key) => All.FirstOrDefault(provider => provider.Key.Equals(key, StringComparison.OrdinalIgnoreCase));

    private static OAuthEndpoints Microsoft() => new()
    {
        DeviceAuthorization = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/devicecode",
        Token = "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token",
        Scopes = MicrosoftScopes,
    };
}
