namespace DeviceMail.Web;

/// <summary>Marks a route that needs no login: the login itself, the claim, style and script.</summary>
internal sealed class OpenPage;

/// <summary>Marks a route that its folder keeps in a way of its own, in place of the login: the control panel's.</summary>
/// <param name="CheckAsync">Null when the request may go on, otherwise what is answered in its place.</param>
internal sealed record KeptBy(Func<HttpContext, Task<IResult?>> CheckAsync);

/// <summary>Who may ask for which page, and from where a form may come. Without a rule that opens a page, it needs a login.</summary>
internal static class PageGuard
{
    public const string TokenField = "form-token";

    /// <summary>Null when the request may go on, otherwise what is answered in its place.</summary>
    public static async Task<IResult?> CheckAsync(HttpContext context)
    {
        var request = context.Request;
        if (!context.Part<HostNames>().Allow(request.Host.Host))
            return Text(StatusCodes.Status421MisdirectedRequest, "This gateway does not go by that name. Open it by its IP address, or set the name: devicemail settings set gateway.name NAME");
        var changes = !HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method);
        if (changes && !ComesFromHere(request)) return Text(StatusCodes.Status403Forbidden, "This form was sent from another site, and nothing was done.");
        if (changes && await WhyNoFormAsync(request) is { } refusal) return refusal;
        var isOpen = context.GetEndpoint()?.Metadata.GetMetadata<OpenPage>() is not null;
        if (isOpen) return null;
        if (!context.Part<Claim>().IsClaimed) return Redirects.See("/claim");
        if (context.GetEndpoint()?.Metadata.GetMetadata<KeptBy>() is { } kept) return await kept.CheckAsync(context);
        var sessions = context.Part<Sessions>();
        if (sessions.Find(context) is not { } session) return LogIn(request, changes);
        context.Features.Set(session);
        if (!changes) return null;
        if (!await HasTokenAsync(request, sessions, session))
            return Text(StatusCodes.Status403Forbidden, "This form is older than your login, and nothing was done. Go back, load the page again, and send it once more.");
        var form = await request.ReadFormAsync();
        return context.GetEndpoint()?.Metadata.GetMetadata<AsksPassword>() is { } asks && !sessions.IsConfirmed(session) && asks.For(form)
            ? await ConfirmPage.AskAsync(context, session, form)
            : null;
    }

    /// <summary>Reads the form once, for all who ask for it later. Null where there is one that a browser can send.</summary>
    private static async Task<IResult?> WhyNoFormAsync(HttpRequest request)
    {
        if (!request.HasFormContentType) return request.ContentLength is null or 0 ? null : Text(StatusCodes.Status415UnsupportedMediaType, "This is no form of a browser, and nothing was done.");
        try
        {
            var form = await request.ReadFormAsync(request.HttpContext.RequestAborted);
            return form.Any(field => field.Value.Any(text => text?.Contains('\0', StringComparison.Ordinal) == true))
                ? Text(StatusCodes.Status400BadRequest, "A field of this form holds a character that no keyboard types, and nothing was done.") : null;
        }
        catch (BadHttpRequestException fault)
        {
            return Text(fault.StatusCode, "This form is too large or was cut off, and nothing was done.");
        }
        catch (Exception fault) when (fault is InvalidDataException or InvalidOperationException or NotSupportedException or IOException or ArgumentException)
        {
            return Text(StatusCodes.Status400BadRequest, "This form cannot be read, and nothing was done. Load the page again, and send it once more.");
        }
    }

    /// <summary>Browsers name the origin of each form; who names none is no browser, and has no form of ours.</summary>
    private static bool ComesFromHere(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"] is { Count: > 0 } site && site != "same-origin") return false;
        return request.Headers.Origin == $"{request.Scheme}://{request.Host}";
    }

    private static async Task<bool> HasTokenAsync(HttpRequest request, Sessions sessions, Session session) =>
        request.HasFormContentType && sessions.IsFormToken(session, (await request.ReadFormAsync())[TokenField]);

    private static IResult LogIn(HttpRequest request, bool changes)
    {
        if (request.Headers.ContainsKey("X-Live")) return Results.StatusCode(StatusCodes.Status401Unauthorized);
        var next = changes || request.Path == "/" ? "" : $"?next={Uri.EscapeDataString(request.Path + request.QueryString)}";
        return Redirects.See("/login" + next);
    }

    private static IResult Text(int status, string sentence) => Results.Text(sentence, "text/plain; charset=utf-8", statusCode: status);
}
