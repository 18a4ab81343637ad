using System.CommandLine;
using System.CommandLine.Parsing;
using DeviceMail.Accounts;
using DeviceMail.Control;
using DeviceMail.Demo;
using DeviceMail.Devices;
using DeviceMail.Doctor;
using DeviceMail.EmailServer;
using DeviceMail.Notices;
using DeviceMail.People;
using DeviceMail.Printing;
using DeviceMail.Queue;
using DeviceMail.Receiving;
using DeviceMail.Scanning;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.ToMyEmail;
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
        var accounts = AccountCommands.Create(frame);
        accounts.Add(ConnectionTestCommands.Create(frame));
        root.Add(accounts);
        root.Add(DeviceCommands.Create(frame));
        root.Add(PersonCommands.Create(frame));
        root.Add(StatusCommands.Create(frame));
        root.Add(StatusSheetCommands.Create(frame));
        root.Add(PrinterCommands.Create(frame));
        root.Add(ScannerCommands.Create(frame));
        root.Add(ScanCommands.Create(frame));
        root.Add(SendCommands.Create(frame));
        root.Add(JobCommands.Create(frame));
        root.Add(NoticeCommands.Create(frame));
        root.Add(ActivityCommands.Create(frame));
        root.Add(ExplainCommands.Create(frame));
        root.Add(DoctorCommands.Create(frame));
        root.Add(SettingsCommands.Create(frame));
        root.Add(ApiKeyCommands.Create(frame));
        root.Add(AuditCommands.Create(frame));
        root.Add(VersionCommands.Create(frame));
        return root;
    }

    public static async Task<int> RunAsync(string[] arguments, InvocationConfiguration settings, CancellationToken cancel = default)
    {
        var parsed = Create().Parse(arguments);
        if (parsed.Errors.Count > 0 && parsed.Action is not System.CommandLine.Help.HelpAction)
        {
            settings.Error.WriteLine($"{WhatIsWrong(parsed)} `{NameOf(parsed.CommandResult)} --help` shows what it takes.");
            return 2;
        }
        try
        {
            return await parsed.InvokeAsync(settings, cancel);
        }
        catch (Exception refused) when (refused is StartRefusedException or CommandRefusedException)
        {
            settings.Error.WriteLine(refused.Message);
            return 1;
        }
        catch (StorageFailedException lost)
        {
            settings.Error.WriteLine($"The disk does not keep or give what the gateway needs ({lost.Message}). Look at its free space and at the system's log, then try again.");
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
        catch (Exception bug)
        {
            // The edge of the command line: what no one foresaw is told in one sentence too, and then in full for who mends it.
            settings.Error.WriteLine($"DeviceMail met a fault of its own ({bug.GetType().Name}: {bug.Message}). Please report it with these lines.");
            settings.Error.WriteLine(bug);
            return 1;
        }
    }

    /// <summary>The parser's finding in our words; a validator's sentence stays as it is.</summary>
    private static string WhatIsWrong(ParseResult parsed)
    {
        if (parsed.UnmatchedTokens is [var unknown, ..]) return $"“{unknown}” is not known here.";
        var error = parsed.Errors[0];
        var (name, type) = error.SymbolResult switch
        {
            ArgumentResult { Parent: OptionResult option } => (option.Option.Name, option.Option.ValueType),
            OptionResult option => (option.Option.Name, option.Option.ValueType),
            ArgumentResult argument => ($"<{argument.Argument.Name}>", argument.Argument.ValueType),
            _ => ("", typeof(string)),
        };
        if (name.Length == 0) return parsed.CommandResult.Command.Subcommands.Count > 0 && parsed.CommandResult.Command.Action is null ? "A command is missing." : error.Message;
        if (error.SymbolResult?.Tokens is not [var given, ..])
            return error.SymbolResult is OptionResult { IdentifierToken: not null } ? $"{name} needs a value." : $"{name} is missing.";
        if (!error.Message.StartsWith("Cannot parse", StringComparison.Ordinal)) return error.Message;
        return $"{name} cannot be “{given.Value}”: it must be {((Nullable.GetUnderlyingType(type) ?? type) == typeof(bool) ? "true or false" : "a whole number")}.";
    }

    private static string NameOf(SymbolResult command)
    {
        var names = new Stack<string>();
        for (SymbolResult? one = command; one is CommandResult { Command: var named }; one = one.Parent) names.Push(one.Parent is null ? "devicemail" : named.Name);
        return string.Join(' ', names);
    }
}
