using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DeviceMail.Accounts;
using DeviceMail.Storage;

namespace DeviceMail.Doctor;

/// <summary>What ended a part of the set-up, in words.</summary>
/// <param name="Sentence">What is.</param>
/// <param name="Remedy">Who does what.</param>
/// <param name="ServerWords">What the service said, or empty.</param>
public sealed record TenantObstacle(string Sentence, string Remedy, string ServerWords = "")
{
    /// <summary>Whether a sign-in of the administrator in a browser is the next way.</summary>
    public bool IsForBrowser { get; init; }
}

/// <summary>What became of making an object.</summary>
internal abstract record TenantWrite
{
    public sealed record Made<T>(T Value) : TenantWrite;

    /// <summary>Somebody has made it already (HTTP 409).</summary>
    public sealed record Exists : TenantWrite;

    public sealed record Refused(TenantObstacle Obstacle) : TenantWrite;
}

/// <summary>
/// Microsoft Graph with an administrator's token, which lives as long as this and is shown to this one address alone. Requests that come too fast
/// (429; Conditional Access takes one a second and names no time) and objects that have not reached all servers yet (404 after their creation)
/// are tried again for up to a minute.
/// </summary>
internal sealed class TenantGraph(OAuthChannel channel, string address, Secret token, TimeProvider time)
{
    private const int MostTries = 6, MostPages = 20, LongestWords = 400;
    private static readonly TimeSpan _longestWait = TimeSpan.FromSeconds(20);

