using System.Text.Json.Serialization;

namespace DeviceMail.Doctor;

/// <summary>A page of a list (Microsoft Graph, "Paging Microsoft Graph data in your app").</summary>
internal sealed record GraphPage<T>(T[]? Value)
{
    [JsonPropertyName("@odata.nextLink")] public string? NextLink { get; init; }
}

internal sealed record GraphError(GraphErrorWords? Error);

internal sealed record GraphErrorWords(string? Code, string? Message);

internal sealed record GraphUser(string Id, string? UserPrincipalName);

internal sealed record GraphApplication(string Id, string AppId, string? DisplayName)
{
    public bool? IsFallbackPublicClient { get; init; }

    public GraphPublicClient? PublicClient { get; init; }

    public IReadOnlyList<GraphRequiredAccess>? RequiredResourceAccess { get; init; }
}

/// <summary>What is sent to make or change an application; what is null is not sent.</summary>
internal sealed record GraphApplicationBody
{
    public string? DisplayName { get; init; }

    public string? SignInAudience { get; init; }

    public bool? IsFallbackPublicClient { get; init; }

    public GraphPublicClient? PublicClient { get; init; }

    public IReadOnlyList<GraphRequiredAccess>? RequiredResourceAccess { get; init; }
}

internal sealed record GraphPublicClient(IReadOnlyList<string>? RedirectUris);

internal sealed record GraphRequiredAccess(string ResourceAppId, IReadOnlyList<GraphAccess> ResourceAccess);

internal sealed record GraphAccess(string Id, string Type);

internal sealed record GraphPrincipal(string Id, string AppId, string? DisplayName)
{
    public IReadOnlyList<GraphScope>? Oauth2PermissionScopes { get; init; }
}

internal sealed record GraphPrincipalBody(string AppId);

internal sealed record GraphScope(string Id, string? Value);

internal sealed record GraphGrant(string Id, string ClientId, string ResourceId)
{
    public string? ConsentType { get; init; }

    public string? PrincipalId { get; init; }

    public string? Scope { get; init; }

    public IEnumerable<string> Scopes => (Scope ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
}

internal sealed record GraphGrantBody(string Scope)
{
    public string? ClientId { get; init; }

    public string? ConsentType { get; init; }

    public string? PrincipalId { get; init; }

    public string? ResourceId { get; init; }
}

internal sealed record GraphDefaults(bool IsEnabled);

internal sealed record GraphPolicy(string? DisplayName, string? State)
{
    public DateTimeOffset? CreatedDateTime { get; init; }

    public GraphConditions? Conditions { get; init; }

    public GraphControls? GrantControls { get; init; }
}

internal sealed record GraphConditions(GraphPolicyUsers? Users, GraphFlows? AuthenticationFlows);

internal sealed record GraphPolicyUsers
{
    public IReadOnlyList<string>? IncludeUsers { get; init; }

    public IReadOnlyList<string>? IncludeGroups { get; init; }

    public IReadOnlyList<string>? IncludeRoles { get; init; }

    public IReadOnlyList<string>? ExcludeUsers { get; init; }
}

/// <param name="TransferMethods">Flags: several can stand in it, separated by commas.</param>
internal sealed record GraphFlows(string? TransferMethods);

internal sealed record GraphControls(IReadOnlyList<string>? BuiltInControls);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GraphError))]
[JsonSerializable(typeof(GraphUser))]
[JsonSerializable(typeof(GraphPage<GraphUser>))]
[JsonSerializable(typeof(GraphApplication))]
[JsonSerializable(typeof(GraphPrincipal))]
[JsonSerializable(typeof(GraphGrant))]
[JsonSerializable(typeof(GraphPage<GraphApplication>))]
[JsonSerializable(typeof(GraphPage<GraphPrincipal>))]
[JsonSerializable(typeof(GraphPage<GraphGrant>))]
[JsonSerializable(typeof(GraphPage<GraphPolicy>))]
[JsonSerializable(typeof(GraphDefaults))]
[JsonSerializable(typeof(GraphApplicationBody))]
[JsonSerializable(typeof(GraphPrincipalBody))]
[JsonSerializable(typeof(GraphGrantBody))]
internal sealed partial class GraphJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(TenantRequest))]
[JsonSerializable(typeof(TenantFacts))]
internal sealed partial class TenantJson : JsonSerializerContext;
