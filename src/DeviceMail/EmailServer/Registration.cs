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
        "Optional, for a sign-in in a browser that comes back by itself: Authentication > Add a platform > Mobile and desktop applications > Custom redirect URIs: enter `http://localhost`, and this gateway's own address, which the page Basic shows as Registered address.",
        "Authentication > Settings (in older views at the foot of the page): set “Allow public client flows” to Yes, then Save. Without it Microsoft answers AADSTS7000218.",
        "API permissions > Add a permission > APIs my organization uses > `Office 365 Exchange Online` > Delegated permissions > `SMTP.Send` > Add permissions.",
        "API permissions > Add a permission > Microsoft Graph > Delegated permissions > `Mail.Send` > Add permissions. It is the second interface: mail goes out by it where SMTP AUTH or security defaults stand in the way.",
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
        $sendByGraph = $graph.Oauth2PermissionScopes | Where-Object Value -eq 'Mail.Send'
        $app = New-MgApplication -DisplayName 'DeviceMail' -SignInAudience 'AzureADMyOrg' -IsFallbackPublicClient `
          -PublicClient @{ RedirectUris = @('{{EndPage}}', 'http://localhost') } `
          -RequiredResourceAccess @(@{ ResourceAppId = $exchange.AppId; ResourceAccess = @(@{ Id = $send.Id; Type = 'Scope' }) }, `
            @{ ResourceAppId = $graph.AppId; ResourceAccess = @(@{ Id = $sendByGraph.Id; Type = 'Scope' }) })
        $service = New-MgServicePrincipal -AppId $app.AppId
        # Consent for everybody of the organisation: send mail, stay signed in, say who signed in
        New-MgOauth2PermissionGrant -ClientId $service.Id -ConsentType 'AllPrincipals' -ResourceId $exchange.Id -Scope 'SMTP.Send'
        New-MgOauth2PermissionGrant -ClientId $service.Id -ConsentType 'AllPrincipals' -ResourceId $graph.Id -Scope 'Mail.Send offline_access openid profile email'
        "Application (client) ID: $($app.AppId)"
        "Directory (tenant) ID:   $((Get-MgContext).TenantId)"
        """;

    /// <summary>
    /// The administrator's consent by link (Microsoft identity platform, admin consent endpoint). Null where the service has none, or the ids do not
    /// have their form yet.
    /// </summary>
    /// <param name="account">Whose application.</param>
    /// <param name="state">What the answer brings back; used where the gateway's own address is registered.</param>
    public static string? ConsentLink(Account account, string state)
    {
        if (MicrosoftAuthority.ConsentOf(account) is not { Length: > 0 } address || BasicField.IdFault("", account.ClientId) is not null || BasicField.TenantFault(account.TenantId) is not null) return null;
        var comesBack = account.RedirectAddress.Length > 0;
        return $"{address}?client_id={Uri.EscapeDataString(account.ClientId)}&scope={Uri.EscapeDataString(TokenScopes.ForAdministrator(account))}"
            + $"&redirect_uri={Uri.EscapeDataString(comesBack ? account.RedirectAddress : EndPage)}{(comesBack ? $"&state={state}" : "")}";
    }
}
