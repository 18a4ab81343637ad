using System.Text.Json;
using DeviceMail.Activity;
using DeviceMail.Storage;

namespace DeviceMail.Web;

/// <summary>Slows those who show wrong keys; apart from the login, so that a script with an old key never keeps the administrator out.</summary>
public sealed record ApiKeyGuesses(LoginDelay Delay);

/// <summary>
/// Who may ask the HTTP API for what: who shows a key with the scope. No cookie counts here, so no other site can use a login, and neither form token
/// nor origin is needed. Whatever goes wrong is answered as a problem (RFC 9457), never with a trace.
/// </summary>
internal static partial class ApiGuard
{
    private const string Root = "/api", Scheme = "Bearer ";

    public static bool IsApi(HttpContext context) => context.Request.Path.StartsWithSegments(Root, StringComparison.OrdinalIgnoreCase);

    /// <summary>The edge of the HTTP API: what no one foresaw ends here, too.</summary>
    public static async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            if (await CheckAsync(context) is { } refusal) await refusal.ExecuteAsync(context);
            else await AuditTrail.RunAsync(context, next);
        }
        catch (Exception fault) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            context.Response.Clear();
            PageHeaders.Add(context.Response.Headers);
            await AnswerOf(context, fault).ExecuteAsync(context);
        }
    }

    /// <summary>Null when the request may go on, otherwise what is answered in its place.</summary>
    private static async Task<IResult?> CheckAsync(HttpContext context)
    {
        if (!context.Part<HostNames>().Allow(context.Request.Host.Host))
            return ApiAnswers.Refused(StatusCodes.Status421MisdirectedRequest, "Other name", "This gateway does not go by that name. Use its IP address, or the gateway's administrator sets the name: devicemail settings set gateway.name NAME");
        var metadata = context.GetEndpoint()?.Metadata;
        if (metadata?.GetMetadata<ApiOtherMethod>() is not null) return null;
        if (metadata?.GetMetadata<ApiRoute>() is not { } route)
            return ApiAnswers.NotFound($"The HTTP API has no address {context.Request.Path}. {ApiGroup.Prefix}/openapi.json lists those it has.");
        if (route.Scope != ApiScope.None && await WhyNotAsync(context, route) is { } refusal) return refusal;
        if (context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = route.LargestBody;
        return WhyNoBody(context.Request, route);
    }

    /// <summary>Finds the key and what it may do.</summary>
    private static async Task<IResult?> WhyNotAsync(HttpContext context, ApiRoute route)
    {
        if (!context.Part<Claim>().IsClaimed)
            return ApiAnswers.Refused(StatusCodes.Status503ServiceUnavailable, "Not claimed", "This gateway belongs to nobody yet. Its administrator opens Web Config and claims it first, then makes a key.");
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return WithoutKey(context, "Bearer realm=\"DeviceMail\"", context.Request.Cookies.ContainsKey(Sessions.CookieName)
                ? "A login of Web Config is no key of the HTTP API. Send the header “Authorization: Bearer KEY”."
                : "This needs the header “Authorization: Bearer KEY”. The gateway's administrator makes a key in Web Config, Device Management > API Keys, or with devicemail api-keys add.");
        var (keys, guesses) = (context.Part<ApiKeyRegister>(), context.Part<ApiKeyGuesses>().Delay);
        // A right key is never kept waiting: 256 bits are not guessed, and others' wrong keys must not stop a script that works.
        if (keys.FindByKey(header[Scheme.Length..].Trim()) is not { } key)
        {
            if (guesses.Begin(context.Client()) is var wait && wait > TimeSpan.Zero) return Slow(context, wait);
            await context.Part<AuditLog>().RecordAsync(new Actor("not logged in", context.ClientName()), new Deed("Showed a key of the HTTP API that is not known", "HTTP API"));
            return WithoutKey(context, "Bearer realm=\"DeviceMail\", error=\"invalid_token\"", "This is no key of this gateway, or it was removed. The gateway's administrator makes one in Web Config, Device Management > API Keys.");
        }
        guesses.Succeeded(context.Client());
        context.Features.Set(key);
        await keys.UsedAsync(key);
        if ((key.Scopes & route.Scope) == route.Scope) return null;
        var needed = string.Join(' ', ApiScopes.WordsOf(route.Scope));
        context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"DeviceMail\", error=\"insufficient_scope\", scope=\"{needed}\"";
        return ApiAnswers.Refused(StatusCodes.Status403Forbidden, "Scope missing",
            $"This needs the scope {needed}, and the key “{key.Name}” has {string.Join(", ", ApiScopes.WordsOf(key.Scopes))}. The gateway's administrator makes a key with that scope in Web Config, Device Management > API Keys.");
    }

    private static IResult WithoutKey(HttpContext context, string challenge, string detail)
    {
        context.Response.Headers.WWWAuthenticate = challenge;
        return ApiAnswers.Refused(StatusCodes.Status401Unauthorized, "Key missing or wrong", detail);
    }

    private static IResult Slow(HttpContext context, TimeSpan wait)
    {
        var seconds = Math.Ceiling(wait.TotalSeconds);
        context.Response.Headers.RetryAfter = $"{seconds}";
        return ApiAnswers.Refused(StatusCodes.Status429TooManyRequests, "Too many wrong keys", $"After several wrong keys, wait {seconds} seconds. A right key is answered at once: check the one that is sent.");
    }

    /// <summary>Null where the body is one that the endpoint reads.</summary>
    private static IResult? WhyNoBody(HttpRequest request, ApiRoute route)
    {
        var takes = route.Body is null ? route.BodyTypes : [.. route.BodyTypes, "application/json"];
        var type = (request.ContentType ?? "").Split(';')[0].Trim();
        var hasBody = request.ContentLength is > 0 || request.Headers.TransferEncoding.Count > 0 || type.Length > 0;
        if (request.ContentLength > route.LargestBody) return TooLarge(route);
        if (takes.Count == 0 ? request.ContentLength is null or 0 || !hasBody : takes.Contains(type, StringComparer.OrdinalIgnoreCase)) return null;
        return ApiAnswers.Refused(StatusCodes.Status415UnsupportedMediaType, "Wrong type of body",
            takes.Count == 0 ? "This takes no body, and nothing was done. Send it without one." : $"This takes {string.Join(" or ", takes)}, not {(type.Length == 0 ? "a body without Content-Type" : $"“{type}”")}, and nothing was done.");
    }

    private static IResult TooLarge(ApiRoute route) => ApiAnswers.Refused(StatusCodes.Status413PayloadTooLarge, "Body too large",
        $"The body has more than {route.LargestBody:N0} octets, which is the most that this takes, and nothing was done.");

    private static IResult AnswerOf(HttpContext context, Exception fault)
    {
        var route = context.GetEndpoint()?.Metadata.GetMetadata<ApiRoute>() ?? new ApiRoute("");
        switch (fault)
        {
            case BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge }: return TooLarge(route);
            case BadHttpRequestException bad:
                return ApiAnswers.Refused(bad.StatusCode, "Unreadable request", "The request was cut off or cannot be read, and nothing was done. Send it once more.");
            case JsonException json:
                return ApiAnswers.Refused(StatusCodes.Status400BadRequest, "Unreadable JSON", $"The body is not the JSON that this takes{PlaceOf(json)}, and nothing was done. {ApiGroup.Prefix}/openapi.json says what it must hold.");
            case InvalidDataException:
                return ApiAnswers.Refused(StatusCodes.Status400BadRequest, "Unreadable body", "The body is cut off or not what its Content-Type says, and nothing was done.");
            case StorageFailedException lost:
                return ApiAnswers.Refused(StatusCodes.Status503ServiceUnavailable, "Disk trouble", $"The gateway's disk did not do it ({lost.Message}). The gateway's administrator looks at its free space and log; then try again.");
            default:
                // The exception's own words may hold what a person typed; they go to the log of the machine, not to the network.
                LogFault(context.Part<ILoggerFactory>().CreateLogger(typeof(ApiGuard).FullName!), route.Method, route.Pattern, fault);
                return ApiAnswers.Refused(StatusCodes.Status500InternalServerError, "Fault of the gateway", "DeviceMail met a fault of its own. The gateway's log says more; the gateway's administrator reports it.");
        }
    }

    private static string PlaceOf(JsonException fault) => fault.Path is { Length: > 1 } path ? $" (at {path})"
        : fault.LineNumber is { } line && fault.BytePositionInLine is { } octet ? $" (line {line + 1}, octet {octet + 1})" : "";

    [LoggerMessage(LogLevel.Error, "{Method} {Pattern} of the HTTP API met a fault")]
    private static partial void LogFault(ILogger logger, string method, string pattern, Exception fault);
}
