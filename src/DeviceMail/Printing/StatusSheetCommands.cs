using System.CommandLine;
using DeviceMail.Control;
using DeviceMail.Documents;
using DeviceMail.Settings;

namespace DeviceMail.Printing;

/// <summary><c>devicemail status-sheet</c>: the network status sheet, written or printed.</summary>
public static class StatusSheetCommands
{
    private const string StandardOutput = "-", UsualFile = "status-sheet.pdf";

    public static Command Create(CommandFrame frame)
    {
        var file = new Option<string?>("--out") { Description = $"The PDF to write, or - for standard output [{UsualFile}]", HelpName = "FILE" };
        var printer = new Option<string?>("--print") { Description = "Print it instead, on a printer of the list or at an address", HelpName = "NAME|ipp://…|ipps://…" };
        var paper = new Option<string?>("--paper") { Description = "The paper [a4; when printing, what is in the printer]", HelpName = string.Join('|', Paper.All.Select(one => one.Name)) };
        var command = new Command("status-sheet", "The network status sheet: one page on how this gateway is reached and whether it sends") { file, printer, paper };
        frame.Run(command, run =>
        {
            var size = run.Get(paper);
            if (size is not null && Paper.Find(size) is null) throw new WrongUseException($"--paper cannot be “{size}”: it must be {string.Join(" or ", Paper.All.Select(one => one.Name))}.");
            if (run.Get(printer) is { } where && run.Get(file) is not null) throw new WrongUseException($"--out and --print exclude each other: write the sheet, or print it at {where}.");
            return run.Get(printer) is { } named ? PrintAsync(run, new SheetOrder(named, size)) : WriteAsync(run, run.Get(file) ?? UsualFile, size ?? Paper.A4.Name);
        });
        return command;
    }

    private static async Task PrintAsync(CommandRun run, SheetOrder order) => run.Print(await run.Client.PostAsync(
        "/control/status-sheet/print", order, PrintingJson.Default.SheetOrder, ControlJson.Default.Done));

    private static async Task WriteAsync(CommandRun run, string file, string paper)
    {
        var sheet = await run.Client.GetAsync($"/control/status-sheet?paper={Uri.EscapeDataString(paper)}", PrintingJson.Default.SheetOctets, run.Cancel);
        if (file == StandardOutput)
        {
            await using var output = Console.OpenStandardOutput();
            await output.WriteAsync(sheet.Pdf, run.Cancel);
            return;
        }
        try
        {
            await File.WriteAllBytesAsync(file, sheet.Pdf, run.Cancel);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandRefusedException($"{file} cannot be written ({fault.Message}).");
        }
        run.Print(new SheetWritten(file, sheet.Pdf.Length, paper), PrintingJson.Default.SheetWritten,
            (written, to) => to.WriteLine($"Wrote {written.File}: one page of {(written.Paper == Paper.A4.Name ? "A4" : "Letter")}."));
    }
}
