using System.Text.Json;
using DeviceMail.Control;
using DeviceMail.Settings;

namespace DeviceMail.Web;

/// <summary>One setting on the page.</summary>
/// <param name="Setting">Its row of the catalogue.</param>
/// <param name="Now">What is saved.</param>
/// <param name="Typed">What the field holds.</param>
public sealed record SettingField(Setting Setting, string Now, string Typed)
{
    /// <summary>What is wrong with <see cref="Typed"/>, or null.</summary>
    public string? Fault { get; init; }

    /// <summary>Another value was saved while the person typed: both are shown.</summary>
    public bool IsConflict { get; init; }

    public bool IsChanged => Now != Typed;

    /// <summary>The part of the name behind its subject, as words: max-size is “Max size”.</summary>
    public string Label
    {
        get
        {
            var words = Setting.Name[(Setting.Name.IndexOf('.', StringComparison.Ordinal) + 1)..].Replace('-', ' ').Replace('.', ' ');
            return char.ToUpperInvariant(words[0]) + words[1..];
        }
    }
}

/// <param name="Shell">What stands around.</param>
/// <param name="Groups">The settings by their subject, in the catalogue's order.</param>
public sealed record SettingsModel(PageShell Shell, IReadOnlyList<(string Title, IReadOnlyList<SettingField> Fields)> Groups)
{
    /// <summary>saved, file (values of a file, not saved yet), conflict, fault, unreadable, or empty.</summary>
    public string Said { get; init; } = "";

    public string Sentence { get; init; } = "";
}

/// <summary>Device Management > Settings: a form made from the catalogue, so that no setting can be forgotten; export and import.</summary>
internal static class SettingsPage
{
    private static readonly Dictionary<string, string> _titles = new()
    {
        ["gateway"] = "This gateway",
        ["administrator"] = "Administrator",
        ["receiving"] = "Receiving mail",
        ["queue"] = "Mail that waits",
        ["audit"] = "Audit log",
        ["people"] = "Registered users",
    };

    public static void MapSettings(this WebApplication app)
    {
        var address = Menu.Settings.Address;
        app.MapGet(address, IResult (HttpContext context) =>
            Show(context, Now(context), context.Request.Query.ContainsKey("saved") ? ("saved", "The settings are saved and count from now on.") : ("", "")));
        app.MapPost(address, async Task<IResult> (HttpContext context) => await SaveAsync(context)).WithMetadata(new AsksPassword("to change the settings"));
        app.MapPost($"{address}/import", async Task<IResult> (HttpContext context) => await ImportAsync(context));
        app.MapPost($"{address}/export", IResult (HttpContext context) =>
        {
            var changed = context.Part<SettingsStore>().Current.Changed.Where(one => SettingsCatalogue.All.Any(known => known.Name == one.Key && known.Default != one.Value));
            var file = JsonSerializer.SerializeToUtf8Bytes(new SettingsFile(changed.ToDictionary()), ControlJson.Default.SettingsFile);
            context.Note(new Activity.Deed("Exported the settings", "Settings"));
            return Results.Bytes(file, "application/json", "devicemail-settings.json");
        }).WithMetadata(new AsksPassword("to take the settings away as a file"));
    }

