using System.CommandLine;
using System.Text.Json;

namespace DeviceMail.Control;

/// <summary><c>devicemail settings</c>: get, set, import, export.</summary>
public static class SettingsCommands
{
    private const string Path = "/control/settings";

    public static Command Create(CommandFrame frame) => new("settings", "What an administrator can change") { Get(frame), Set(frame), Import(frame), Export(frame) };

    private static Command Get(CommandFrame frame)
    {
        var name = new Argument<string?>("name") { Description = "One setting; without it, all of them", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("get", "Show settings with their range and default") { name };
        frame.Run(command, async run =>
        {
            var lines = await run.Client.GetAsync(Path, ControlJson.Default.SettingLineArray, run.Cancel);
            if (run.Get(name) is not { } asked) run.Print(lines, ControlJson.Default.SettingLineArray, (all, to) => PrintAll(all, to));
            else if (lines.FirstOrDefault(line => line.Name == asked) is { } found) run.Print(found, ControlJson.Default.SettingLine, (line, to) => to.WriteLine(line.Value));
            else throw new CommandRefusedException($"There is no setting “{asked}”. `devicemail settings get` lists them all.");
        });
        return command;
    }

    private static Command Set(CommandFrame frame)
    {
        var name = new Argument<string>("name") { Description = "The setting" };
        var value = new Argument<string>("value") { Description = "Its new value; an empty text takes the default where that is empty" };
        var command = new Command("set", "Change a setting; it counts at once") { name, value };
        frame.Run(command, async run => run.Print(await SaveAsync(run, new Dictionary<string, string> { [run.Get(name)] = run.Get(value) })));
        return command;
    }

    private static Command Import(CommandFrame frame)
    {
        var file = new Argument<string>("file") { Description = "A file that `settings export` wrote" };
        var command = new Command("import", "Set all settings of a file, or none when one of them is wrong") { file };
        frame.Run(command, async run => run.Print(await SaveAsync(run, await ReadAsync(run.Get(file), run.Cancel))));
        return command;
    }

    private static Command Export(CommandFrame frame)
    {
        var command = new Command("export", "Print the settings that differ from their defaults, as JSON; no secret is among them");
        frame.Run(command, async run =>
        {
            var lines = await run.Client.GetAsync(Path, ControlJson.Default.SettingLineArray, run.Cancel);
            var file = new SettingsFile(lines.Where(line => line.Value != line.Default).ToDictionary(line => line.Name, line => line.Value));
            run.Out.WriteLine(JsonSerializer.Serialize(file, ControlJson.Default.SettingsFile));
        });
        return command;
    }

    private static Task<Done> SaveAsync(CommandRun run, IReadOnlyDictionary<string, string> changes) =>
        run.Client.PostAsync(Path, new SettingsFile(changes), ControlJson.Default.SettingsFile, ControlJson.Default.Done);

    private static async Task<IReadOnlyDictionary<string, string>> ReadAsync(string path, CancellationToken cancel)
    {
        try
        {
            return JsonSerializer.Deserialize(await File.ReadAllTextAsync(path, cancel), ControlJson.Default.SettingsFile)?.Settings
                ?? throw new CommandRefusedException($"{path} holds no settings.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new CommandRefusedException($"{path} cannot be read ({fault.Message.TrimEnd('.')}).");
        }
    }

    private static void PrintAll(SettingLine[] lines, TextWriter to)
    {
        foreach (var line in lines)
        {
            to.WriteLine($"{line.Name} = {line.Value}");
            to.WriteLine($"  {line.Help} It is {line.Range}; its default is {(line.Default.Length == 0 ? "empty" : line.Default)}.");
        }
    }
}
