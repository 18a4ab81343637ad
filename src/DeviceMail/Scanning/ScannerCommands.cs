using System.CommandLine;
using DeviceMail.Control;

namespace DeviceMail.Scanning;

/// <summary><c>devicemail scanners</c>: where people scan from.</summary>
public static class ScannerCommands
{
    public static Command Create(CommandFrame frame)
    {
        var command = new Command("scanners", "Scanners that people scan from, and how they are");
        frame.Run(command, async run => run.Print(
            await run.Client.GetAsync("/control/scanners", ScanningJson.Default.ScannerViewArray, run.Cancel), ScanningJson.Default.ScannerViewArray, Write));
        command.Add(Find(frame));
        command.Add(Add(frame));
        command.Add(Remove(frame));
        return command;
    }

    private static Command Find(CommandFrame frame)
    {
        var command = new Command("find", "Scanners that announce themselves on the network, in 3 seconds");
        frame.Run(command, async run => run.Print(
            await run.Client.GetAsync("/control/scanners/found", ScanningJson.Default.FoundScannerViewArray, run.Cancel), ScanningJson.Default.FoundScannerViewArray, Write));
        return command;
    }

    private static Command Add(CommandFrame frame)
    {
        var address = new Argument<string>("address") { Description = "Its IP address or name; or http://HOST/eSCL, or https:// where the scanner encrypts" };
        var name = new Option<string?>("--name") { Description = "What people call it [its model]" };
        var command = new Command("add", "Add a scanner, once it answers; its certificate is kept") { address, name };
        frame.Run(command, async run => run.Print(await run.Client.PostAsync(
            "/control/scanners", new NewScanner(run.Get(address), run.Get(name)), ScanningJson.Default.NewScanner, ControlJson.Default.Done)));
        return command;
    }

    private static Command Remove(CommandFrame frame)
    {
        var name = new Argument<string>("name") { Description = "Its name or address" };
        var command = new Command("remove", "Take a scanner out of the list, with its certificate") { name };
        frame.Run(command, async run => run.Print(await run.Client.PostAsync($"/control/scanners/remove?name={Uri.EscapeDataString(run.Get(name))}")));
        return command;
    }

    private static void Write(ScannerView[] scanners, TextWriter to)
    {
        if (scanners.Length == 0) to.WriteLine("No scanner yet. `devicemail scanners find` looks for some, `devicemail scanners add ADDRESS` adds one.");
        foreach (var scanner in scanners)
        {
            to.WriteLine($"{scanner.Name,-24} {scanner.Address,-40} {scanner.State ?? "cannot be used"}");
            if (scanner.Trouble is { } trouble) to.WriteLine($"  {trouble}");
            if (scanner.Sources.Count > 0) to.WriteLine($"  {(scanner.Model is { Length: > 0 } model ? $"{model}: " : "")}{string.Join(", ", scanner.Sources).ToLowerInvariant()}");
            if (scanner.Certificate is { } certificate) to.WriteLine($"  Certificate SHA-256 {certificate}");
        }
    }

    private static void Write(FoundScannerView[] found, TextWriter to)
    {
        if (found.Length == 0)
            to.WriteLine("No scanner announces itself here. Switch it on, and AirScan or eSCL in its settings; or add it by its address: `devicemail scanners add ADDRESS`.");
        foreach (var scanner in found)
        {
            to.WriteLine($"{scanner.Name,-40} {scanner.Address}{(scanner.InList is { } name ? $"  in the list as “{name}”" : "")}");
            if (scanner.Model.Length + scanner.Place.Length > 0) to.WriteLine($"  {string.Join(", ", new[] { scanner.Model, scanner.Place }.Where(one => one.Length > 0))}");
        }
    }
}