    /// <returns>What is there; null where nothing is (HTTP 404), or with the obstacle.</returns>
    public async Task<(T? Value, TenantObstacle? Obstacle)> FindAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancel) where T : class
    {
        var (status, body, obstacle) = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, $"{address}/{path}"), IsBusy, cancel);
        return obstacle is not null || status == StatusCodes.Status404NotFound ? (null, obstacle) : Read(body, type);
    }

    /// <summary>A whole list, page by page.</summary>
    public async Task<(IReadOnlyList<T>? All, TenantObstacle? Obstacle)> ListAsync<T>(string path, JsonTypeInfo<GraphPage<T>> type, CancellationToken cancel)
    {
        List<T> all = [];
        var next = $"{address}/{path}";
        for (var page = 0; page < MostPages; page++)
        {
            var (found, obstacle) = await PageAsync(next, type, cancel);
            if (found is null) return (null, obstacle ?? Strange("a list is missing"));
            all.AddRange(found.Value ?? []);
            if (found.NextLink is not { } link) break;
            // The token goes to no other address than the one that was chosen.
            if (!link.StartsWith($"{address}/", StringComparison.Ordinal)) return (null, Strange("a list goes on at another address"));
            next = link;
        }
        return (all, null);
    }

    public async Task<TenantWrite> MakeAsync<TBody, T>(string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<T> type, CancellationToken cancel) where T : class
    {
        var (status, answer, obstacle) = await SendAsync(() => Request(HttpMethod.Post, path, body, bodyType), (one, octets) => IsBusy(one, octets) || IsNotSeenYet(one, octets), cancel);
        if (status == StatusCodes.Status409Conflict) return new TenantWrite.Exists();
        if (obstacle is not null) return new TenantWrite.Refused(obstacle);
        if (status == StatusCodes.Status404NotFound) return new TenantWrite.Refused(NotSeen(WordsIn(answer)));
        var (made, strange) = Read(answer, type);
        return made is null ? new TenantWrite.Refused(strange!) : new TenantWrite.Made<T>(made);
    }

    /// <returns>Null when it is changed.</returns>
    public async Task<TenantObstacle?> ChangeAsync<TBody>(string path, TBody body, JsonTypeInfo<TBody> bodyType, CancellationToken cancel)
    {
        var (status, answer, obstacle) = await SendAsync(() => Request(HttpMethod.Patch, path, body, bodyType), (one, octets) => IsBusy(one, octets) || IsNotSeenYet(one, octets), cancel);
        return obstacle ?? (status == StatusCodes.Status404NotFound ? NotSeen(WordsIn(answer)) : status == StatusCodes.Status409Conflict ? Refused(status, WordsIn(answer)) : null);
    }

    private async Task<(GraphPage<T>? Page, TenantObstacle? Obstacle)> PageAsync<T>(string from, JsonTypeInfo<GraphPage<T>> type, CancellationToken cancel)
    {
        var (status, body, obstacle) = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, from), IsBusy, cancel);
        return obstacle is not null || status == StatusCodes.Status404NotFound ? (null, obstacle) : Read(body, type);
    }

    /// <summary>Sends, and again while the answer says that it is too early. 404 and 409 are answers to who asked; all else that is no success is an obstacle.</summary>
    private async Task<(int Status, byte[] Body, TenantObstacle? Obstacle)> SendAsync(Func<HttpRequestMessage> make, Func<int, byte[], bool> passes, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (await channel.AskAsync(make(), token, cancel) is not BearerReply.Answered answer)
                return (0, [], new TenantObstacle("Microsoft Graph does not answer.", $"The network's administrator allows TCP port {new Uri(address).Port} to {new Uri(address).Host}. What was made is recognised when the set-up runs again."));
            if (attempt < MostTries && passes(answer.Status, answer.Body))
            {
                var wait = answer.RetryAfter ?? TimeSpan.FromSeconds(1 << (attempt - 1));
                await Task.Delay(wait < TimeSpan.Zero ? TimeSpan.Zero : wait < _longestWait ? wait : _longestWait, time, cancel);
                continue;
            }
            var isAnswer = answer.Status is >= 200 and < 300 or StatusCodes.Status404NotFound or StatusCodes.Status409Conflict;
            return (answer.Status, answer.Body, isAnswer ? null : Refused(answer.Status, WordsIn(answer.Body)));
        }
    }

    private HttpRequestMessage Request<TBody>(HttpMethod method, string path, TBody body, JsonTypeInfo<TBody> type)
    {
        var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body, type));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return new HttpRequestMessage(method, $"{address}/{path}") { Content = content };
    }

    private static bool IsBusy(int status, byte[] body) => status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable or StatusCodes.Status504GatewayTimeout;

    /// <summary>What was made a moment ago is not known everywhere: 404, or 400 in these words where a principal is made for a new application.</summary>
    private static bool IsNotSeenYet(int status, byte[] body) => status == StatusCodes.Status404NotFound
        || status == StatusCodes.Status400BadRequest && WordsIn(body).Contains("does not reference a valid application", StringComparison.OrdinalIgnoreCase);

    private static (T? Value, TenantObstacle? Obstacle) Read<T>(byte[] body, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type) is { } value ? (value, null) : (null, Strange("it was empty"));
        }
        catch (JsonException)
        {
            return (null, Strange("something else answered; perhaps a proxy or a captive portal"));
        }
    }

    private static TenantObstacle Refused(int status, string words) => status switch
    {
        StatusCodes.Status401Unauthorized => new("Microsoft Graph does not take the administrator's sign-in.", "Begin the set-up again, and finish it within 15 minutes.", words),
        StatusCodes.Status403Forbidden => new("The account that signed in does not have the rights for this.",
            "Somebody with the role Cloud Application Administrator, Application Administrator or Privileged Role Administrator begins the set-up again and signs in.", words),
        StatusCodes.Status429TooManyRequests => new("Microsoft Graph takes no more requests for the moment.", "Begin the set-up again in some minutes; what was made is recognised.", words),
        _ => new($"Microsoft Graph refuses (HTTP {status}).", "Read what it said. Application Registration does the same by hand or by script.", words),
    };

    private static TenantObstacle NotSeen(string words) => new("Microsoft 365 does not see yet what was made a moment ago.", "Begin the set-up again in some minutes; what was made is recognised.", words);

    private static TenantObstacle Strange(string what) => new($"Microsoft Graph answered in a way that nobody expects: {what}.", "Begin the set-up again. If it stays, Application Registration does the same by hand or by script.");

    private static string WordsIn(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, GraphJson.Default.GraphError)?.Error is { } error
                ? new([.. $"{error.Code}: {error.Message}".Where(c => !char.IsControl(c)).Take(LongestWords)])
                : "";
        }
        catch (JsonException)
        {
            return "";
        }
    }
}
