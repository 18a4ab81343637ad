using System.Collections.Concurrent;
using DeviceMail.Lab.Switches;

namespace DeviceMail.Lab.Entra;

/// <summary>The pretend organisation: its accounts, and what an administrator has granted.</summary>
public sealed class LabTenant
{
    public const string Domain = "contoso.example";

    /// <summary>A client id that the lab knows as DeviceMail's registration.</summary>
    public static readonly Guid ClientId = new("d0c0ffee-0000-4000-8000-0000deadbeef");

    public static readonly Guid TenantId = new("c0ffee00-1111-4222-8333-444455556666");

    /// <summary>Microsoft Graph Command Line Tools, which each organisation has, and by which administrators set things up.</summary>
    public static readonly Guid SetUpClientId = new("14d82eec-204b-4c2f-b7e8-296a70dab67e");

    /// <summary>The tenant of all personal accounts, as at Microsoft.</summary>
    public static readonly Guid PersonalTenantId = new("9188040d-6c67-4c5b-b112-36a304b66dad");

    /// <summary>The secret of the registration. It is a canary: it must never turn up in a log or on a page of the gateway.</summary>
    public const string ClientSecret = "Lab8Q~canary-client-secret-7f3b1d9e5a2c4068";

    /// <summary>Who stands in a token that was issued without a person.</summary>
    public static readonly LabAccount Application = new("devicemail.application", "DeviceMail", AccountKind.Application);

    private readonly ConcurrentDictionary<(string, string), byte> _sendAs = new(), _fullAccess = new(), _consents = new();
    private readonly ConcurrentDictionary<string, byte> _applicationPermissions = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, byte> _applicationMailboxes = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<Guid, byte> _clients = new();

    public IReadOnlyList<LabAccount> Accounts { get; } =
    [
        new("scan@contoso.example", "Scanner mailbox", AccountKind.Work),
        new("admin@contoso.example", "Global Administrator", AccountKind.Administrator),
        new("fax@contoso.example", "Fax mailbox", AccountKind.Work),
        new("anna@contoso.example", "Anna", AccountKind.Work),
        new("ben@contoso.example", "Ben", AccountKind.Work),
        new("c.diaz@contoso.example", "Carla Diaz", AccountKind.Work) { Mailbox = "carla@contoso.example" },
        new("someone@outlook.example", "Someone", AccountKind.Personal),
    ];

    /// <summary>Addresses to which the sign-in pages may send the browser.</summary>
    public RedirectUris RedirectUris { get; } = new();

    /// <summary>Certificates that were uploaded to the registration.</summary>
    public ClientCertificates Certificates { get; } = new();

    /// <summary>Application permissions that were granted for the organisation, such as outlook/SMTP.SendAsApp.</summary>
    public IReadOnlyList<string> ApplicationPermissions => [.. _applicationPermissions.Keys.Order(StringComparer.Ordinal)];

    public LabAccount? Find(string address) =>
        Accounts.FirstOrDefault(account => Same(account.Address, address.Trim()));

    /// <summary>By the name at sign-in, or by the address of the mailbox. At the sign-in page only the name counts.</summary>
    public LabAccount? FindMailbox(string address) => Find(address) ?? Accounts.FirstOrDefault(account => Same(account.Mailbox, address.Trim()));

    /// <summary>Send As, or an alias: <paramref name="account"/> may use <paramref name="sender"/> as sender.</summary>
    public void AllowSendAs(string account, string sender) => _sendAs[Pair(account, sender)] = 0;

    /// <summary>Full access: a token of <paramref name="account"/> opens the shared mailbox <paramref name="mailbox"/>.</summary>
    public void AllowFullAccess(string account, string mailbox) => _fullAccess[Pair(account, mailbox)] = 0;

    public bool MaySendAs(string account, string sender) => Same(account, sender) || _sendAs.ContainsKey(Pair(account, sender));

    public bool MayOpen(string account, string mailbox) => Same(MailboxOf(account), MailboxOf(mailbox)) || _fullAccess.ContainsKey(Pair(account, mailbox));

    public bool HasConsented(LabAccount account, string permission) =>
        (account.Kind != AccountKind.Personal && _consents.ContainsKey(Pair(Domain, permission)))
        || _consents.ContainsKey(Pair(account.Address, permission));

    /// <summary>What an administrator does who ticks "Consent on behalf of your organization"; a permission is such as outlook/SMTP.Send.</summary>
    public void ConsentForOrganisation(string permission) => _consents[Pair(Domain, permission)] = 0;

    /// <summary>What an administrator does who grants an application permission: outlook/SMTP.SendAsApp, graph/Mail.Send or graph/Mail.ReadWrite.</summary>
    public void AllowApplicationPermission(string permission) => _applicationPermissions[permission] = 0;

    public void WithdrawApplicationPermission(string permission) => _applicationPermissions.TryRemove(permission, out _);

    /// <summary>Add-MailboxPermission for the application: without it a message of an application's token ends with 430 4.2.0 at SMTP.</summary>
    public void AllowApplication(string mailbox) => _applicationMailboxes[mailbox] = 0;

    public bool MayApplicationOpen(string mailbox) => _applicationMailboxes.ContainsKey(mailbox);

    /// <summary>Registers one more redirect URI, which must then come exactly so.</summary>
    public void AllowRedirect(Uri uri) => RedirectUris.Add(uri);

    /// <summary>Uploads a certificate to the registration and returns its thumbprint. Throws <see cref="System.Security.Cryptography.CryptographicException"/> for anything else.</summary>
    public string AddCertificate(string pem) => Certificates.Add(pem);

    internal IReadOnlyList<string> ApplicationRoles(string resource)
    {
        var prefix = resource == ScopeRequest.Graph ? "graph/" : "outlook/";
        return [.. ApplicationPermissions.Where(permission => permission.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)).Select(permission => permission[prefix.Length..])];
    }

    /// <summary>Another application than <see cref="ClientId"/> that may sign people in.</summary>
    public void LetIn(Guid client) => _clients[client] = 0;

    public bool Knows(Guid client) => client == ClientId || client == SetUpClientId || _clients.ContainsKey(client);

    /// <summary>Whether the rule "users must be assigned to the application" lets the account in; personal accounts are not the organisation's.</summary>
    internal bool LetsIn(LabAccount account, LabSwitches switches) =>
        account.Kind == AccountKind.Personal || switches.IsAssigned(account.Address) || switches.IsAssigned(account.Mailbox);

    internal string MailboxOf(string account) => Find(account)?.Mailbox ?? account;

    internal void Consent(LabAccount account, IEnumerable<string> permissions)
    {
        foreach (var permission in permissions)
            _consents[Pair(account.Address, permission)] = 0;
    }

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    private static (string, string) Pair(string one, string other) => (one.ToLowerInvariant(), other.ToLowerInvariant());
}
