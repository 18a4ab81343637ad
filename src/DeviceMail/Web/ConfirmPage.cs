using DeviceMail.Activity;

namespace DeviceMail.Web;

/// <summary>
/// Marks a route whose form is carried out only within five minutes of the administrator's password: who finds an open browser must not
/// sign an account in, set a secret or take the settings away.
/// </summary>
/// <param name="Why">Ends the sentence “Type your administrator password again …”.</param>
/// <param name="When">Which forms of the route are meant; null: all.</param>
internal sealed record AsksPassword(string Why, Func<IFormCollection, bool>? When = null)
{
    public bool For(IFormCollection form) => When is null || When(form);
}

/// <param name="Shell">What stands around.</param>
/// <param name="Why">What it is for.</param>
/// <param name="Fault">Why the last try failed, or null.</param>
public sealed record ConfirmModel(PageShell Shell, string Why, string? Fault);

/// <summary>/confirm: the administrator's password again. What was sent before waits here, in memory, and is carried out then.</summary>
internal static class ConfirmPage
{
    private const string Address = "/confirm";

    public static void MapConfirm(this WebApplication app)
    {
        app.MapGet(Address, IResult () => Redirects.See("/"));
        app.MapPost(Address, async Task<IResult> (HttpContext context) => await ConfirmAsync(context));
    }

    /// <summary>Keeps the form, and asks.</summary>
    public static async Task<IResult> AskAsync(HttpContext context, Session session, IFormCollection form)
    {
        var request = context.Request;
        var endpoint = context.GetEndpoint()!;
        context.Part<PendingForms>().Keep(session, new PendingForm(endpoint, request.Path, request.RouteValues, await KeptAsync(form)));
        return Show(context, endpoint, null, StatusCodes.Status403Forbidden);
    }

    /// <summary>The form with its files in memory: those of a request end with it.</summary>
    private static async Task<IFormCollection> KeptAsync(IFormCollection form)
    {
        var files = new FormFileCollection();
        foreach (var file in form.Files)
        {
            var octets = new MemoryStream();
            await file.CopyToAsync(octets);
            files.Add(new FormFile(octets, 0, octets.Length, file.Name, file.FileName) { Headers = new HeaderDictionary() });
        }
        return new FormCollection(form.ToDictionary(), files);
    }

    private static async Task<IResult> ConfirmAsync(HttpContext context)
    {
        var session = context.Features.Get<Session>()!;
        var pending = context.Part<PendingForms>();
        if (pending.Find(session) is not { } waiting) return Redirects.See("/");
        var password = (await context.Request.ReadFormAsync())["password"].ToString();
        if (await PasswordGate.RefusalAsync(context, password) is { } refusal)
        {
            context.Note(new Deed("Could not confirm the password", waiting.Path));
            return Show(context, waiting.Endpoint, refusal.Sentence, refusal.Status);
        }
        context.Part<Sessions>().Confirm(session);
        pending.Drop(session);
        context.Request.Path = waiting.Path;
        context.Request.RouteValues = waiting.RouteValues;
        context.Request.Form = waiting.Form;
        context.SetEndpoint(waiting.Endpoint);
        await waiting.Endpoint.RequestDelegate!(context);
        return Results.Empty;
    }

    private static RazorSlices.RazorSlice<ConfirmModel> Show(HttpContext context, Endpoint endpoint, string? fault, int status)
    {
        var why = endpoint.Metadata.GetMetadata<AsksPassword>()!.Why;
        var page = ConfirmView.Create(new ConfirmModel(context.Part<PageShells>().Bare(context, "Your password again"), why, fault));
        page.StatusCode = status;
        return page;
    }
}

/// <summary>A form that waits for the password.</summary>
public sealed record PendingForm(Endpoint Endpoint, PathString Path, RouteValueDictionary RouteValues, IFormCollection Form);

/// <summary>One form a login at most, for ten minutes; never on the disk, never in a page.</summary>
public sealed class PendingForms(TimeProvider time)
{
    private static readonly TimeSpan _life = TimeSpan.FromMinutes(10);

    private readonly System.Collections.Concurrent.ConcurrentDictionary<string, (PendingForm Form, DateTimeOffset Until)> _all = new();

    public void Keep(Session session, PendingForm form)
    {
        var now = time.GetUtcNow();
        foreach (var (key, old) in _all)
            if (old.Until < now) _all.TryRemove(key, out _);
        _all[session.Key] = (form, now + _life);
    }

    public PendingForm? Find(Session session) => _all.TryGetValue(session.Key, out var kept) && kept.Until >= time.GetUtcNow() ? kept.Form : null;

    public void Drop(Session session) => _all.TryRemove(session.Key, out _);
}
