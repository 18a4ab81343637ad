using DeviceMail.Settings;

namespace DeviceMail.Control;

/// <summary>One setting as it is.</summary>
public sealed record SettingLine(string Name, string Value, string Default, string Range, string Help);

/// <summary>What an export holds and an import reads: the settings that differ from their defaults, and no secret.</summary>
public sealed record SettingsFile(IReadOnlyDictionary<string, string> Settings);

internal static class SettingsControl
{
    public static void Map(RouteGroupBuilder control)
    {
        control.MapGet("/settings", IResult (HttpContext context) => Results.Json(Lines(StoreOf(context).Current), ControlJson.Default.SettingLineArray));
        control.MapPost("/settings", async Task<IResult> (HttpContext context) =>
        {
            var file = (await context.Request.ReadFromJsonAsync(ControlJson.Default.SettingsFile))!;
            return await StoreOf(context).SaveAsync(file.Settings) is SettingsSave.Refused refused
                ? ControlAnswers.Refused(refused.Sentence)
                : ControlAnswers.Done(file.Settings.Count == 1 ? $"{file.Settings.Keys.First()} is set." : $"{file.Settings.Count} settings are set.");
        });
    }

    private static SettingsStore StoreOf(HttpContext context) => context.RequestServices.GetRequiredService<SettingsStore>();

    private static SettingLine[] Lines(SettingsSnapshot snapshot) =>
        [.. SettingsCatalogue.All.Select(one => new SettingLine(one.Name, snapshot.Text(one), one.Default, one.Range, one.Help))];
}
