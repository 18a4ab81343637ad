using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace DeviceMail.Lab.Entra;

/// <summary>An authorization code on its way from the browser to the token endpoint.</summary>
public sealed record IssuedCode(Visit Visit, LabAccount Account, DateTimeOffset Until)
{
    private int _redeemed;

    public bool IsRedeemed => _redeemed != 0;

    internal bool Redeem() => Interlocked.Exchange(ref _redeemed, 1) == 0;
}

/// <summary>What the token endpoint is given for a code.</summary>
public sealed record CodeRedemption(string Code, string Redirect, string Verifier, string Scope)
{
    public string Client { get; init; } = "";

    public static CodeRedemption Of(IFormCollection form) =>
        new(form["code"].ToString(), form["redirect_uri"].ToString(), form["code_verifier"].ToString(), form["scope"].ToString()) { Client = form["client_id"].ToString() };
}

/// <summary>
/// Sign-ins and consents that go through the browser. A test without a browser does the person's part with
/// <see cref="Approve(Uri, string)"/> and <see cref="Decline"/>.
/// </summary>
public sealed class Authorizations(PretendCloud cloud)
{
    private static readonly TimeSpan CodeLife = TimeSpan.FromMinutes(10);
    private static readonly EntraRefusal NoSuchAccount = new("unknown_account", 50034, "We couldn't find an account with that username.");

    private readonly VisitReader _reader = new(cloud);
    private readonly ConcurrentDictionary<string, Visit> _visits = new();
    private readonly ConcurrentDictionary<string, IssuedCode> _codes = new();

    /// <summary>The whole visit of a person who signs in and accepts: where the browser lands. Throws when a page says no instead.</summary>
    public Uri Approve(Uri url, string account) => Landing(Go(url, account, ConsentDecision.Accept));

    /// <summary>The same, with "Consent on behalf of your organization" ticked; it counts for an administrator.</summary>
    public Uri ApproveForOrganisation(Uri url, string account) => Landing(Go(url, account, ConsentDecision.AcceptForOrganisation));

    /// <summary>The person presses Cancel.</summary>
    public Uri Decline(Uri url, string account) => Landing(Go(url, account, ConsentDecision.Cancel));

    /// <summary>As <see cref="Approve"/>, but tells also what a page would say.</summary>
    public VisitStep Go(Uri url, string account, ConsentDecision decision)
    {
        var step = Open(url);
        if (step.Visit is not { } visit)
            return step;
        if (decision == ConsentDecision.Cancel)
            return Decide(visit.Id, decision);
        step = SignIn(visit.Id, account);
        return step is { Visit: not null, Refusal: null } ? Decide(visit.Id, decision) : step;
    }

    /// <summary>The browser opens the address.</summary>
    public VisitStep Open(Uri url)
    {
        var step = _reader.Read(url);
        if (step.Visit is { } visit)
            _visits[visit.Id] = visit;
        return step;
    }

    /// <summary>The person picks an account; policies decide here. The consent page is left out when nothing is left to consent to.</summary>
    public VisitStep SignIn(string id, string address)
    {
        if (!_visits.TryGetValue(id, out var visit))
            return VisitStep.Refuse(null, VisitRefusals.UnknownVisit);
        if (cloud.Tenant.Find(address) is not { } account)
            return VisitStep.Refuse(visit, NoSuchAccount);
        if (!visit.Authority.LetsIn(account))
            return VisitStep.Refuse(visit, EntraRefusal.OtherTenantsAccount);
        if (visit.Kind == VisitKind.SignIn && visit.Client == LabTenant.ClientId && !cloud.Tenant.LetsIn(account, cloud.Switches))
            return VisitStep.Refuse(visit, EntraRefusal.NotAssigned(account));
        if (NeedsAdministrator(visit, account))
            return VisitStep.Refuse(visit, EntraRefusal.AdministratorOnly);
        visit.Account = account;
        return visit is { Kind: VisitKind.SignIn, Prompt: not "consent" } && HasConsented(visit, account)
            ? Finish(visit, account)
            : VisitStep.Next(visit);
    }

