using System.Net;
using System.Net.Http.Headers;
using System.Security.Authentication;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DeviceMail.Activity;
using DeviceMail.Network;
using DeviceMail.Storage;

namespace DeviceMail.Accounts;

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
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = TimeSpan.Zero, Proxy = way.Proxy };
        handler.ConnectCallback = async (connection, cancel) => await way.OpenAsync(connection.DnsEndPoint.Host, connection.DnsEndPoint.Port, cancel);
        handler.SslOptions.RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
            roots.For((sender as System.Net.Security.SslStream)?.TargetHostName ?? "")(sender, certificate, chain, errors);
        handler.SslOptions.EnabledSslProtocols = SslProtocols.None;
        _http = new HttpClient(handler) { MaxResponseContentBufferSize = MaxAnswerOctets, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Why no sign-in service may be asked, or null: OAuth2 is for the standard network.</summary>
    internal Problem? Obstacle => _way.OAuthObstacle is null ? null : Problems.AdditionalNetwork;

    public void Dispose() => _http.Dispose();

    /// <summary>The account's endpoints, with {tenant} filled in and what is missing discovered; null with words when the issuer does not answer as it should.</summary>
    internal async Task<(OAuthEndpoints? Endpoints, string Words)> EndpointsAsync(Account account, CancellationToken cancel)
    {
        var own = account.OAuth with { Token = Fill(account.OAuth.Token, account), DeviceAuthorization = Fill(account.OAuth.DeviceAuthorization, account) };
        if (own.Token.Length > 0 && own.DeviceAuthorization.Length > 0) return (own, "");
        var issuer = Fill(own.Issuer, account).TrimEnd('/');
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{issuer}/.well-known/openid-configuration");
        if (await SendAsync(request, AccountsJson.Default.DiscoveryAnswer, cancel) is not OAuthReply.Answered<DiscoveryAnswer> { Answer: var found })
            return (null, $"{issuer} did not answer with its metadata.");
        if (found.Issuer?.TrimEnd('/') != issuer) return (null, $"{issuer} calls itself {found.Issuer}: the issuer must be spelled exactly as the provider spells it.");
        var token = own.Token.Length > 0 ? own.Token : found.TokenEndpoint ?? "";
        var device = own.DeviceAuthorization.Length > 0 ? own.DeviceAuthorization : found.DeviceAuthorizationEndpoint ?? "";
        if (!AccountRules.IsSafe(token)) return (null, $"{issuer} names a token endpoint that is not https.");
        if (device.Length > 0 && !AccountRules.IsSafe(device)) return (null, $"{issuer} names a device authorization endpoint that is not https.");
        return (own with { Token = token, DeviceAuthorization = device }, "");
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

    private TimeSpan? After(HttpResponseMessage response) => response.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - _time.GetUtcNow() : null;

    private static bool IsTrouble(Exception fault, CancellationToken cancel) =>
        fault is HttpRequestException or IOException || fault is OperationCanceledException && !cancel.IsCancellationRequested;

    private static string WordsOf(Exception fault) => fault is OperationCanceledException ? "The service did not answer in 30 seconds." : fault.Message;

    private static string Fill(string address, Account account) => address.Replace("{tenant}", Uri.EscapeDataString(account.TenantId), StringComparison.Ordinal);
}
