using System.CommandLine;
using System.Text.Json.Serialization;
using DeviceMail.Activity;
using DeviceMail.Control;
using DeviceMail.Settings;

namespace DeviceMail.Web;

/// <summary>A key as the command line shows it.</summary>
public sealed record ApiKeyView(string Name, string[] Scopes, DateTimeOffset MadeAt, DateTimeOffset? LastUsed)
{
    /// <summary>The key itself, in the answer that made it and nowhere else.</summary>
    public string? Key { get; init; }

    public static ApiKeyView Of(ApiKey key) => new(key.Name, [.. ApiScopes.WordsOf(key.Scopes)], key.MadeAt, key.LastUsed);

    /// <summary>A record prints its members.</summary>
    public override string ToString() => Name;
}

public sealed record NewApiKey(string Name, string[] Scopes);

internal static class ApiKeyControl
{
    public static void Map(RouteGroupBuilder control)
    {
        control.MapGet("/api-keys", IResult (HttpContext context) => Results.Json([.. context.Part<ApiKeyRegister>().All.Select(ApiKeyView.Of)], ApiKeyJson.Default.ApiKeyViewArray));
        control.MapPost("/api-keys", async Task<IResult> (HttpContext context) =>
            await AddAsync(context, (await context.Request.ReadFromJsonAsync(ApiKeyJson.Default.NewApiKey))!));
        control.MapPost("/api-keys/remove", async Task<IResult> (HttpContext context, string name) =>
        {
            if (context.Part<ApiKeyRegister>().Find(name) is not { } key) return ControlAnswers.Refused($"There is no key “{name}”. `devicemail api-keys` lists them.");
            await context.RemoveApiKeyAsync(key);
            return ControlAnswers.Done($"The key “{key.Name}” opens nothing any more.");
        });
    }

    /// <summary>Makes a key and says so where people look, without the key.</summary>
    public static async Task<ApiKeySave> MakeApiKeyAsync(this HttpContext context, string name, ApiScope scopes)
    {
        var outcome = await context.Part<ApiKeyRegister>().AddAsync(name, scopes);
        if (outcome is not ApiKeySave.Saved saved) return outcome;
        context.Note(new Deed("Made a key of the HTTP API", name) { After = $"scopes = {string.Join(' ', ApiScopes.WordsOf(saved.Key.Scopes))}" });
        await context.Part<ActivityLog>().RecordAsync(Subject.Gateway, name, $"The API key “{name}” was made with the scopes {string.Join(", ", ApiScopes.WordsOf(saved.Key.Scopes))}.");
        return outcome;
    }

    public static async Task RemoveApiKeyAsync(this HttpContext context, ApiKey key)
    {
        await context.Part<ApiKeyRegister>().RemoveAsync(key);
        context.Note(new Deed("Removed a key of the HTTP API", key.Name) { Before = $"scopes = {string.Join(' ', ApiScopes.WordsOf(key.Scopes))}" });
        await context.Part<ActivityLog>().RecordAsync(Subject.Gateway, key.Name, $"The API key “{key.Name}” was removed; the program that used it is refused.");
    }

    private static async Task<IResult> AddAsync(HttpContext context, NewApiKey asked)
    {
        if (!ApiScopes.TryParse(asked.Scopes, out var scopes, out var unknown)) return ControlAnswers.Refused($"“{unknown}” is no scope: there are send, read and admin.");
        return await context.MakeApiKeyAsync(asked.Name.Trim(), scopes) switch
        {
            ApiKeySave.Saved saved => Results.Json(ApiKeyView.Of(saved.Key) with { Key = saved.Text }, ApiKeyJson.Default.ApiKeyView),
            ApiKeySave.Refused refused => ControlAnswers.Refused(refused.Sentence),
            _ => throw new InvalidOperationException("A key is saved or refused."),
        };
    }
}

/// <summary><c>devicemail api-keys</c>: who may use the HTTP API.</summary>
public static class ApiKeyCommands
{
    public static Command Create(CommandFrame frame)
    {
        var command = new Command("api-keys", "Keys of the HTTP API, their scopes, and when they were last used");
        frame.Run(command, async run =>
            run.Print(await run.Client.GetAsync("/control/api-keys", ApiKeyJson.Default.ApiKeyViewArray, run.Cancel), ApiKeyJson.Default.ApiKeyViewArray, Write));
        command.Add(Add(frame));
        command.Add(Remove(frame));
        return command;
    }

    private static Command Add(CommandFrame frame)
    {
        var name = new Argument<string>("name") { Description = "The program that uses it" };
        var scopes = new Option<string>("--scopes") { Description = "What it may do: send, read, admin, separated by commas", HelpName = "SCOPE,…", Required = true };
        var command = new Command("add", "Make a key, and print it this once") { name, scopes };
        frame.Run(command, async run =>
        {
            var words = run.Get(scopes)!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            if (!ApiScopes.TryParse(words, out _, out var unknown)) throw new WrongUseException($"--scopes cannot hold “{unknown}”: there are send, read and admin.");
            run.Print(await run.Client.PostAsync("/control/api-keys", new NewApiKey(run.Get(name), words), ApiKeyJson.Default.NewApiKey, ApiKeyJson.Default.ApiKeyView), ApiKeyJson.Default.ApiKeyView, (made, to) =>
            {
                to.WriteLine($"The key “{made.Name}” ({string.Join(", ", made.Scopes)}) is shown this once; enter it in the program now:");
                to.WriteLine(made.Key);
            });
        });
        return command;
    }

    private static Command Remove(CommandFrame frame)
    {
        var name = new Argument<string>("name") { Description = "Its name" };
        var command = new Command("remove", "Take a key away; who uses it is refused at once") { name };
        frame.Run(command, async run => run.Print(await run.Client.PostAsync($"/control/api-keys/remove?name={Uri.EscapeDataString(run.Get(name))}")));
        return command;
    }

    private static void Write(ApiKeyView[] keys, TextWriter to)
    {
        if (keys.Length == 0) to.WriteLine("No key yet: nobody reaches the HTTP API. `devicemail api-keys add NAME --scopes read` makes one.");
        foreach (var key in keys)
            to.WriteLine($"{key.Name,-24} {string.Join(',', key.Scopes),-16} made {key.MadeAt.ToLocalTime():yyyy-MM-dd}, {(key.LastUsed is { } used ? $"last used {used.ToLocalTime():yyyy-MM-dd HH:mm}" : "not used yet")}");
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
[JsonSerializable(typeof(ApiKeyView[]))]
[JsonSerializable(typeof(NewApiKey))]
internal sealed partial class ApiKeyJson : JsonSerializerContext;
