using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.Doctor;

/// <summary>What the administrator is shown while the sign-in waits.</summary>
public abstract record TenantPrompt
{
    /// <summary>A code to enter at an address.</summary>
    public sealed record Code(string UserCode, Uri Address, DateTimeOffset Until) : TenantPrompt;
}

/// <summary>How an administrator's sign-in ended.</summary>
internal abstract record TenantSignInEnd
{
    /// <param name="Token">Opens Microsoft Graph for about an hour. It is kept nowhere.</param>
    /// <param name="As">Null where the service did not say.</param>
    /// <param name="TenantId">Directory (tenant) ID of the organisation.</param>
    public sealed record SignedIn(Secret Token, string? As, string TenantId) : TenantSignInEnd;

    public sealed record Failed(TenantObstacle Obstacle) : TenantSignInEnd;
}

/// <summary>A sign-in of an administrator that has begun: what to show, and the wait for its end. By which way it goes does not matter to who waits.</summary>
/// <param name="Prompt">What the person is shown.</param>
/// <param name="WaitAsync">Waits for the person; ends with the sign-in, or with what stood in its way.</param>
internal sealed record TenantSignIn(TenantPrompt Prompt, Func<CancellationToken, Task<TenantSignInEnd>> WaitAsync);

/// <summary>The ways in which an administrator signs in.</summary>
internal sealed class TenantSignIns(OAuthChannel channel, TimeProvider time)
{
    private const string Otherwise = "Network > Email Server > Application Registration has the same as a script: PowerShell signs in in a browser window of its own.";

    /// <summary>No refresh token is asked for: the sign-in is for minutes.</summary>
    private readonly DeviceCodePoller _poller = new(channel, time) { IsToLast = false };

    /// <summary>By device code (RFC 8628).</summary>
    public async Task<(TenantSignIn? SignIn, TenantObstacle? Obstacle)> ByCodeAsync(TenantRequest request, CancellationToken cancel)
    {
        var account = AccountFor(request);
        var (code, end) = await _poller.StartAsync(account, cancel);
        if (code is null) return (null, ObstacleOf(end!));
        return (new TenantSignIn(new TenantPrompt.Code(code.UserCode, code.Verification, code.Until), async stop =>
        {
            var (tokens, step) = await _poller.WaitAsync(account, code, stop);
            return tokens is null ? new TenantSignInEnd.Failed(ObstacleOf(step)) : new TenantSignInEnd.SignedIn(tokens.Access, tokens.SignedInAs, tokens.Organisation);
        }), null);
    }

    /// <summary>Stands in for an account; never saved.</summary>
    private static Account AccountFor(TenantRequest request)
    {
        var cloud = request.Where();
        return Providers.All[0].NewAccount(MailAddress.Parse(request.Mailbox)) with
        {
            ClientId = request.SignInApplication,
            TenantId = request.Directory,
            OAuth = new OAuthEndpoints
            {
                DeviceAuthorization = $"{cloud.Authority}/{{tenant}}/oauth2/v2.0/devicecode",
                Token = $"{cloud.Authority}/{{tenant}}/oauth2/v2.0/token",
                Scopes = TenantPermissions.Scopes(cloud),
            },
        };
    }

    internal static TenantObstacle ObstacleOf(SignInStep step) => step switch
    {
        SignInStep.Declined declined => new("The administrator declined at Microsoft's page.", "Begin again, and select Accept there, if that was not meant.", declined.Words),
        SignInStep.Blocked { Problem: var problem, Words: var words } when problem == Problems.BlockedByPolicy =>
            new("A policy of the organisation blocks sign-ins by code, the administrator's too.", Otherwise, words),
        SignInStep.Blocked { Problem: var problem, Words: var words } when problem == Problems.ConsentMissing =>
            new("The account that signed in may not agree to these permissions.", "Somebody with the role Cloud Application Administrator, Application Administrator or Privileged Role Administrator begins again and signs in.", words),
        SignInStep.Blocked { Problem: var problem, Words: var words } when problem == Problems.Unreachable || problem == Problems.AdditionalNetwork => new($"{problem.Title}.", $"{problem.Cause} {problem.Remedy}", words),
        SignInStep.Blocked { Words: var words } => new("Microsoft refuses the administrator's sign-in.", $"Read what it said, and compare the application for the sign-in and the directory. {Otherwise}", words),
        _ => new("The code has run out before anybody signed in.", "Begin again for a new one. Nothing was changed."),
    };
}
