using DeviceMail.Accounts;

namespace DeviceMail.EmailServer;

/// <summary>How an administrator registers an application at Microsoft, once: click path, script, and the consent by link.</summary>
public static class Registration
{
    /// <summary>Where Microsoft leads after the consent: its own empty page for programs without one, which the portal offers to tick.</summary>
    private const string EndPage = "https://login.microsoftonline.com/common/oauth2/nativeclient";

    /// <summary>The click path (Microsoft Entra admin center). What stands between backticks is typed or picked as it is.</summary>
    public static IReadOnlyList<string> Steps { get; } =
    [
        "Open entra.microsoft.com as an administrator (Cloud Application Administrator is enough to register), then Entra ID > App registrations > New registration.",
        "Name it `DeviceMail`. Choose “Accounts in this organizational directory only”, then Register.",
        "Authentication > Add a platform > Mobile and desktop applications: tick the address that ends in `nativeclient`, then Configure. The page after the administrator's consent needs it.",
        "Authentication > Settings (in older views at the foot of the page): set “Allow public client flows” to Yes, then Save. Without it Microsoft answers AADSTS7000218.",
        "API permissions > Add a permission > APIs my organization uses > `Office 365 Exchange Online` > Delegated permissions > `SMTP.Send` > Add permissions.",
        "API permissions > Grant admin consent. Or leave it, and use the link for the administrator below.",
        "Overview: copy the Application (client) ID and the Directory (tenant) ID into the two fields below.",
    ];

    /// <summary>
    /// The same in Microsoft Graph PowerShell. 00000002-0000-0ff1-ce00-000000000000 is Office 365 Exchange Online, 00000003-0000-0000-c000-000000000000
    /// Microsoft Graph, in each organisation.
    /// </summary>
    public static string Script { get; } = $$"""
        Install-Module Microsoft.Graph -Scope CurrentUser   # once on this computer
        Connect-MgGraph -Scopes 'Application.ReadWrite.All', 'DelegatedPermissionGrant.ReadWrite.All'
        $exchange = Get-MgServicePrincipal -Filter "appId eq '00000002-0000-0ff1-ce00-000000000000'"
        $graph = Get-MgServicePrincipal -Filter "appId eq '00000003-0000-0000-c000-000000000000'"
        $send = $exchange.Oauth2PermissionScopes | Where-Object Value -eq 'SMTP.Send'
        $app = New-MgApplication -DisplayName 'DeviceMail' -SignInAudience 'AzureADMyOrg' -IsFallbackPublicClient `
          -PublicClient @{ RedirectUris = @('{{EndPage}}') } `
          -RequiredResourceAccess @(@{ ResourceAppId = $exchange.AppId; ResourceAccess = @(@{ Id = $send.Id; Type = 'Scope' }) })
        $service = New-MgServicePrincipal -AppId $app.AppId
        # Consent for everybody of the organisation: send mail, stay signed in, say who signed in
        New-MgOauth2PermissionGrant -ClientId $service.Id -ConsentType 'AllPrincipals' -ResourceId $exchange.Id -Scope 'SMTP.Send'
        New-MgOauth2PermissionGrant -ClientId $service.Id -ConsentType 'AllPrincipals' -ResourceId $graph.Id -Scope 'offline_access openid profile email'
        "Application (client) ID: $($app.AppId)"
        "Directory (tenant) ID:   $((Get-MgContext).TenantId)"
        """;

    /// <summary>Also where the addresses of a Microsoft cloud were typed: their paths are the same in each.</summary>
    public static bool IsMicrosoft(Account account) => account.Provider != "custom"
        || account.OAuth.Token.EndsWith("/oauth2/v2.0/token", StringComparison.Ordinal) || account.OAuth.Issuer.EndsWith("/v2.0", StringComparison.Ordinal);

    /// <summary>
    /// The administrator's consent by link (Microsoft identity platform, admin consent endpoint). Null where the service has none, or the ids do not
    /// have their form yet.
    /// </summary>
    public static string? ConsentLink(Account account)
    {
        if (account.Provider == "custom" || BasicField.IdFault("", account.ClientId) is not null || BasicField.TenantFault(account.TenantId) is not null) return null;
        var scope = account.OAuth.Scopes.Split(' ').First(one => one.StartsWith("https://", StringComparison.Ordinal));
        return $"https://login.microsoftonline.com/{Uri.EscapeDataString(account.TenantId)}/v2.0/adminconsent"
            + $"?client_id={Uri.EscapeDataString(account.ClientId)}&scope={Uri.EscapeDataString(scope)}&redirect_uri={Uri.EscapeDataString(EndPage)}";
    }
}
