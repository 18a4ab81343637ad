using System.Net.Http.Headers;
using System.Text.Json;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Network;
using DeviceMail.Queue;
using DeviceMail.Storage;

namespace DeviceMail.Sending;

/// <summary>What Graph answered.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Body">At most 1 MB.</param>
internal sealed record GraphReply(int Status, byte[] Body)
{
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>What Microsoft's support asks for.</summary>
    public string RequestId { get; init; } = "";

    public bool IsGood => Status is >= 200 and < 300;

    /// <summary>Whether a mail was taken. 202 alone says so: a proxy's own page comes with 200, and a mail must not be lost to it.</summary>
    public bool HasTaken => Status == StatusCodes.Status202Accepted;

    /// <summary>What follows for mail; nothing of it is about a mail that was accepted.</summary>
    public SendOutcome Judge()
    {
        var error = ErrorOf(Body);
        var (word, message) = (error?.Code ?? "", error?.Message ?? "");
        var words = $"Graph {Status} {word}".TrimEnd() + (message.Length > 0 ? $": {Plain(message)}" : "") + (RequestId.Length > 0 ? $" (request {RequestId})" : "");
        // Graph says errors in JSON; without that, and without a status that says to come again, nothing is known about mail or account.
        if (Catalogue.OfGraph(Status, word) is not { } rule || word.Length == 0 && Status is not (401 or 408 or 413 or 429 or >= 500))
            return new SendOutcome.Held(Problems.ServerUnreachable, $"{words}. Something else than Microsoft Graph answered; perhaps a proxy or a captive portal.") { After = RetryAfter };
        return rule.Verdict switch
        {
            Verdict.Later => new SendOutcome.TryLater(rule.Problem, words, RetryAfter),
            Verdict.Wait => new SendOutcome.TryLater(rule.Problem, words, RetryAfter ?? SmtpReplies.LimitWait) { Counts = false },
            Verdict.WaitHour => new SendOutcome.TryLater(rule.Problem, words, RetryAfter ?? SmtpReplies.QuotaWait) { Counts = false },
            Verdict.Hold => new SendOutcome.Held(rule.Problem, words)
            {
                IsTransports = rule.Problem == Problems.GraphNotAllowed || rule.Problem == Problems.GraphNoMailbox,
                IsThisMailAlone = rule.Problem.Scope == ProblemScope.Message,
            },
            _ => new SendOutcome.Refused(rule.Problem, words),
        };
    }

    private static GraphErrorDetail? ErrorOf(byte[] body)
    {
        try
        {
            return body.Length == 0 ? null : JsonSerializer.Deserialize(body, GraphMailJson.Default.GraphError)?.Error;
        }
        catch (JsonException)
        {
            // A proxy's page, most likely; the status has to do.
            return null;
        }
    }

    private static string Plain(string text) => new([.. text.Where(one => !char.IsControl(one)).Take(300)]);
}

/// <summary>
/// Talks to Microsoft Graph for one account after the other: by the chosen way, on our trust, without redirects. Connections are kept for a while; a
/// change of way or trust drops them.
/// </summary>
internal sealed class GraphChannel : IDisposable
{
    private const int MaxAnswerOctets = 1 << 20;
    private static readonly TimeSpan _kept = TimeSpan.FromMinutes(1);

    // Whoever asks for more means something else.
    private static readonly TimeSpan _longestRest = TimeSpan.FromDays(1);

    private readonly Outside _outside;
    private readonly TokenKeeper _tokens;
    private readonly TimeProvider _time;
    private volatile HttpClient _http;

    public GraphChannel(Outside outside, TokenKeeper tokens, TimeProvider time)
    {
        (_outside, _tokens, _time) = (outside, tokens, time);
        _http = Create();
        outside.Changed += Renew;
    }

    /// <summary>Asks with the account's token; a token that should be good and is refused is renewed once.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="use">Graph or GraphDraft: which permissions the token has.</param>
    /// <param name="make">Makes the request; called again for a second try.</param>
    /// <param name="cancel">Ends it.</param>
    /// <returns>The answer, or the outcome when there is no token.</returns>
    /// <exception cref="HttpRequestException">No answer came.</exception>
    public async Task<(GraphReply? Reply, SendOutcome? Outcome)> AskAsync(Account account, Transport use, Func<HttpRequestMessage> make, CancellationToken cancel)
    {
        var given = await _tokens.GetAsync(account, use, cancel);
        if (given is not AccessTokenResult.Ready token) return (null, OutcomeOf(given));
        var reply = await SendAsync(make(), token.Token, cancel);
        if (reply.Status != StatusCodes.Status401Unauthorized) return (reply, null);
        given = await _tokens.RefusedAsync(account, use, token.Token, cancel);
        return given is AccessTokenResult.Ready fresh ? (await SendAsync(make(), fresh.Token, cancel), null) : (null, OutcomeOf(given));
    }

    private static SendOutcome OutcomeOf(AccessTokenResult given) => UpstreamConnector.OutcomeOf(given) switch
    {
        SendOutcome.Held held when held.Problem == Problems.ConsentMissing => held with { Problem = Problems.GraphNotAllowed },
        var other => other,
    };

    /// <param name="request">Disposed.</param>
    /// <param name="token">Null: the address itself lets in, and must see no token.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="HttpRequestException">No answer came.</exception>
    public async Task<GraphReply> SendAsync(HttpRequestMessage request, Secret? token, CancellationToken cancel)
    {
        using (request)
        {
            if (token is not null) request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token.Reveal());
            using var response = await _http.SendAsync(request, cancel);
            var after = response.Headers.RetryAfter is { } header ? header.Delta ?? header.Date - _time.GetUtcNow() : null;
            return new GraphReply((int)response.StatusCode, await response.Content.ReadAsByteArrayAsync(cancel))
            {
                RetryAfter = after > TimeSpan.Zero ? after < _longestRest ? after : _longestRest : null,
                RequestId = response.Headers.TryGetValues("request-id", out var ids) ? new string([.. ids.First().Where(one => char.IsAsciiLetterOrDigit(one) || one == '-').Take(64)]) : "",
            };
        }
    }

    public void Dispose()
    {
        _outside.Changed -= Renew;
        _http.Dispose();
    }

    /// <summary>Requests under way end on the former one, which the collector takes when the last is over.</summary>
    private void Renew() => _http = Create();

    private HttpClient Create() => new(WebHandler.Create(_outside, _kept)) { MaxResponseContentBufferSize = MaxAnswerOctets, Timeout = Timeout.InfiniteTimeSpan };
}
