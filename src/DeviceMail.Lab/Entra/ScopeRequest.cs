namespace DeviceMail.Lab.Entra;

/// <summary>A scope parameter, read as Entra reads it: one resource a request, unqualified permissions belong to Graph.</summary>
public sealed record ScopeRequest(string Resource, IReadOnlyList<string> Permissions, IReadOnlyList<string> Identity)
{
    public const string Graph = "https://graph.microsoft.com";

    private static readonly string[] OpenId = ["openid", "profile", "email", "offline_access"];

    /// <summary>Nobody but an administrator can agree to these.</summary>
    private static readonly string[] AdministratorsOnly = ["Application.ReadWrite.All", "DelegatedPermissionGrant.ReadWrite.All", "Policy.Read.All", "User.Read.All"];

    private static readonly Dictionary<string, string[]> Known = new()
    {
        ["https://outlook.office.com"] = ["SMTP.Send"],
        ["https://outlook.office365.com"] = ["SMTP.Send"],
        [Graph] = ["SMTP.Send", "Mail.Send", "Mail.Send.Shared", "Mail.ReadWrite", "Mail.ReadWrite.Shared", "User.Read", .. AdministratorsOnly, "User.ReadBasic.All"],
    };

    public bool Offline => Identity.Contains("offline_access");

    public bool WantsIdToken => Identity.Contains("openid");

    public bool NeedsAdministrator => Permissions.Any(AdministratorsOnly.Contains);

    public bool OpensSmtp => Resource != Graph && Permissions.Contains("SMTP.Send");

    /// <summary>One word for each permission of a resource; both Outlook names are the same resource.</summary>
    public IEnumerable<string> Keys => Permissions.Select(permission => Resource == Graph ? $"graph/{permission}" : $"outlook/{permission}");

    /// <summary>As the answer gives it: qualified with the resource, without offline_access.</summary>
    public string Granted =>
        string.Join(' ', [.. Permissions.Select(permission => $"{Resource}/{permission}"), .. Identity.Where(scope => scope != "offline_access")]);

    /// <summary>Null when a scope is unknown or two resources are mixed (AADSTS70011).</summary>
    public static ScopeRequest? Read(string text) => ReadAll(text) is [var single] ? single : null;

    /// <summary>
    /// One request for each resource, in the order in which they are named; null when a scope is unknown.
    /// Only the authorize endpoint takes several: the person consents to all, and the code is redeemed for one.
    /// </summary>
    public static IReadOnlyList<ScopeRequest>? ReadAll(string text)
    {
        var identity = new List<string>();
        var resources = new List<(string Resource, List<string> Permissions)>();
        foreach (var scope in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (OpenId.Contains(scope))
            {
                identity.Add(scope);
                continue;
            }

            var slash = scope.LastIndexOf('/');
            var host = slash < 0 ? Graph : scope[..slash];
            var permission = Known.GetValueOrDefault(host)?.FirstOrDefault(known => known.Equals(scope[(slash + 1)..], StringComparison.OrdinalIgnoreCase));
            if (permission is null)
                return null;
            if (resources.FirstOrDefault(one => one.Resource == host).Permissions is { } permissions)
                permissions.Add(permission);
            else
                resources.Add((host, [permission]));
        }

        if (resources.Count == 0)
            return identity.Count == 0 ? null : [new(Graph, [], identity)];
        return [.. resources.Select(one => new ScopeRequest(one.Resource, one.Permissions, identity))];
    }
}
