using System.Collections.Concurrent;
using DeviceMail.Lab.Switches;

namespace DeviceMail.Lab.Entra;

/// <summary>Either tokens or a refusal.</summary>
public sealed record TokenOutcome(TokenAnswer? Answer, EntraRefusal? Refusal)
{
    public static implicit operator TokenOutcome(EntraRefusal refusal) => new(null, refusal);

    public static TokenOutcome FromEntraRefusal(EntraRefusal refusal) => refusal;
}

/// <summary>Issues tokens and remembers what they open. Refresh tokens rotate, and the old ones stay valid, as at Entra.</summary>
public sealed class TokenIssuer(LabSwitches switches, LabTenant tenant, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan Inactivity = TimeSpan.FromDays(90);
    private const int PruneAbove = 1000;

    private readonly ConcurrentDictionary<string, AccessGrant> _access = new();
    private readonly ConcurrentDictionary<string, RefreshGrant> _refresh = new();
    private readonly TokenSigner _signer = new();

    public SigningKeys PublicKeys => _signer.PublicKeys;

    public TokenAnswer Issue(SignInSession session, ScopeRequest scopes) => Issue(session, scopes, null);

    /// <summary>The nonce of the authorization request comes back in its first ID token only.</summary>
    public TokenAnswer Issue(SignInSession session, ScopeRequest scopes, string? nonce)
    {
        var now = time.GetUtcNow();
        var access = AccessToken(session, scopes, now);
        Remember(access, new(switches.NextNumber(), session, scopes, now.AddSeconds(switches.AccessTokenSeconds)));

        string? refresh = null;
        if (session.Scopes.Offline)
        {
            refresh = (session.Account.Kind == AccountKind.Personal ? "M.C5_LAB." : "1.LAB.") + TokenSigner.RandomText(1100);
            _refresh[refresh] = new(session, now);
        }

        var idToken = scopes.WantsIdToken ? _signer.Sign(IdTokenOf(session, now) with { Nonce = nonce }) : null;
        return new(scopes.Granted, switches.AccessTokenSeconds, access) { RefreshToken = refresh, IdToken = idToken };
    }

    public TokenOutcome Refresh(string refreshToken, string? scope)
    {
        if (!_refresh.TryGetValue(refreshToken, out var grant))
            return EntraRefusal.UnknownRefreshToken;
        if (Refused(grant) is { } refusal)
            return refusal;
        var scopes = string.IsNullOrWhiteSpace(scope) ? grant.Session.Scopes : ScopeRequest.Read(scope);
        if (scopes is null)
            return EntraRefusal.BadScope;
        var account = grant.Session.Account;
        if (!scopes.Keys.All(key => grant.Session.Scopes.Keys.Contains(key) || tenant.HasConsented(account, key)))
            return account.Kind == AccountKind.Personal ? EntraRefusal.NoPersonalConsent : EntraRefusal.NoConsent;
        return new(Issue(grant.Session, scopes), null);
    }

    /// <summary>A token of the application itself: its roles are what the organisation has granted until now.</summary>
    public TokenAnswer IssueForApplication(Authority authority, string resource)
    {
        var now = time.GetUtcNow();
        var scopes = new ScopeRequest(resource, [], []);
        var session = new SignInSession(switches.NextNumber(), LabTenant.Application, authority, scopes, SessionOrigin.Application);
        var roles = tenant.ApplicationRoles(resource);
        var access = TokenSigner.Opaque(ClaimsOf(session, scopes, now) with { Scp = null, Upn = null, Roles = roles, Idtyp = "app" }, switches.AccessTokenLength);
        Remember(access, new(switches.NextNumber(), session, scopes, now.AddSeconds(switches.AccessTokenSeconds)) { Roles = roles });
        return new(null, switches.AccessTokenSeconds, access);
    }

    /// <summary>What an access token opens at SMTP; null when it is unknown, out of date, revoked or for something else.</summary>
    public AccessGrant? OpenSmtp(string accessToken) => Open(accessToken) is { OpensSmtp: true } grant ? grant : null;

    /// <summary>What an access token opens at Graph; null as at SMTP.</summary>
    public AccessGrant? OpenGraph(string accessToken) => Open(accessToken) is { Scopes.Resource: ScopeRequest.Graph } grant ? grant : null;

    public void Dispose() => _signer.Dispose();

    private AccessGrant? Open(string accessToken)
    {
        if (!_access.TryGetValue(accessToken, out var grant))
            return null;
        // Revoking a person's sessions does not touch the application's own tokens.
        var good = grant.Until > time.GetUtcNow()
            && !switches.AccessExpired(grant.Number)
            && (grant.IsApplication || !switches.Revoked(grant.Session.Number));
        return good ? grant : null;
    }

    /// <summary>What an access token opens at Graph; null when it is unknown, out of date, revoked or for something else.</summary>
    public AccessGrant? OpenDirectory(string accessToken) =>
        _access.TryGetValue(accessToken, out var grant) && grant.Until > time.GetUtcNow() && grant.Scopes.Resource == ScopeRequest.Graph && !switches.Revoked(grant.Session.Number) ? grant : null;

    private void Remember(string access, AccessGrant grant)
    {
        _access[access] = grant;
        if (_access.Count > PruneAbove)
            Prune(time.GetUtcNow());
    }

    private EntraRefusal? Refused(RefreshGrant grant)
    {
        var session = grant.Session.Number;
        return this switch
        {
            _ when switches.RefuseRefreshWith > 0 => EntraRefusal.Other(switches.RefuseRefreshWith),
            _ when switches.Revoked(session) => EntraRefusal.Revoked,
            _ when switches.Disused(session) || time.GetUtcNow() - grant.Issued > Inactivity => EntraRefusal.Disused,
            _ when switches.DeviceCodeBlocked && grant.Session.Origin == SessionOrigin.DeviceCode => EntraRefusal.BlockedFlow,
            _ when switches.TooSeldom(session) => EntraRefusal.TooSeldom,
            _ when switches.MfaTooOld(session) => EntraRefusal.MfaTooOld,
            _ when switches.WithoutConsent(session) => EntraRefusal.NoConsent,
            _ when grant.Session.Client == LabTenant.ClientId && !tenant.LetsIn(grant.Session.Account, switches) => EntraRefusal.NotAssigned(grant.Session.Account) with { Error = "invalid_grant" },
            _ => null,
        };
    }

    private string AccessToken(SignInSession session, ScopeRequest scopes, DateTimeOffset now)
    {
        var account = session.Account;
        if (account.Kind == AccountKind.Personal)
            return "EwB" + TokenSigner.RandomText(switches.AccessTokenLength - 3);
        return TokenSigner.Opaque(ClaimsOf(session, scopes, now), switches.AccessTokenLength);
    }

    private AccessTokenClaims ClaimsOf(SignInSession session, ScopeRequest scopes, DateTimeOffset now)
    {
        var account = session.Account;
        return new(scopes.Resource, now.ToUnixTimeSeconds(), now.AddSeconds(switches.AccessTokenSeconds).ToUnixTimeSeconds())
        {
            Scp = string.Join(' ', scopes.Permissions),
            Upn = account.Address,
            Jti = TokenSigner.RandomText(22),
            Oid = account.Id.ToString(),
            Tid = account.TenantId.ToString(),
        };
    }

    private static IdToken IdTokenOf(SignInSession session, DateTimeOffset now)
    {
        var account = session.Account;
        var issuer = session.Authority.Issuer.Replace("{tenantid}", account.TenantId.ToString(), StringComparison.Ordinal);
        var seconds = now.ToUnixTimeSeconds();
        return new(session.Client.ToString(), issuer, seconds, seconds, now.AddHours(1).ToUnixTimeSeconds())
        {
            Name = account.Name,
            Oid = account.Id.ToString(),
            PreferredUsername = account.Address,
            Sub = $"sub-{account.Id:N}",
            Tid = account.TenantId.ToString(),
            Email = session.Scopes.Identity.Contains("email") ? account.Mailbox : null,
        };
    }

    private void Prune(DateTimeOffset now)
    {
        foreach (var (token, grant) in _access)
        {
            if (grant.Until < now)
                _access.TryRemove(token, out _);
        }
    }
}
