using DeviceMail.Activity;
using DeviceMail.Storage;

namespace DeviceMail.Accounts;

/// <summary>What a poll of the device grant found (RFC 8628 3.5).</summary>
public abstract record SignInStep
{
    public sealed record Waiting : SignInStep;

    public sealed record SlowDown : SignInStep;

    public sealed record SignedIn(string? As, string Organisation) : SignInStep;

    public sealed record Declined(string Words) : SignInStep;

    public sealed record Expired : SignInStep;

    public sealed record Blocked(Problem Problem, string Words) : SignInStep;
}

/// <summary>
/// The device authorization grant (RFC 8628): asks for a code, then polls at the interval the server names. A missing interval is 5 s, slow_down
/// adds 5 s for good, connection trouble doubles the wait. After any answer but "pending" nothing is polled again: a second use of a code ends the
/// whole grant at strict providers.
/// </summary>
internal sealed class DeviceCodePoller(OAuthChannel channel, TimeProvider time)
{
    private const string DeviceGrant = "urn:ietf:params:oauth:grant-type:device_code";
    internal const int PersonDeclined = 65004;
    private static readonly TimeSpan _usualInterval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _slowestPoll = TimeSpan.FromMinutes(1);

    /// <summary>Whether the sign-in is to last: without a refresh token it would end within the hour.</summary>
    public bool IsToLast { get; init; } = true;

    public sealed record Code(string DeviceCode, string UserCode, Uri Verification, DateTimeOffset Until, TimeSpan Interval, OAuthEndpoints Endpoints);

    /// <returns>The code, or the step that ends the attempt.</returns>
    public async Task<(Code? Code, SignInStep? End)> StartAsync(Account account, CancellationToken cancel)
    {
        if (channel.Obstacle is { } obstacle) return (null, new SignInStep.Blocked(obstacle, ""));
        var (endpoints, words) = await channel.EndpointsAsync(account, OAuthUse.Device, cancel);
        if (endpoints is null) return (null, new SignInStep.Blocked(Problems.Unreachable, words));
        if (endpoints.DeviceAuthorization.Length == 0)
            return (null, new SignInStep.Blocked(Problems.SetUpFault, "The provider offers no sign-in by device code."));
        var reply = await channel.PostAsync(endpoints.DeviceAuthorization,
            [new("client_id", account.ClientId), new("scope", TokenScopes.For(account, account.Transports[0]))], AccountsJson.Default.DeviceCodeAnswer, cancel);
        if (reply is not OAuthReply.Answered<DeviceCodeAnswer> { Answer: var answer })
            return (null, new SignInStep.Blocked(Problems.Unreachable, ((OAuthReply.NoAnswer)reply).Words));
        if (answer.Error is { } error)
            return (null, new SignInStep.Blocked(EntraErrors.Explain(error, answer.Codes, answer.Description), EntraErrors.FirstLine(error, answer.Description)));
        if (answer is not { DeviceCode: { } device, UserCode: { } user } || !Uri.TryCreate(answer.VerificationUri ?? answer.VerificationUrl, UriKind.Absolute, out var address))
            return (null, new SignInStep.Blocked(Problems.Unreachable, "The provider's answer has no code or no address for it."));
        var interval = answer.Interval is > 0 and < 3_600 ? TimeSpan.FromSeconds(answer.Interval.Value) : _usualInterval;
        return (new Code(device, user, address, time.GetUtcNow() + TimeSpan.FromSeconds(answer.ExpiresIn ?? 900), interval, endpoints), null);
    }

    /// <summary>Polls until the person is done, the code has run out, or the provider refuses.</summary>
    public async Task<(SignInTokens? Tokens, SignInStep Step)> WaitAsync(Account account, Code code, CancellationToken cancel)
    {
        var (interval, trouble, asked) = (code.Interval, 0, TimeSpan.Zero);
        while (true)
        {
            await Task.Delay(Wait(interval * Math.Pow(2, Math.Min(trouble, 5)), interval, asked, code.Until - time.GetUtcNow()), time, cancel);
            if (time.GetUtcNow() >= code.Until) return (null, new SignInStep.Expired());
            var reply = await channel.PostAsync(code.Endpoints.Token,
                [new("grant_type", DeviceGrant), new("client_id", account.ClientId), new("device_code", code.DeviceCode)], AccountsJson.Default.TokenAnswer, cancel);
            if (reply is not OAuthReply.Answered<TokenAnswer> { Answer: var answer })
            {
                trouble++;
                asked = (reply as OAuthReply.NoAnswer)?.RetryAfter ?? TimeSpan.Zero;
                continue;
            }
            (trouble, asked) = (0, TimeSpan.Zero);
            switch (answer)
            {
                case { AccessToken: { } access, Error: null }: return Done(account, answer, access);
                case { Error: "authorization_pending" }: continue;
                case { Error: "slow_down" }: interval += TimeSpan.FromSeconds(5); continue;
                default: return (null, Ended(answer));
            }
        }
    }

    /// <summary>Doubling stops at a minute; what the provider names is kept, however long, but for the code's own end.</summary>
    private static TimeSpan Wait(TimeSpan doubled, TimeSpan interval, TimeSpan asked, TimeSpan left)
    {
        var wait = doubled < _slowestPoll ? doubled : interval > _slowestPoll ? interval : _slowestPoll;
        if (asked > wait) wait = asked;
        return wait < left ? wait : left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    private (SignInTokens? Tokens, SignInStep Step) Done(Account account, TokenAnswer answer, string access)
    {
        if (IsToLast && answer.RefreshToken is null)
            return (null, new SignInStep.Blocked(Problems.SetUpFault, "The provider gave no refresh token: the scope offline_access is missing."));
        var (name, organisation) = IdToken.Read(answer.IdToken, account.ClientId);
        var tokens = new SignInTokens(new Secret(access), answer.RefreshToken is { } refresh ? new Secret(refresh) : null, TimeSpan.FromSeconds(answer.ExpiresIn ?? 3_600), name, organisation)
        {
            For = account.Transports[0],
        };
        return (tokens, new SignInStep.SignedIn(name, organisation));
    }

    private static SignInStep Ended(TokenAnswer answer)
    {
        var error = answer.Error ?? "no token";
        var words = EntraErrors.FirstLine(error, answer.Description);
        return error switch
        {
            "expired_token" or "code_expired" => new SignInStep.Expired(),
            // Behind the same word Entra says that a policy declined; its number tells.
            "access_denied" or "authorization_declined" when answer.Codes is null or [] or [PersonDeclined] => new SignInStep.Declined(words),
            _ => new SignInStep.Blocked(EntraErrors.Explain(error, answer.Codes, answer.Description, answer.SubError), words),
        };
    }
}
