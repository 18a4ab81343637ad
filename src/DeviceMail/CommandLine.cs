using System.CommandLine;
using DeviceMail.Accounts;
using DeviceMail.Control;
using DeviceMail.Demo;
using DeviceMail.Devices;
using DeviceMail.Doctor;
using DeviceMail.EmailServer;
using DeviceMail.Printing;
using DeviceMail.Queue;
using DeviceMail.Receiving;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Web;

namespace DeviceMail;

/// <summary>The command line: one line a folder that has commands. Exit code 0 is done, 1 refused with a sentence, 2 wrong use.</summary>
public static class CommandLine
{
    public static RootCommand Create()
    {
        var frame = new CommandFrame(DeviceMailHost.Build);
        var root = new RootCommand("E-mail for every printer, scanner and application that cannot sign in.") { frame.Data, frame.Json };
        foreach (var option in root.Options.OfType<VersionOption>().ToList()) root.Options.Remove(option);
        root.Add(RunCommand.Create(frame));
        root.Add(DemoCommands.Create());
        root.Add(LabCommands.Create());
        root.Add(ClaimCommands.Create(frame));
        root.Add(SignInCommands.CreateSignIn(frame));
        root.Add(SignInCommands.CreateSignOut(frame));
        root.Add(AccountCommands.Create(frame));
        root.Add(DeviceCommands.Create(frame));
        root.Add(StatusCommands.Create(frame));
        root.Add(StatusSheetCommands.Create(frame));
        root.Add(PrinterCommands.Create(frame));
        root.Add(SendCommands.Create(frame));
        root.Add(JobCommands.Create(frame));
        root.Add(ActivityCommands.Create(frame));
        root.Add(ExplainCommands.Create(frame));
        root.Add(SettingsCommands.Create(frame));
        root.Add(VersionCommands.Create(frame));
        return root;
    }

    public static async Task<int> RunAsync(string[] arguments, InvocationConfiguration settings)
    {
        var parsed = Create().Parse(arguments);
        if (parsed.Errors.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction)
        {
            var use = string.Join(' ', parsed.CommandResult.Command.Parents.Reverse().Append(parsed.CommandResult.Command).Select(one => one.Name));
            var fault = parsed.UnmatchedTokens.Count > 0 ? $"“{parsed.UnmatchedTokens[0]}” is not known here." : parsed.Errors[0].Message;
            settings.Error.WriteLine($"{fault} `{use} --help` shows what it takes.");
            return 2;
        }
        try
        {
            return await parsed.InvokeAsync(settings);
        }
        catch (Exception refused) when (refused is StartRefusedException or CommandRefusedException)
        {
            settings.Error.WriteLine(refused.Message);
            return 1;
        }
        catch (WrongUseException wrong)
        {
            settings.Error.WriteLine(wrong.Message);
            return 2;
        }
        catch (OperationCanceledException)
        {
            return 1;
        }
    }
}
