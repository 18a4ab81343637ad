namespace DeviceMail.Doctor;

/// <summary>What became of one step.</summary>
internal abstract record TenantStepEnd
{
    public sealed record Done(TenantState State) : TenantStepEnd;

    public sealed record Stopped(TenantObstacle Obstacle) : TenantStepEnd;
}

/// <summary>One thing of the set-up: looking at the state tells what is and what would be made, and applying makes just that.</summary>
internal sealed record TenantStep(string Key, string Name)
{
    public required Func<TenantState, string> Is { get; init; }

    /// <summary>Empty when nothing is to be done.</summary>
    public required Func<TenantState, string> Would { get; init; }

    public required Func<TenantGraph, TenantState, CancellationToken, Task<TenantStepEnd>> ApplyAsync { get; init; }
}

/// <summary>The steps that change the organisation, in their order. There are no others.</summary>
internal static class TenantSteps
{
    private const string Exchange = "Office 365 Exchange Online", Graph = "Microsoft Graph";

    public static IReadOnlyList<TenantStep> All { get; } =
    [
        new("application", "The application")
        {
            Is = state => state switch
            {
                { Application: null, Principal: { } foreign } => $"The application {foreign.AppId} belongs to another organisation, which looks after it.",
                { Application: null } => $"There is no application {TenantLook.Name} yet.",
                { Application: { } own } when Lacks(state) is { Count: > 0 } lacks => $"{own.DisplayName} ({own.AppId}) is there, but lacks {string.Join("; ", lacks)}.",
                { Application: { } own } => $"{own.DisplayName} ({own.AppId}) is there, as it shall be.",
            },
            Would = state => state switch
            {
                { Application: null, Principal: not null } => "",
                { Application: null } => $"Make the application {TenantLook.Name}: for this organisation alone, a public client without a secret, with the redirect addresses {string.Join(", ", state.Redirects)}; it lists SMTP.Send and Mail.Send in the name of who signs in.",
                { Application: { } own } => Lacks(state) is { Count: > 0 } lacks ? $"Add to the application {own.DisplayName}: {string.Join("; ", lacks)}. What it has stays." : "",
            },
            ApplyAsync = ApplicationAsync,
        },
        new("service-principal", "The application in the organisation")
        {
            Is = state => state.Principal is null ? "It is not among the organisation's enterprise applications, so nothing can be granted to it." : "It is among the organisation's enterprise applications.",
            Would = state => state.Principal is null ? "Make its enterprise application (service principal)." : "",
            ApplyAsync = PrincipalAsync,
        },
        Grant("smtp-send", Exchange, state => state.Exchange, TenantPermissions.AtExchange),
        Grant("mail-send", Graph, state => state.Graph, TenantPermissions.AtGraph),
    ];

    private static TenantStep Grant(string key, string title, Func<TenantState, GraphPrincipal> resource, IReadOnlyList<string> wanted) => new(key, $"Permission at {title}")
    {
        Is = state => state.Missing(resource(state), wanted) is { Count: > 0 } missing
            ? $"{(missing.Count == wanted.Count ? "Nothing is granted" : $"{string.Join(", ", missing)} is not granted")} at {title} for {state.Request.ForWhom}."
            : $"{string.Join(", ", wanted)} is granted at {title}.",
        Would = state => state.Missing(resource(state), wanted) is { Count: > 0 } missing ? $"Grant {string.Join(", ", missing)} at {title} for {state.Request.ForWhom}, in the name of who signs in." : "",
        ApplyAsync = (graph, state, cancel) => GrantAsync(graph, state, resource(state), wanted, cancel),
    };

    /// <summary>What the registration has not, in words.</summary>
    private static List<string> Lacks(TenantState state)
    {
        var application = state.Application!;
        List<string> lacks = [];
        if (application.IsFallbackPublicClient != true) lacks.Add("public client flows");
        foreach (var address in state.Redirects.Except(application.PublicClient?.RedirectUris ?? [])) lacks.Add($"the redirect address {address}");
        foreach (var (name, access) in ((string[])[TenantPermissions.SmtpSend, TenantPermissions.MailSend]).Zip(state.Access))
            if (!Lists(application, access)) lacks.Add($"{name} in its list of permissions");
        return lacks;
    }

    private static bool Lists(GraphApplication application, GraphRequiredAccess wanted) =>
        application.RequiredResourceAccess?.Any(one => one.ResourceAppId == wanted.ResourceAppId && wanted.ResourceAccess.All(one.ResourceAccess.Contains)) == true;

