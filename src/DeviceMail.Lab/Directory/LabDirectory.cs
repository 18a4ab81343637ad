using DeviceMail.Lab.Entra;
using DeviceMail.Lab.Switches;

namespace DeviceMail.Lab.Directory;

/// <summary>What came of a request that changes something.</summary>
public abstract record DirectoryChange
{
    public sealed record Done(object? Made) : DirectoryChange;

    public sealed record Refused(DirectoryRefusal Refusal) : DirectoryChange;
}

/// <summary>
/// The pretend organisation's directory: its applications, their principals, and what was granted to them. A grant made here is a consent that
/// the sign-in knows, and an application made here is one that the token endpoint lets in.
/// </summary>
public sealed class LabDirectory(LabTenant tenant, LabSwitches switches, TimeProvider time)
{
    public const string ExchangeAppId = "00000002-0000-0ff1-ce00-000000000000", GraphAppId = "00000003-0000-0000-c000-000000000000";

    private readonly Lock _gate = new();
    private readonly Countdown _unseen = new();
    private readonly List<LabApplication> _applications = [];
    private readonly List<LabGrant> _grants = [];
    private readonly List<LabPrincipal> _principals =
    [
        new("e0000000-0000-4000-8000-000000000001", ExchangeAppId, "Office 365 Exchange Online")
        {
            Oauth2PermissionScopes = [new("258f6531-6087-4cc4-bb90-092c5fb3ed3f", "SMTP.Send"), new("3b5f3d61-589b-4a3c-a359-5dd4b5ee5bd5", "full_access_as_user")],
        },
        new("e0000000-0000-4000-8000-000000000002", GraphAppId, "Microsoft Graph")
        {
            Oauth2PermissionScopes =
            [
                new("e383f46e-2787-4529-855e-0e479a3ffac0", "Mail.Send"), new("7427e0e9-2fba-42fe-b0c0-848c9e6a8182", "offline_access"), new("37f7f235-527c-4136-accd-4a02d197296e", "openid"),
                new("14dad69e-099b-42c9-810b-d002981feec1", "profile"), new("64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0", "email"),
            ],
        },
    ];

    private int _writes;

    /// <summary>How many requests changed something.</summary>
    public int Writes => _writes;

    public IReadOnlyList<LabApplication> Applications { get { lock (_gate) return [.. _applications]; } }

    public IReadOnlyList<LabPrincipal> Principals { get { lock (_gate) return [.. _principals]; } }

    public IReadOnlyList<LabGrant> Grants { get { lock (_gate) return [.. _grants]; } }

    public IReadOnlyList<LabUser> Users => [.. tenant.Accounts.Where(account => account.Kind != AccountKind.Personal).Select(account => new LabUser($"{account.Id}", account.Address, account.Name) { Mail = account.Mailbox })];

    /// <summary>Ids of users whom the policies on device code leave out.</summary>
    public ISet<string> ExcludedFromPolicies { get; } = new HashSet<string>(StringComparer.OrdinalIgnoreCase);

    public SecurityDefaults SecurityDefaults => new(switches.SecurityDefaults);

    public IReadOnlyList<LabPolicy> Policies
    {
        get
        {
            var everybody = new PolicyUsers(["All"], [.. ExcludedFromPolicies]);
            List<LabPolicy> policies =
            [
                new("a0000000-0000-4000-8000-000000000001", "Require MFA for administrators", "enabled")
                {
                    CreatedDateTime = time.GetUtcNow().AddDays(-400),
                    Conditions = new(everybody, null),
                },
            ];
            if (switches.DeviceCodeBlocked)
            {
                policies.Add(new("a0000000-0000-4000-8000-000000000002", "Block device code flow", "enabled")
                {
                    CreatedDateTime = time.GetUtcNow().AddDays(-100),
                    Conditions = new(everybody, new("deviceCodeFlow,authenticationTransfer")),
                });
            }

            if (switches.DeviceCodeReportOnly)
            {
                policies.Add(new("a0000000-0000-4000-8000-000000000003", "Microsoft-managed: Block device code flow", "enabledForReportingButNotEnforced")
                {
                    CreatedDateTime = time.GetUtcNow().AddDays(-20),
                    Conditions = new(everybody, new("deviceCodeFlow")),
                });
            }

            return policies;
        }
    }

    /// <summary>Whether a read comes before a new object has reached the server that answers.</summary>
    public bool IsLate() => _unseen.Take();