    private static async Task<IResult> SaveAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var store = context.Part<SettingsStore>();
        var before = store.Current;
        var seen = SettingsCatalogue.All.Where(one => form.ContainsKey($"was:{one.Name}")).ToDictionary(one => one.Name, one => form[$"was:{one.Name}"].ToString());
        var changes = SettingsCatalogue.All.Where(one => form.ContainsKey(one.Name)).Select(one => (one.Name, Text: form[one.Name].ToString().Trim()))
            .Where(one => !seen.TryGetValue(one.Name, out var was) || was != one.Text).ToDictionary(one => one.Name, one => one.Text);
        if (changes.Count == 0) return Redirects.See(Menu.Settings.Address);
        switch (await store.SaveAsync(changes, seen))
        {
            case SettingsSave.Saved saved:
                context.Note(AuditTrail.SettingsDeed("Changed settings", before, saved.Snapshot));
                return Redirects.See($"{Menu.Settings.Address}?saved");
            case SettingsSave.Conflict:
                var both = Typed(context, changes).Select(field => field with { IsConflict = changes.ContainsKey(field.Setting.Name) && seen.GetValueOrDefault(field.Setting.Name) != field.Now });
                return Show(context, both, ("conflict", "Not saved: somebody changed a setting since you opened this page. Both values stand below; OK saves yours."), StatusCodes.Status409Conflict);
            case SettingsSave.Refused refused:
                var fields = Typed(context, changes).Select(field => field with { Fault = changes.ContainsKey(field.Setting.Name) ? field.Setting.Check(field.Typed) : null });
                return Show(context, fields, ("fault", refused.Name is null ? refused.Sentence : "Not saved: the marked values are out of their range."), StatusCodes.Status422UnprocessableEntity);
            case var other: throw new InvalidOperationException($"{other} is no outcome.");
        }
    }

    /// <summary>Shows what the file would change; nothing is saved before OK.</summary>
    private static async Task<IResult> ImportAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        context.Note(new Activity.Deed("Looked into a file of settings", "Settings"));
        if (form.Files["file"] is not { Length: > 0 } file) return Show(context, Now(context), ("unreadable", "Choose the file first that the export wrote."), StatusCodes.Status422UnprocessableEntity);
        SettingsFile? read;
        try
        {
            await using var stream = file.OpenReadStream();
            read = await JsonSerializer.DeserializeAsync(stream, ControlJson.Default.SettingsFile, context.RequestAborted);
        }
        catch (JsonException)
        {
            read = null;
        }
        if (read?.Settings is not { } values) return Show(context, Now(context), ("unreadable", "This file holds no settings: choose one that the export wrote."), StatusCodes.Status422UnprocessableEntity);
        if (values.Keys.FirstOrDefault(name => SettingsCatalogue.All.All(one => one.Name != name)) is { } unknown)
            return Show(context, Now(context), ("unreadable", $"This file holds “{unknown}”, which is no setting of this version. Nothing was taken from it."), StatusCodes.Status422UnprocessableEntity);
        var fields = Typed(context, values).Select(field => field with { Fault = field.Setting.Check(field.Typed) }).ToList();
        var count = fields.Count(field => field.IsChanged);
        return Show(context, fields, ("file", count == 0 ? "The file changes nothing." : $"The file changes {count} {(count == 1 ? "setting" : "settings")}. Nothing is saved yet: look at the marked ones, then press OK."));
    }

    private static IEnumerable<SettingField> Now(HttpContext context) => Typed(context, new Dictionary<string, string>());

    private static IEnumerable<SettingField> Typed(HttpContext context, IReadOnlyDictionary<string, string> typed)
    {
        var now = context.Part<SettingsStore>().Current;
        return SettingsCatalogue.All.Select(one => new SettingField(one, now.Text(one), typed.GetValueOrDefault(one.Name) ?? now.Text(one)));
    }

    private static RazorSlices.RazorSlice<SettingsModel> Show(HttpContext context, IEnumerable<SettingField> fields, (string Kind, string Sentence) said, int status = StatusCodes.Status200OK)
    {
        var groups = fields.GroupBy(field => field.Setting.Name.Split('.')[0])
            .Select(group => (_titles.GetValueOrDefault(group.Key) ?? char.ToUpperInvariant(group.Key[0]) + group.Key[1..], (IReadOnlyList<SettingField>)[.. group])).ToList();
        var page = SettingsView.Create(new SettingsModel(context.Part<PageShells>().For(context, Menu.Settings, "Settings"), groups) { Said = said.Kind, Sentence = said.Sentence });
        page.StatusCode = status;
        return page;
    }
}
