using DeviceMail.Activity;
using DeviceMail.Control;
using DeviceMail.Settings;

namespace DeviceMail.Web;

/// <summary>
/// Puts everything that a person changes into the audit log, from Web Config and from the command line alike. A page that knows the values
/// before and after notes its deeds; what no page noted is told by its path and button.
/// </summary>
internal static class AuditTrail
{
    /// <summary>Handing in mail is the work of the gateway, not a change of it.</summary>
    private const string HandIn = "/control/send";

    /// <summary>The page's own words for what it did, or for what somebody tried; written when the page has answered.</summary>
    public static void Note(this HttpContext context, Deed deed)
    {
        if (context.Features.Get<Notes>() is { } notes) notes.Deeds.Add(deed);
    }

    public static async Task RunAsync(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) || context.Request.Path == HandIn)
        {
            await next(context);
            return;
        }
        var notes = new Notes();
        context.Features.Set(notes);
        var settings = context.Part<SettingsStore>();
        var before = settings.Current;
        await next(context);
        if (notes.Deeds.Count == 0 && context.Response.StatusCode < StatusCodes.Status400BadRequest && !HandsIn(context)) notes.Deeds.Add(await DeedOfAsync(context, before, settings.Current));
        foreach (var deed in notes.Deeds) await context.Part<AuditLog>().RecordAsync(ActorOf(context), deed);
    }

    /// <summary>The settings that differ, one a line.</summary>
    public static Deed SettingsDeed(string what, SettingsSnapshot before, SettingsSnapshot after)
    {
        var changed = SettingsCatalogue.All.Where(one => before.Text(one) != after.Text(one)).ToList();
        return new Deed(what, "Settings")
        {
            Before = string.Join('\n', changed.Select(one => $"{one.Name} = {before.Text(one)}")),
            After = string.Join('\n', changed.Select(one => $"{one.Name} = {after.Text(one)}")),
        };
    }

    /// <summary>So it is by a key of the HTTP API.</summary>
    private static bool HandsIn(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<ApiRoute>() is { Scope: ApiScope.Send };

    private static async Task<Deed> DeedOfAsync(HttpContext context, SettingsSnapshot before, SettingsSnapshot after)
    {
        if (ControlSetup.IsControl(context))
        {
            var steps = Uri.UnescapeDataString(context.Request.Path.Value ?? "").Split('/', StringSplitOptions.RemoveEmptyEntries);
            return steps is [_, "settings"] ? SettingsDeed("Changed settings", before, after) : new Deed($"Ran devicemail {string.Join(' ', steps.Skip(1))}", SubjectOf(context.Request.Query));
        }
        if (context.GetEndpoint()?.Metadata.GetMetadata<ApiRoute>() is not null) return new Deed($"Asked the HTTP API for {context.Request.Method} {context.Request.Path}", "HTTP API");
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync() : FormCollection.Empty;
        var button = form["do"].ToString();
        var page = Menu.Tabs.SelectMany(tab => tab.Pages).FirstOrDefault(one => one.Address == context.Request.Path)?.Name ?? context.Request.Path.Value ?? "";
        var subject = string.Join(", ", ((string[])["name", "job", "device", "account", "address"]).Where(form.ContainsKey).Select(field => $"{field} {Short(form[field])}"));
        return new Deed(button.Length > 0 ? $"Pressed “{Short(button)}” on {page}" : $"Sent the form of {page}", subject);
    }

    private static string Short(string? text) => new([.. (text ?? "").Where(c => !char.IsControl(c)).Take(100)]);

    /// <summary>What a command names in its query.</summary>
    private static string SubjectOf(IQueryCollection query) =>
        string.Join(", ", ((string[])["address", "name", "account"]).Select(field => query[field].ToString()).Where(text => text.Length > 0).DefaultIfEmpty("Command line"));

    private static Actor ActorOf(HttpContext context)
    {
        if (ControlSetup.IsControl(context)) return new Actor("command line", "this machine");
        if (context.Features.Get<ApiKey>() is { } key) return new Actor($"API key {key.Name}", context.ClientName());
        return new Actor(context.Features.Get<Session>() is null ? "not logged in" : "administrator", context.ClientName());
    }

    private sealed class Notes
    {
        public List<Deed> Deeds { get; } = [];
    }
}
