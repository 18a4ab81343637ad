using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DeviceMail.Settings;

namespace DeviceMail.Control;

/// <summary>What all commands have in common: where the data lies, whether facts are printed as JSON, and how the service is reached.</summary>
public sealed class CommandFrame(BuildHost build)
{
    private const string SystemFolder = "/var/lib/devicemail";

    public Option<string> Data { get; } = new("--data")
    {
        Description = $"The data folder [DEVICEMAIL_DATA; else {SystemFolder} where it exists, else ./devicemail-data]",
        HelpName = "FOLDER",
        Recursive = true,
    };

    public Option<bool> Json { get; } = new("--json") { Description = "Print facts as JSON", Recursive = true };

    public BuildHost Build => build;

    public string DataPath(ParseResult arguments)
    {
        if (arguments.GetValue(Data) is { Length: > 0 } given) return given;
        if (StartConfiguration.Load([]).Data is { Length: > 0 } configured) return configured;
        return Directory.Exists(SystemFolder) ? SystemFolder : "devicemail-data";
    }

    /// <summary>Says what the command does with the service.</summary>
    public void Run(Command command, Func<CommandRun, Task> work) => command.SetAction(async (arguments, cancel) =>
    {
        await using var client = await ControlClient.OpenAsync(DataPath(arguments), build, cancel);
        await work(new CommandRun(arguments, client, arguments.GetValue(Json), cancel));
        return 0;
    });
}

/// <summary>One run of a command: what was asked, whom to ask, where to print.</summary>
public sealed class CommandRun(ParseResult arguments, ControlClient client, bool json, CancellationToken cancel)
{
    public ParseResult Arguments => arguments;

    public ControlClient Client => client;

    public CancellationToken Cancel => cancel;

    /// <summary>Whether the person asked for JSON: then nothing but the facts goes to <see cref="Out"/>.</summary>
    public bool Json => json;

    public TextWriter Out => arguments.InvocationConfiguration.Output;

    /// <summary>What a person has to do while the command waits: beside the facts, so that a program that reads those is not disturbed.</summary>
    public TextWriter Talk => json ? arguments.InvocationConfiguration.Error : Out;

    public T? Get<T>(Option<T> option) => arguments.GetValue(option);

    /// <summary>What was given; the default of an argument that may be left out.</summary>
    public T Get<T>(Argument<T> argument) => arguments.GetValue(argument)!;

    /// <summary>Prints facts as JSON where that was asked for, else in words.</summary>
    public void Print<T>(T facts, JsonTypeInfo<T> type, Action<T, TextWriter> inWords)
    {
        if (json) Out.WriteLine(JsonSerializer.Serialize(facts, Indented(type)));
        else inWords(facts, Out);
    }

    /// <summary>People read it too, whatever the folder's own JSON looks like.</summary>
    private static JsonTypeInfo<T> Indented<T>(JsonTypeInfo<T> type) =>
        type.Options.WriteIndented ? type : (JsonTypeInfo<T>)new JsonSerializerOptions(type.Options) { WriteIndented = true }.GetTypeInfo(typeof(T));

    public void Print(Done done) => Print(done, ControlJson.Default.Done, (one, to) => to.WriteLine(one.Sentence));

    /// <summary>Prints what was done by a command that only the service can carry out to its end.</summary>
    public void PrintForService(Done done)
    {
        Print(done);
        if (!json) SayWithoutService(Out);
    }

    /// <summary>Says, where no service runs, that nothing is sent yet.</summary>
    public void SayWithoutService(TextWriter to)
    {
        if (!client.IsService) to.WriteLine("No service runs on this folder: mail goes out when devicemail run starts.");
    }
}
