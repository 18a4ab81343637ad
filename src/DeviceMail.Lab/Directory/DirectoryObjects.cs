namespace DeviceMail.Lab.Directory;

/// <summary>An application as its home directory keeps it. Only what is asked for here; all else a caller sends is left out.</summary>
public sealed record LabApplication(string Id, string AppId, string DisplayName)
{
    public string SignInAudience { get; init; } = "AzureADMyOrg";
    public bool? IsFallbackPublicClient { get; init; }
    public DateTimeOffset CreatedDateTime { get; init; }
    public PublicClient PublicClient { get; init; } = new([]);
    public RequiredAccess[] RequiredResourceAccess { get; init; } = [];
}

public sealed record PublicClient(string[] RedirectUris);

public sealed record RequiredAccess(string ResourceAppId, AccessEntry[] ResourceAccess);

/// <param name="Type">Scope for a delegated permission.</param>
public sealed record AccessEntry(string Id, string Type);

/// <summary>What an application is in this organisation: grants belong to it.</summary>
public sealed record LabPrincipal(string Id, string AppId, string DisplayName)
{
    public PermissionScope[] Oauth2PermissionScopes { get; init; } = [];
}

/// <param name="Value">Its name in a token, such as SMTP.Send.</param>
public sealed record PermissionScope(string Id, string Value);

/// <summary>A delegated permission that was granted: to a whole organisation, or for one user.</summary>
/// <param name="Id">Its own id.</param>
/// <param name="ClientId">Object id of the principal that may.</param>
/// <param name="ResourceId">Object id of the principal at which it may.</param>
public sealed record LabGrant(string Id, string ClientId, string ResourceId)
{
    public const string ForAll = "AllPrincipals", ForOne = "Principal";

    public required string ConsentType { get; init; }
    public string? PrincipalId { get; init; }
    public string Scope { get; init; } = "";
}

public sealed record LabUser(string Id, string UserPrincipalName, string DisplayName)
{
    public string Mail { get; init; } = UserPrincipalName;
}

public sealed record SecurityDefaults(bool IsEnabled)
{
    public string Id { get; } = "00000000-0000-0000-0000-000000000005";
    public string DisplayName { get; } = "Security Defaults";
}

public sealed record LabPolicy(string Id, string DisplayName, string State)
{
    public DateTimeOffset CreatedDateTime { get; init; }
    public required PolicyConditions Conditions { get; init; }
    public PolicyControls GrantControls { get; } = new("OR", ["block"]);
}

/// <param name="AuthenticationFlows">Null in policies that are not about the way of signing in.</param>
public sealed record PolicyConditions(PolicyUsers Users, PolicyFlows? AuthenticationFlows);

public sealed record PolicyUsers(string[] IncludeUsers, string[] ExcludeUsers);

/// <param name="TransferMethods">Several can stand in it, separated by commas.</param>
public sealed record PolicyFlows(string TransferMethods);

public sealed record PolicyControls(string Operator, string[] BuiltInControls);
