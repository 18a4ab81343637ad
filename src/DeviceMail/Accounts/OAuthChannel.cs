using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DeviceMail.Activity;
using DeviceMail.Network;
using DeviceMail.Storage;

namespace DeviceMail.Accounts;

/// <summary>What a provider's endpoints are needed for.</summary>
internal enum OAuthUse
{
    Token,
    Device,
    Browser,
}

/// <summary>
/// Talks to a provider's OAuth endpoints: https (or http on this machine), no redirects, answers of at most 1 MB, nothing logged. Addresses come
/// from the account, or by discovery from its issuer, which must name itself exactly.
/// </summary>
public sealed class OAuthChannel : IDisposable
{
    private const int MaxAnswerOctets = 1 << 20;
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(30);

    private readonly HttpClient _http;
    private readonly WayOut _way;
    private readonly GatewayClock _clock;
    private readonly TimeProvider _time;

    public OAuthChannel(TrustedRoots roots, WayOut way, GatewayClock clock, TimeProvider time)
    {
        (_way, _clock, _time) = (way, clock, time);
        // No connection is used twice: another way out, or an authority that is no longer trusted, counts for the next question.
        var handler = WebHandler.Create(new Outside(way, roots), TimeSpan.Zero);
        _http = new HttpClient(handler) { MaxResponseContentBufferSize = MaxAnswerOctets, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Why no sign-in service may be asked, or null: OAuth2 is for the standard network.</summary>
    internal Problem? Obstacle => _way.OAuthObstacle is null ? null : Problems.AdditionalNetwork;

    public void Dispose() => _http.Dispose();

    /// <summary>The account's endpoints, with {tenant} filled in and what is missing discovered; null with words when the issuer does not answer as it should.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="use">What they are needed for: nothing else is asked for.</param>
    /// <param name="cancel">Ends the question.</param>
    internal async Task<(OAuthEndpoints? Endpoints, string Words)> EndpointsAsync(Account account, OAuthUse use, CancellationToken cancel)
    {
        var known = Providers.Of(account).OAuth;
        var own = account.OAuth with
        {
            Token = Fill(account.OAuth.Token, account),
            DeviceAuthorization = Fill(account.OAuth.DeviceAuthorization, account),
            // An account of an earlier version has none of its own.
            Authorization = Fill(account.OAuth.Authorization.Length > 0 ? account.OAuth.Authorization : known.Authorization, account),
            Issuer = Fill(account.OAuth.Issuer, account).TrimEnd('/'),
        };
        var needed = use switch { OAuthUse.Device => own.DeviceAuthorization, OAuthUse.Browser => own.Authorization, _ => own.Token };
        if (own.Token.Length > 0 && (needed.Length > 0 || own.Issuer.Length == 0)) return (own, "");
        var issuer = own.Issuer;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{issuer}/.well-known/openid-configuration");
        if (await SendAsync(request, AccountsJson.Default.DiscoveryAnswer, cancel) is not OAuthReply.Answered<DiscoveryAnswer> { Answer: var found })
            return (null, $"{issuer} did not answer with its metadata.");
        if (found.Issuer?.TrimEnd('/') != issuer) return (null, $"{issuer} calls itself {found.Issuer}: the issuer must be spelled exactly as the provider spells it.");
        var discovered = own with
        {
            Token = Or(own.Token, found.TokenEndpoint),
            DeviceAuthorization = Or(own.DeviceAuthorization, found.DeviceAuthorizationEndpoint),
            Authorization = Or(own.Authorization, found.AuthorizationEndpoint),
            NamesIssuer = found.NamesIssuer,
        };
        foreach (var (what, address) in ((string, string)[])[("a token", discovered.Token), ("a device authorization", discovered.DeviceAuthorization), ("an authorization", discovered.Authorization)])
            if (address.Length > 0 ? !AccountRules.IsSafe(address) : what == "a token") return (null, $"{issuer} names {what} endpoint that is not https.");
        return (discovered, "");
    }

    internal Task<OAuthReply> PostAsync<T>(string address, IEnumerable<KeyValuePair<string, string>> form, JsonTypeInfo<T> type, CancellationToken cancel) =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(form) }, type, cancel);

    /// <summary>Asks another service of the provider with an access token; its answer comes back as it is, good or bad.</summary>
    internal async Task<BearerReply> AskAsync(HttpRequestMessage request, Secret token, CancellationToken cancel)
    {
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Reveal());
        if (_way.OAuthObstacle is { } obstacle) return new BearerReply.NoAnswer(obstacle);
        using var time = new CancellationTokenSource(_limit, _time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel, time.Token);
        try
        {
            using var response = await _http.SendAsync(request, limit.Token);
            return new BearerReply.Answered((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(limit.Token), After(response));
        }
        catch (Exception fault) when (IsTrouble(fault, cancel))
        {
            return new BearerReply.NoAnswer(WordsOf(fault));
        }
        finally
        {
            request.Dispose();
        }
    }

    private async Task<OAuthReply> SendAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancel)
    {
        if (_way.OAuthObstacle is { } obstacle) return new OAuthReply.NoAnswer(obstacle, null);
        using var time = new CancellationTokenSource(_limit, _time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel, time.Token);
        try
        {
            var asked = _time.GetUtcNow();
            using var response = await _http.SendAsync(request, limit.Token);
            if (response.Headers.Date is { } theirs) _clock.Compare(request.RequestUri!.Host, asked, theirs);
            var after = After(response);
            if (response.StatusCode is HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError)
                return new OAuthReply.NoAnswer($"The service is busy (HTTP {(int)response.StatusCode}).", after);
            var body = await response.Content.ReadAsByteArrayAsync(limit.Token);
            return JsonSerializer.Deserialize(body, type) is { } answer
                ? new OAuthReply.Answered<T>(answer, after)
                : new OAuthReply.NoAnswer("The service answered with nothing.", after);
        }
        catch (JsonException)
        {
            return new OAuthReply.NoAnswer("Something else than the service answered; perhaps a proxy or a captive portal.", null);
        }
        catch (Exception fault) when (IsTrouble(fault, cancel))
        {
            return new OAuthReply.NoAnswer(WordsOf(fault), null) { IsUncertain = true };
        }
        finally
        {
            request.Dispose();
        }
    }

    private static string Or(string own, string? found) => own.Length > 0 ? own : found ?? "";

    private TimeSpan? After(HttpResponseMessage response) => response.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - _time.GetUtcNow() : null;

    private static bool IsTrouble(Exception fault, CancellationToken cancel) =>
        fault is HttpRequestException or IOException || fault is OperationCanceledException && !cancel.IsCancellationRequested;

    private static string WordsOf(Exception fault) => fault is OperationCanceledException ? "The service did not answer in 30 seconds." : fault.Message;

    private static string Fill(string address, Account account) => address.Replace("{tenant}", Uri.EscapeDataString(account.TenantId), StringComparison.Ordinal);
}
