namespace DeviceMail.Doctor;

/// <summary>The organisation as it was read: the objects that the set-up is about.</summary>
internal sealed record TenantState(TenantRequest Request, GraphUser User, GraphPrincipal Exchange, GraphPrincipal Graph)
{
    /// <summary>Null: there is none yet, or it belongs to another organisation.</summary>
    public GraphApplication? Application { get; init; }

    /// <summary>What the application is in this organisation; null: nothing yet.</summary>
    public GraphPrincipal? Principal { get; init; }

    public IReadOnlyList<GraphGrant> Grants { get; init; } = [];

    public string AppId => Application?.AppId ?? Principal?.AppId ?? "";

    public string ConsentType => Request.Reach == ConsentReach.Mailbox ? "Principal" : "AllPrincipals";

    public string? PrincipalId => Request.Reach == ConsentReach.Mailbox ? User.Id : null;

    /// <summary>Which of these permissions the mailbox, or everybody where that is asked for, does not have yet.</summary>
    public IReadOnlyList<string> Missing(GraphPrincipal resource, IReadOnlyList<string> wanted)
    {
        var granted = Grants.Where(one => one.ResourceId == resource.Id && (one.ConsentType == "AllPrincipals" || one.ConsentType == ConsentType && one.PrincipalId == PrincipalId)).SelectMany(one => one.Scopes).ToHashSet();
        return [.. wanted.Where(one => !granted.Contains(one))];
    }

    /// <summary>The grant to which more can be added; a second of its kind is refused.</summary>
    public GraphGrant? GrantAt(GraphPrincipal resource) => Grants.FirstOrDefault(one => one.ResourceId == resource.Id && one.ConsentType == ConsentType && one.PrincipalId == PrincipalId);

    public IReadOnlyList<string> Redirects => [.. ((string[])["http://localhost", Request.Where().EndPage, Request.Redirect]).Where(one => one.Length > 0)];

    /// <summary>The permissions that the registration lists, each with the id that its resource gives it.</summary>
    public IReadOnlyList<GraphRequiredAccess> Access =>
    [
        new(TenantPermissions.ExchangeAppId, [new(IdOf(Exchange, TenantPermissions.SmtpSend, TenantPermissions.SmtpSendId), "Scope")]),
        new(TenantPermissions.GraphAppId, [new(IdOf(Graph, TenantPermissions.MailSend, TenantPermissions.MailSendId), "Scope")]),
    ];

    private static string IdOf(GraphPrincipal resource, string name, string usual) => resource.Oauth2PermissionScopes?.FirstOrDefault(one => one.Value == name)?.Id ?? usual;
}

/// <summary>Reads the organisation. Changes nothing.</summary>
internal static class TenantLook
{
    public const string Name = "DeviceMail";

    public static async Task<(TenantState? State, TenantObstacle? Obstacle)> AtAsync(TenantGraph graph, TenantRequest request, CancellationToken cancel)
    {
        var (user, noUser) = await UserAsync(graph, request.Mailbox, cancel);
        if (user is null) return (null, noUser);
        var (exchange, noExchange) = await PrincipalAsync(graph, TenantPermissions.ExchangeAppId, cancel);
        if (noExchange is not null) return (null, noExchange);
        if (exchange is null) return (null, new("This organisation has no Exchange Online.", "An administrator of the organisation checks its licences: without Exchange Online there is no mailbox that could send."));
        var (resource, noGraph) = await PrincipalAsync(graph, TenantPermissions.GraphAppId, cancel);
        if (resource is null) return (null, noGraph ?? new("This organisation has no Microsoft Graph among its applications.", "An administrator of the organisation asks Microsoft's support: each organisation has it."));
        var (application, noApplication) = await ApplicationAsync(graph, request.ClientId, cancel);
        if (noApplication is not null) return (null, noApplication);
        var appId = application?.AppId ?? request.ClientId;
        var (principal, noPrincipal) = appId.Length == 0 ? (null, null) : await PrincipalAsync(graph, appId, cancel);
        if (noPrincipal is not null) return (null, noPrincipal);
        // The account's ids may be those of another organisation, or of an application that is gone: then one by its name serves.
        if (application is null && principal is null && request.ClientId.Length > 0) return await AtAsync(graph, request with { ClientId = "" }, cancel);
        var state = new TenantState(request, user, exchange, resource) { Application = application, Principal = principal };
        return principal is null ? (state, null) : await WithGrantsAsync(graph, state, cancel);
    }

    /// <summary>The state with the grants as they are now.</summary>
    public static async Task<(TenantState? State, TenantObstacle? Obstacle)> WithGrantsAsync(TenantGraph graph, TenantState state, CancellationToken cancel)
    {
        var (grants, obstacle) = await graph.ListAsync($"oauth2PermissionGrants?$filter={Is("clientId", state.Principal!.Id)}", GraphJson.Default.GraphPageGraphGrant, cancel);
        return grants is null ? (null, obstacle) : (state with { Grants = grants }, null);
    }

    public static async Task<(GraphPrincipal? Principal, TenantObstacle? Obstacle)> PrincipalAsync(TenantGraph graph, string appId, CancellationToken cancel)
    {
        var (all, obstacle) = await graph.ListAsync($"servicePrincipals?$filter={Is("appId", appId)}&$select=id,appId,displayName,oauth2PermissionScopes", GraphJson.Default.GraphPageGraphPrincipal, cancel);
        return (all is [var first, ..] ? first : null, obstacle);
    }

    private static async Task<(GraphApplication? Application, TenantObstacle? Obstacle)> ApplicationAsync(TenantGraph graph, string clientId, CancellationToken cancel)
    {
        var (filter, isByName) = clientId.Length > 0 ? (Is("appId", clientId), false) : (Is("displayName", Name), true);
        var (all, obstacle) = await graph.ListAsync($"applications?$filter={filter}&$select=id,appId,displayName,isFallbackPublicClient,publicClient,requiredResourceAccess", GraphJson.Default.GraphPageGraphApplication, cancel);
        if (all is null) return (null, obstacle);
        return isByName && all.Count > 1
            ? (null, new($"There are {all.Count} applications named {Name}, and it is not clear which one is meant.", "Enter the Application (client) ID of the right one in the account under Network > Email Server > Basic, or remove the others; then begin again."))
            : (all is [var first, ..] ? first : null, null);
    }

    /// <summary>By the name of its sign-in first, which is its address most often.</summary>
    private static async Task<(GraphUser? User, TenantObstacle? Obstacle)> UserAsync(TenantGraph graph, string mailbox, CancellationToken cancel)
    {
        var (byName, fault) = await graph.FindAsync($"users/{Uri.EscapeDataString(mailbox)}?$select=id,userPrincipalName", GraphJson.Default.GraphUser, cancel);
        if (byName is not null || fault is not null) return (byName, fault);
        var (byAddress, obstacle) = await graph.ListAsync($"users?$filter={Is("mail", mailbox)}&$select=id,userPrincipalName", GraphJson.Default.GraphPageGraphUser, cancel);
        if (byAddress is null) return (null, obstacle);
        return byAddress is [var found, ..] ? (found, null)
            : (null, new TenantObstacle($"The organisation that signed in has no mailbox {mailbox}.", "Check its spelling, and that the administrator who signed in belongs to the same organisation as the mailbox. Nothing was changed."));
    }

    private static string Is(string field, string value) => Uri.EscapeDataString($"{field} eq '{value.Replace("'", "''", StringComparison.Ordinal)}'");
}
