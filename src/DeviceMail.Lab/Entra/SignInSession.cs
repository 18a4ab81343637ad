namespace DeviceMail.Lab.Entra;

/// <summary>How a session was born. It keeps this mark through all refreshes, and policies ask for it.</summary>
public enum SessionOrigin
{
    DeviceCode,
    AuthorizationCode,

    /// <summary>The application itself, with a secret or a certificate; nobody has signed in.</summary>
    Application,
}

/// <summary>One completed sign-in. Its number grows with time; refresh tokens lead back to it.</summary>
public sealed record SignInSession(long Number, LabAccount Account, Authority Authority, ScopeRequest Scopes, SessionOrigin Origin)
{
    /// <summary>The application that signed in: an ID token is for it.</summary>
    public Guid Client { get; init; } = LabTenant.ClientId;
}

/// <summary>What an access token opens. The token itself is opaque to everybody but the lab.</summary>
public sealed record AccessGrant(long Number, SignInSession Session, ScopeRequest Scopes, DateTimeOffset Until)
{
    /// <summary>Application permissions of the token's resource, as they were when it was issued; empty for a person's token.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [];

    public bool IsApplication => Session.Origin == SessionOrigin.Application;

    public bool OpensSmtp => IsApplication ? Scopes.Resource != ScopeRequest.Graph && Roles.Contains("SMTP.SendAsApp") : Scopes.OpensSmtp;

    /// <summary>Whether the token carries one of these permissions of Graph, a person's or the application's.</summary>
    public bool Carries(params IReadOnlyList<string> permissions) =>
        (IsApplication ? Roles : Scopes.Permissions).Intersect(permissions).Any();
}

public sealed record RefreshGrant(SignInSession Session, DateTimeOffset Issued);