    public LabApplication Make(ApplicationBody body)
    {
        lock (_gate)
        {
            var made = With(new LabApplication($"{Guid.NewGuid()}", $"{Guid.NewGuid()}", "") { CreatedDateTime = time.GetUtcNow() }, body);
            _applications.Add(made);
            tenant.LetIn(Guid.Parse(made.AppId));
            Written();
            return made;
        }
    }

    public DirectoryChange Change(string id, ApplicationBody body)
    {
        lock (_gate)
        {
            var at = _applications.FindIndex(one => one.Id == id);
            if (at < 0)
                return new DirectoryChange.Refused(DirectoryRefusal.NotFound(id));
            _applications[at] = With(_applications[at], body);
            _writes++;
            return new DirectoryChange.Done(null);
        }
    }

    public DirectoryChange MakePrincipal(string? appId)
    {
        lock (_gate)
        {
            if (_applications.FirstOrDefault(one => one.AppId == appId) is not { } application)
                return new DirectoryChange.Refused(DirectoryRefusal.NoApplication(appId));
            if (_principals.Any(one => one.AppId == appId))
                return new DirectoryChange.Refused(DirectoryRefusal.PrincipalExists(appId));
            var made = new LabPrincipal($"{Guid.NewGuid()}", application.AppId, application.DisplayName);
            _principals.Add(made);
            Written();
            return new DirectoryChange.Done(made);
        }
    }

    public DirectoryChange Grant(GrantBody body)
    {
        lock (_gate)
        {
            foreach (var principal in (string?[])[body.ClientId, body.ResourceId])
            {
                if (_principals.All(one => one.Id != principal))
                    return new DirectoryChange.Refused(DirectoryRefusal.NotFound(principal));
            }

            if (body.ConsentType is not (LabGrant.ForAll or LabGrant.ForOne) || (body.ConsentType == LabGrant.ForOne) != (body.PrincipalId is not null))
                return new DirectoryChange.Refused(DirectoryRefusal.BadGrant);
            var made = new LabGrant($"{Guid.NewGuid()}", body.ClientId!, body.ResourceId!) { ConsentType = body.ConsentType, PrincipalId = body.PrincipalId, Scope = body.Scope ?? "" };
            if (_grants.Any(one => (one.ClientId, one.ResourceId, one.ConsentType, one.PrincipalId) == (made.ClientId, made.ResourceId, made.ConsentType, made.PrincipalId)))
                return new DirectoryChange.Refused(DirectoryRefusal.GrantExists);
            _grants.Add(made);
            Consent(made);
            Written();
            return new DirectoryChange.Done(made);
        }
    }

    public DirectoryChange ChangeGrant(string id, string? scope)
    {
        lock (_gate)
        {
            var at = _grants.FindIndex(one => one.Id == id);
            if (at < 0)
                return new DirectoryChange.Refused(DirectoryRefusal.NotFound(id));
            _grants[at] = _grants[at] with { Scope = scope ?? _grants[at].Scope };
            Consent(_grants[at]);
            _writes++;
            return new DirectoryChange.Done(null);
        }
    }

    private static LabApplication With(LabApplication application, ApplicationBody body) => application with
    {
        DisplayName = body.DisplayName ?? application.DisplayName,
        SignInAudience = body.SignInAudience ?? application.SignInAudience,
        IsFallbackPublicClient = body.IsFallbackPublicClient ?? application.IsFallbackPublicClient,
        PublicClient = body.PublicClient ?? application.PublicClient,
        RequiredResourceAccess = body.RequiredResourceAccess ?? application.RequiredResourceAccess,
    };

    /// <summary>The sign-in asks the tenant, which knows permissions by resource and name.</summary>
    private void Consent(LabGrant grant)
    {
        var resource = _principals.First(one => one.Id == grant.ResourceId).AppId == ExchangeAppId ? "outlook" : "graph";
        string[] permissions = [.. grant.Scope.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(scope => $"{resource}/{scope}")];
        if (grant.ConsentType == LabGrant.ForOne)
        {
            if (tenant.Accounts.FirstOrDefault(account => $"{account.Id}" == grant.PrincipalId) is { } account)
                tenant.Consent(account, permissions);
            return;
        }

        foreach (var permission in permissions)
            tenant.ConsentForOrganisation(permission);
    }

    private void Written()
    {
        _writes++;
        _unseen.Remaining = switches.DirectoryLate;
    }
}
