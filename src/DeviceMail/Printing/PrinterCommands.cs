using System.CommandLine;
using DeviceMail.Control;

namespace DeviceMail.Printing;

/// <summary><c>devicemail printers</c>: where sheets are printed.</summary>
public static class PrinterCommands
{
    public static Command Create(CommandFrame frame)
    {
        var command = new Command("printers", "Printers that sheets are printed on, and how they are");
        frame.Run(command, async run => run.Print(
            await run.Client.GetAsync("/control/printers", PrintingJson.Default.PrinterViewArray, run.Cancel), PrintingJson.Default.PrinterViewArray, Write));
        command.Add(Add(frame));
        command.Add(Remove(frame));
        return command;
    }

    private static Command Add(CommandFrame frame)
    {
        var address = new Argument<string>("address") { Description = "ipp://HOST/ipp/print, or ipps:// where the printer encrypts" };
        var name = new Option<string?>("--name") { Description = "What people call it [its host]" };
        var command = new Command("add", "Add a printer, once it answers; its certificate is kept") { address, name };
        frame.Run(command, async run => run.Print(await run.Client.PostAsync(
            "/control/printers", new NewPrinter(run.Get(address), run.Get(name)), PrintingJson.Default.NewPrinter, ControlJson.Default.Done)));
        return command;
    }

    private static Command Remove(CommandFrame frame)
    {
        var name = new Argument<string>("name") { Description = "Its name or address" };
        var command = new Command("remove", "Take a printer out of the list, with its certificate") { name };
        frame.Run(command, async run => run.Print(await run.Client.PostAsync($"/control/printers/remove?name={Uri.EscapeDataString(run.Get(name))}")));
        return command;
    }

    private static void Write(PrinterView[] printers, TextWriter to)
    {
        if (printers.Length == 0) to.WriteLine("No printer yet. `devicemail printers add ipp://HOST/ipp/print` adds one.");
        foreach (var printer in printers)
        {
            to.WriteLine($"{printer.Name,-24} {printer.Address,-40} {printer.State ?? "does not answer"}");
            if (printer.Trouble is { } trouble) to.WriteLine($"  {trouble}");
            if (printer.Model is { Length: > 0 } model) to.WriteLine($"  {model}{(printer.Firmware is { Length: > 0 } firmware ? $", firmware {firmware}" : "")}");
            if (printer.Certificate is { } certificate) to.WriteLine($"  Certificate SHA-256 {certificate}");
        }
    }
}
