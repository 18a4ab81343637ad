using System.Collections.Concurrent;
using System.Security.Cryptography;
using DeviceMail.Lab.Switches;

namespace DeviceMail.Lab.Entra;

public enum SignInState
{
    WaitingForPerson,
    SignedIn,
    Approved,
    Declined,
    Redeemed,
}

/// <summary>What the person decides on the consent page.</summary>
public enum ConsentDecision
{
    Cancel,
    Accept,

    /// <summary>"Consent on behalf of your organization"; counts only for an administrator.</summary>
    AcceptForOrganisation,
}

/// <summary>One device code on its way from request to token.</summary>
public sealed record DeviceSignIn(string UserCode, string DeviceCode, Authority Authority, ScopeRequest Scopes, DateTimeOffset Until)
{
    public SignInState State { get; internal set; }
    public LabAccount? Account { get; internal set; }

    /// <summary>The application that asked.</summary>
    public Guid Client { get; internal set; } = LabTenant.ClientId;
}

/// <summary>The answer to a step of the person: the sign-in goes on, or a refusal the page shows.</summary>
public sealed record PersonStep(DeviceSignIn? SignIn, EntraRefusal? Refusal);

/// <summary>All device codes that are under way, and what persons do with them.</summary>
public sealed class DeviceSignIns(LabSwitches switches, LabTenant tenant, TokenIssuer tokens, TimeProvider time)
{
    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    private static readonly PersonStep NoSuchCode = Refuse(new("invalid_code", 70018, "That code didn't work. Check the code and try again."));
    private static readonly PersonStep NoSuchAccount = Refuse(new("unknown_account", 50034, "We couldn't find an account with that username."));

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, DeviceSignIn> _byDeviceCode = new();

    /// <summary>Codes that wait for a person, oldest first.</summary>
    public IReadOnlyList<DeviceSignIn> Waiting =>
        [.. _byDeviceCode.Values.Where(IsOpen).OrderBy(signIn => signIn.Until)];

    public DeviceSignIn Begin(Authority authority, ScopeRequest scopes)
    {
        var until = time.GetUtcNow().AddSeconds(switches.DeviceCodeSeconds);
        var signIn = new DeviceSignIn(RandomNumberGenerator.GetString(Alphabet, 9), "LAB" + TokenSigner.RandomText(180), authority, scopes, until);
        _byDeviceCode[signIn.DeviceCode] = signIn;
        return signIn;
    }

    /// <summary>The person types the code.</summary>
    public PersonStep Enter(string userCode)
    {
        var code = userCode.Trim().Replace("-", "", StringComparison.Ordinal);
        var signIn = _byDeviceCode.Values.FirstOrDefault(one => one.UserCode.Equals(code, StringComparison.OrdinalIgnoreCase));
        return signIn is not null && IsOpen(signIn) ? new(signIn, null) : NoSuchCode;
    }

    /// <summary>The person chooses an account; policies decide here.</summary>
    public PersonStep SignIn(string userCode, string address)
    {
        var step = Enter(userCode);
        if (step.SignIn is not { } signIn)
            return step;
        if (tenant.Find(address) is not { } account)
            return NoSuchAccount;
        if (!signIn.Authority.LetsIn(account))
            return Refuse(EntraRefusal.OtherTenantsAccount);
        if (switches.DeviceCodeBlocked)
            return Refuse(EntraRefusal.BlockedSignIn);
        if (signIn.Client == LabTenant.ClientId && !tenant.LetsIn(account, switches))
            return Refuse(EntraRefusal.NotAssigned(account));
        if (NeedsAdministrator(signIn, account))
            return Refuse(EntraRefusal.AdministratorOnly);
        lock (_gate)
        {
            signIn.Account = account;
            signIn.State = SignInState.SignedIn;
        }

        return new(signIn, null);
    }

    /// <summary>The person answers the consent page.</summary>
    public PersonStep Decide(string userCode, ConsentDecision decision)
    {
        var step = Enter(userCode);
        if (step.SignIn is not { State: SignInState.SignedIn, Account: { } account } signIn)
            return NoSuchCode;
        lock (_gate)
            signIn.State = decision == ConsentDecision.Cancel ? SignInState.Declined : SignInState.Approved;
        if (decision == ConsentDecision.Cancel)
            return new(signIn, null);
        tenant.Consent(account, signIn.Scopes.Keys);
        if (decision == ConsentDecision.AcceptForOrganisation && account.Kind == AccountKind.Administrator)
        {
            foreach (var permission in signIn.Scopes.Keys)
                tenant.ConsentForOrganisation(permission);
        }

        return new(signIn, null);
    }

    /// <summary>The whole visit of a person who signs in and accepts.</summary>
    public PersonStep Approve(string userCode, string address)
    {
        var step = SignIn(userCode, address);
        return step.SignIn is null ? step : Decide(userCode, ConsentDecision.Accept);
    }

    /// <summary>The device polls.</summary>
    public TokenOutcome Redeem(string deviceCode, Authority authority)
    {
        if (!_byDeviceCode.TryGetValue(deviceCode, out var signIn))
            return EntraRefusal.UnknownCode;
        if (signIn.Authority.Name != authority.Name)
            return EntraRefusal.OtherTenantsCode;
        lock (_gate)
        {
            if (signIn.State == SignInState.Redeemed)
                return EntraRefusal.UsedCode;
            if (signIn.State == SignInState.Declined)
                return EntraRefusal.Declined;
            if (signIn.Until <= time.GetUtcNow())
                return EntraRefusal.Expired;
            if (switches.TakeSlowDown())
                return EntraRefusal.SlowDown;
            if (signIn is not { State: SignInState.Approved, Account: { } account })
                return EntraRefusal.Pending;
            signIn.State = SignInState.Redeemed;
            var session = new SignInSession(switches.NextNumber(), account, signIn.Authority, signIn.Scopes, SessionOrigin.DeviceCode) { Client = signIn.Client };
            return new(tokens.Issue(session, signIn.Scopes), null);
        }
    }

    private static PersonStep Refuse(EntraRefusal refusal) => new(null, refusal);

    private bool NeedsAdministrator(DeviceSignIn signIn, LabAccount account) =>
        account.Kind == AccountKind.Work
        && (switches.UserConsentOff || signIn.Scopes.NeedsAdministrator)
        && !signIn.Scopes.Keys.All(key => tenant.HasConsented(account, key));

    private bool IsOpen(DeviceSignIn signIn) =>
        signIn.State is SignInState.WaitingForPerson or SignInState.SignedIn && signIn.Until > time.GetUtcNow();
}
