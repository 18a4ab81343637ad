using System.CommandLine;
using System.Text.Json.Serialization;
using DeviceMail.Activity;
using DeviceMail.Control;

namespace DeviceMail.Queue;

/// <summary><c>devicemail activity</c>: what happened, in sentences.</summary>
public static class ActivityCommands
{
    public static Command Create(CommandFrame frame)
    {
        var about = new Option<string?>("--about") { Description = "Only what is about this", HelpName = string.Join('|', Enum.GetNames<Subject>()).ToLowerInvariant() };
        var search = new Option<string?>("--search") { Description = "Only entries with this text", HelpName = "TEXT" };
        var count = new Option<int>("--count") { Description = "At most so many, 1 to 1,000", DefaultValueFactory = _ => 50 };
        var command = new Command("activity", "What happened, newest first") { about, search, count };
        frame.Run(command, async run =>
        {
            var query = $"/control/activity?count={run.Get(count)}{Part("about", run.Get(about))}{Part("search", run.Get(search))}";
            run.Print(await run.Client.GetAsync(query, ActivityJson.Default.ActivityEntryArray, run.Cancel), ActivityJson.Default.ActivityEntryArray, Print);
        });
        return command;
    }

    internal static void Map(RouteGroupBuilder control) => control.MapGet("/activity", IResult (ActivityLog activity, string? about, string? search, int? count) =>
    {
        Subject? only = null;
        if (about is not null)
        {
            if (!Enum.TryParse<Subject>(about, ignoreCase: true, out var parsed) || int.TryParse(about, out _))
                return ControlAnswers.Refused($"“{about}” is nothing that activity is about: it is {string.Join(", ", Enum.GetNames<Subject>()).ToLowerInvariant()}.");
            only = parsed;
        }
        return Results.Json([.. activity.List(new ActivityFilter(only, search?.Trim() ?? "", Count: count ?? 50))], ActivityJson.Default.ActivityEntryArray);
    });

    private static string Part(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";

    private static void Print(ActivityEntry[] entries, TextWriter to)
    {
        if (entries.Length == 0) to.WriteLine("Nothing happened that fits.");
        foreach (var entry in entries) to.WriteLine($"{entry.At.ToLocalTime():yyyy-MM-dd HH:mm:ss}  {Plain(ActivityWords.Of(entry))}");
    }

    private static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\ufffd' : c));
}

/// <summary>An entry as one sentence that says what it is about.</summary>
public static class ActivityWords
{
    public static string Of(ActivityEntry entry) => entry.Sentence.Contains(entry.Of, StringComparison.OrdinalIgnoreCase) || entry.Subject == Subject.Job ? entry.Sentence : $"{entry.Of}: {entry.Sentence}";
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(ActivityEntry[]))]
internal sealed partial class ActivityJson : JsonSerializerContext;
