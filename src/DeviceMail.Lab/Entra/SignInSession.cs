namespace DeviceMail.Lab.Entra;

/// <summary>One completed sign-in. Its number grows with time; refresh tokens lead back to it.</summary>
public sealed record SignInSession(long Number, LabAccount Account, Authority Authority, ScopeRequest Scopes)
{
    /// <summary>The application that signed in: an ID token is for it.</summary>
    public Guid Client { get; init; } = LabTenant.ClientId;
}

/// <summary>What an access token opens. The token itself is opaque to everybody but the lab.</summary>
public sealed record AccessGrant(long Number, SignInSession Session, ScopeRequest Scopes, DateTimeOffset Until);

public sealed record RefreshGrant(SignInSession Session, DateTimeOffset Issued);
