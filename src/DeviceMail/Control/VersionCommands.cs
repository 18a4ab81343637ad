using System.CommandLine;
using System.Text.Json;

namespace DeviceMail.Control;

internal static class VersionControl
{
    public static void Map(RouteGroupBuilder control) =>
        control.MapGet("/version", IResult () => Results.Json(BuildVersion.Current, ControlJson.Default.BuildVersion));
}

public static class VersionCommands
{
    public static Command Create(CommandFrame frame)
    {
        var command = new Command("version", "Version and build of this program");
        command.SetAction(arguments =>
        {
            var text = arguments.GetValue(frame.Json) ? JsonSerializer.Serialize(BuildVersion.Current, ControlJson.Default.BuildVersion) : BuildVersion.Current.ToString();
            arguments.InvocationConfiguration.Output.WriteLine(text);
        });
        return command;
    }
}