    /// <summary>The person answers the consent page, or leaves with Cancel before it.</summary>
    public VisitStep Decide(string id, ConsentDecision decision)
    {
        if (!_visits.TryGetValue(id, out var visit))
            return VisitStep.Refuse(null, VisitRefusals.UnknownVisit);
        if (decision == ConsentDecision.Cancel)
            return Leave(visit, visit.Refuse(visit.Kind == VisitKind.SignIn ? VisitRefusals.Cancelled : VisitRefusals.ConsentCancelled));
        if (visit.Account is not { } account)
            return VisitStep.Next(visit);
        if (visit.Kind == VisitKind.AdminConsent)
            return Grant(visit);
        cloud.Tenant.Consent(account, visit.Keys);
        if (decision == ConsentDecision.AcceptForOrganisation && account.Kind == AccountKind.Administrator)
        {
            foreach (var permission in visit.Keys)
                cloud.Tenant.ConsentForOrganisation(permission);
        }

        return Finish(visit, account);
    }

    /// <summary>The application redeems the code.</summary>
    public TokenOutcome Redeem(CodeRedemption given, Authority authority)
    {
        if (given.Code.Length == 0)
            return EntraRefusal.MissingParameter("code");
        // A code is of no use to another application than the one that asked.
        if (!_codes.TryGetValue(given.Code, out var code) || !Guid.TryParse(given.Client, out var client) || client != code.Visit.Client)
            return VisitRefusals.UnknownCode;
        var visit = code.Visit;
        if (visit.Authority.Name != authority.Name)
            return EntraRefusal.OtherTenantsCode;
        if (code.IsRedeemed)
            return VisitRefusals.UsedCode;
        if (code.Until <= cloud.Time.GetUtcNow())
            return VisitRefusals.ExpiredCode;
        if (given.Redirect != visit.Redirect)
            return VisitRefusals.OtherRedirect(given.Redirect, visit.Redirect);
        if (Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(given.Verifier))) != visit.CodeChallenge)
            return VisitRefusals.WrongVerifier;
        var scopes = given.Scope.Length == 0 ? visit.Scopes[0] : ScopeRequest.Read(given.Scope);
        if (scopes is null)
            return EntraRefusal.BadScope;
        if (!scopes.Keys.All(key => cloud.Tenant.HasConsented(code.Account, key)))
            return code.Account.Kind == AccountKind.Personal ? EntraRefusal.NoPersonalConsent : EntraRefusal.NoConsent;
        if (!code.Redeem())
            return VisitRefusals.UsedCode;
        scopes = scopes with { Identity = visit.Scopes[0].Identity };
        var session = new SignInSession(cloud.Switches.NextNumber(), code.Account, visit.Authority, scopes, SessionOrigin.AuthorizationCode) { Client = visit.Client };
        return new(cloud.Tokens.Issue(session, scopes, visit.Nonce), null);
    }

    private bool NeedsAdministrator(Visit visit, LabAccount account) => visit.Kind == VisitKind.AdminConsent
        ? account.Kind != AccountKind.Administrator
        : account.Kind == AccountKind.Work && (cloud.Switches.UserConsentOff || visit.Scopes.Any(scopes => scopes.NeedsAdministrator)) && !HasConsented(visit, account);

    private bool HasConsented(Visit visit, LabAccount account) => visit.Keys.All(key => cloud.Tenant.HasConsented(account, key));

    private VisitStep Finish(Visit visit, LabAccount account)
    {
        var code = "1.LAB." + TokenSigner.RandomText(400);
        _codes[code] = new(visit, account, cloud.Time.GetUtcNow() + CodeLife);
        return Leave(visit, visit.Answer(("code", code), ("session_state", Guid.NewGuid().ToString())));
    }

    private VisitStep Grant(Visit visit)
    {
        foreach (var permission in visit.Keys)
            cloud.Tenant.ConsentForOrganisation(permission);
        foreach (var permission in VisitReader.ApplicationPermissions(visit))
            cloud.Tenant.AllowApplicationPermission(permission);
        var tenant = cloud.Switches.ConsentWrongTenant ? LabTenant.PersonalTenantId : LabTenant.TenantId;
        return Leave(visit, visit.Answer(("admin_consent", "True"), ("tenant", tenant.ToString()), ("scope", visit.ScopeText)));
    }

    private VisitStep Leave(Visit visit, Uri location)
    {
        _visits.TryRemove(visit.Id, out _);
        return VisitStep.Leave(location);
    }

    private static Uri Landing(VisitStep step) => step.Location
        ?? throw new InvalidOperationException(step.Refusal is { } refusal ? $"AADSTS{refusal.Number}: {refusal.Text}" : "The visit has not ended.");
}
