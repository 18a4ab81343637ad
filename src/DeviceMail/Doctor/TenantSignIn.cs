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

    /// <summary>An address that a browser opens, and that leads it to a loopback address.</summary>
    public sealed record Browser(Uri Address) : TenantPrompt;
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
internal sealed record TenantSignIn(TenantPrompt Prompt, Func<CancellationToken, Task<TenantSignInEnd>> WaitAsync)
{
    /// <summary>Takes the address on which the browser landed; false: it is no answer to this sign-in, or not the first one.</summary>
    public Func<string, bool> Answer { get; init; } = _ => false;
}

/// <summary>The ways in which an administrator signs in. No refresh token is asked for: the sign-in is for minutes.</summary>
internal sealed class TenantSignIns(OAuthChannel channel, ClientCredentials credentials, TimeProvider time)
{
    private const string Otherwise = "Network > Email Server > Application Registration has the same as a script: PowerShell signs in in a browser window of its own.";

    private readonly DeviceCodePoller _poller = new(channel, time) { IsToLast = false };

    private readonly AuthorizationCodes _codes = new(channel, credentials, time) { IsToLast = false, IsOfMailbox = false };

    /// <summary>By the way that was asked for.</summary>
    public Task<(TenantSignIn? SignIn, TenantObstacle? Obstacle)> BeginAsync(TenantRequest request, CancellationToken cancel) =>
        request.InBrowser ? ByBrowserAsync(request, cancel) : ByCodeAsync(request, cancel);

    /// <summary>By device code (RFC 8628).</summary>
    public async Task<(TenantSignIn? SignIn, TenantObstacle? Obstacle)> ByCodeAsync(TenantRequest request, CancellationToken cancel)
    {
        var account = AccountFor(request);
        var (code, end) = await _poller.StartAsync(account, cancel);
        if (code is null) return (null, ObstacleOf(end!, SignInWay.DeviceCode));
        return (new TenantSignIn(new TenantPrompt.Code(code.UserCode, code.Verification, code.Until), async stop =>
        {
            var (tokens, step) = await _poller.WaitAsync(account, code, stop);
            return EndOf(tokens, step, SignInWay.DeviceCode);
        }), null);
    }

    /// <summary>In a browser (RFC 6749 4.1), which a policy against codes does not touch.</summary>
    public async Task<(TenantSignIn? SignIn, TenantObstacle? Obstacle)> ByBrowserAsync(TenantRequest request, CancellationToken cancel)
    {
        var account = AccountFor(request);
        var (asked, end) = await _codes.StartAsync(account, MicrosoftAuthority.LoopbackOf(account, request.LoopbackPort), cancel);
        if (asked is null) return (null, ObstacleOf(end!, SignInWay.Browser));
        var landed = new TaskCompletionSource<IReadOnlyDictionary<string, string>>(TaskCreationOptions.RunContinuationsAsynchronously);
        return (new TenantSignIn(new TenantPrompt.Browser(asked.Address), async stop =>
        {
            var (tokens, step) = await _codes.RedeemAsync(account, asked, await landed.Task.WaitAsync(stop), stop);
            return EndOf(tokens, step, SignInWay.Browser);
        })
        {
            Answer = text => AuthorizationCodes.Read(text) is var answer && asked.IsAnsweredBy(answer) && landed.TrySetResult(answer),
        }, null);
    }

    /// <summary>Stands in for an account; never saved.</summary>
    private static Account AccountFor(TenantRequest request)
    {
        var cloud = request.Where();
        return Providers.All[0].NewAccount(MailAddress.Parse(request.Mailbox)) with
        {
            ClientId = request.SignInApplication,
            TenantId = request.Directory,
            // The scopes below are all that is asked for: nothing is sent with this token.
            Transport = TransportChoice.Smtp,
            OAuth = new OAuthEndpoints
            {
                Authorization = $"{cloud.Authority}/{{tenant}}/oauth2/v2.0/authorize",
                DeviceAuthorization = $"{cloud.Authority}/{{tenant}}/oauth2/v2.0/devicecode",
                Token = $"{cloud.Authority}/{{tenant}}/oauth2/v2.0/token",
                Scopes = TenantPermissions.Scopes(cloud),
            },
        };
    }

    private static TenantSignInEnd EndOf(SignInTokens? tokens, SignInStep step, SignInWay way) => tokens is null
        ? new TenantSignInEnd.Failed(ObstacleOf(step, way)) : new TenantSignInEnd.SignedIn(tokens.Access, tokens.SignedInAs, tokens.Organisation);

    internal static TenantObstacle ObstacleOf(SignInStep step, SignInWay way) => step switch
    {
        SignInStep.Declined declined => new("The administrator declined at Microsoft's page.", "Begin again, and select Accept there, if that was not meant.", declined.Words),
        SignInStep.Blocked { Problem: var problem, Words: var words } when problem == Problems.BlockedByPolicy => way == SignInWay.Browser
            ? new("A policy of the organisation blocks the administrator's sign-in.", $"Sign in from a device and a place that the policy lets in. {Otherwise}", words)
            : new("A policy of the organisation blocks sign-ins by code, the administrator's too.",
                $"Begin again and sign in in this browser (on the command line: --browser): a policy against codes does not touch that. {Otherwise}", words) { IsForBrowser = true },
        SignInStep.Blocked { Problem: var problem, Words: var words } when problem == Problems.ConsentMissing =>
            new("The account that signed in may not agree to these permissions.", "Somebody with the role Cloud Application Administrator, Application Administrator or Privileged Role Administrator begins again and signs in.", words),
        SignInStep.Blocked { Problem: var problem, Words: var words } when problem == Problems.Unreachable || problem == Problems.AdditionalNetwork => new($"{problem.Title}.", $"{problem.Cause} {problem.Remedy}", words),
        SignInStep.Blocked { Words: var words } => new("Microsoft refuses the administrator's sign-in.", $"Read what it said, and compare the application for the sign-in and the directory. {Otherwise}", words),
        _ => new("The code has run out before anybody signed in.", "Begin again for a new one. Nothing was changed."),
    };
}