    private static async Task<TenantStepEnd> ApplicationAsync(TenantGraph graph, TenantState state, CancellationToken cancel)
    {
        if (state.Application is { } there)
        {
            // A change replaces each whole list: what stands in it goes along.
            var body = new GraphApplicationBody
            {
                IsFallbackPublicClient = true,
                PublicClient = new([.. (there.PublicClient?.RedirectUris ?? []).Union(state.Redirects)]),
                RequiredResourceAccess = Union(there.RequiredResourceAccess ?? [], state.Access),
            };
            if (await graph.ChangeAsync($"applications/{there.Id}", body, GraphJson.Default.GraphApplicationBody, cancel) is { } obstacle) return new TenantStepEnd.Stopped(obstacle);
            return new TenantStepEnd.Done(state with { Application = there with { IsFallbackPublicClient = true, PublicClient = body.PublicClient, RequiredResourceAccess = body.RequiredResourceAccess } });
        }
        var fresh = new GraphApplicationBody
        {
            DisplayName = TenantLook.Name,
            SignInAudience = "AzureADMyOrg",
            IsFallbackPublicClient = true,
            PublicClient = new(state.Redirects),
            RequiredResourceAccess = state.Access,
        };
        return await graph.MakeAsync("applications", fresh, GraphJson.Default.GraphApplicationBody, GraphJson.Default.GraphApplication, cancel) switch
        {
            // What was sent counts: an answer may leave some of it out.
            TenantWrite.Made<GraphApplication> { Value: var one } => new TenantStepEnd.Done(state with { Application = one with { IsFallbackPublicClient = true, PublicClient = fresh.PublicClient, RequiredResourceAccess = fresh.RequiredResourceAccess } }),
            TenantWrite.Refused { Obstacle: var refused } => new TenantStepEnd.Stopped(refused),
            _ => new TenantStepEnd.Stopped(Meanwhile),
        };
    }

    private static async Task<TenantStepEnd> PrincipalAsync(TenantGraph graph, TenantState state, CancellationToken cancel)
    {
        var write = await graph.MakeAsync("servicePrincipals", new GraphPrincipalBody(state.AppId), GraphJson.Default.GraphPrincipalBody, GraphJson.Default.GraphPrincipal, cancel);
        if (write is TenantWrite.Refused { Obstacle: var refused }) return new TenantStepEnd.Stopped(refused);
        if (write is TenantWrite.Made<GraphPrincipal> { Value: var made }) return new TenantStepEnd.Done(state with { Principal = made });
        var (there, obstacle) = await TenantLook.PrincipalAsync(graph, state.AppId, cancel);
        return there is null ? new TenantStepEnd.Stopped(obstacle ?? Meanwhile) : new TenantStepEnd.Done(state with { Principal = there });
    }

    private static async Task<TenantStepEnd> GrantAsync(TenantGraph graph, TenantState state, GraphPrincipal resource, IReadOnlyList<string> wanted, CancellationToken cancel)
    {
        if (state.GrantAt(resource) is null)
        {
            var body = new GraphGrantBody(string.Join(' ', state.Missing(resource, wanted))) { ClientId = state.Principal!.Id, ConsentType = state.ConsentType, PrincipalId = state.PrincipalId, ResourceId = resource.Id };
            var write = await graph.MakeAsync("oauth2PermissionGrants", body, GraphJson.Default.GraphGrantBody, GraphJson.Default.GraphGrant, cancel);
            if (write is TenantWrite.Refused { Obstacle: var refused }) return new TenantStepEnd.Stopped(refused);
            if (write is TenantWrite.Made<GraphGrant> { Value: var made }) return new TenantStepEnd.Done(state with { Grants = [.. state.Grants, made] });
            // Somebody granted something of the same kind meanwhile: it is read, and what it lacks is added.
            var (now, unread) = await TenantLook.WithGrantsAsync(graph, state, cancel);
            if (now is null) return new TenantStepEnd.Stopped(unread ?? Meanwhile);
            state = now;
        }
        if (state.Missing(resource, wanted) is not { Count: > 0 } missing) return new TenantStepEnd.Done(state);
        if (state.GrantAt(resource) is not { } there) return new TenantStepEnd.Stopped(Meanwhile);
        var more = new GraphGrantBody(string.Join(' ', there.Scopes.Union(missing)));
        if (await graph.ChangeAsync($"oauth2PermissionGrants/{there.Id}", more, GraphJson.Default.GraphGrantBody, cancel) is { } obstacle) return new TenantStepEnd.Stopped(obstacle);
        return new TenantStepEnd.Done(state with { Grants = [.. state.Grants.Select(one => one.Id == there.Id ? one with { Scope = more.Scope } : one)] });
    }

    private static List<GraphRequiredAccess> Union(IReadOnlyList<GraphRequiredAccess> there, IReadOnlyList<GraphRequiredAccess> wanted)
    {
        List<GraphRequiredAccess> all = [.. there];
        foreach (var one in wanted)
        {
            var at = all.FindIndex(other => other.ResourceAppId == one.ResourceAppId);
            if (at < 0) all.Add(one);
            else all[at] = all[at] with { ResourceAccess = [.. all[at].ResourceAccess.Union(one.ResourceAccess)] };
        }
        return all;
    }

    private static TenantObstacle Meanwhile => new("Somebody else changes the same things at this moment.", "Begin the set-up again; what was made is recognised.");
}
