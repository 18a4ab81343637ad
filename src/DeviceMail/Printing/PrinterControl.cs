using DeviceMail.Control;

namespace DeviceMail.Printing;

/// <summary>One printer as the command line shows it.</summary>
public sealed record PrinterView(string Name, string Address)
{
    /// <summary>ready, printing, stopped, with the reasons in words; null: it did not answer.</summary>
    public string? State { get; init; }

    public string? Model { get; init; }

    public string? Firmware { get; init; }

    /// <summary>SHA-256 of the certificate that it must show; null: none is kept.</summary>
    public string? Certificate { get; init; }

    /// <summary>Why it cannot be used, and what to do.</summary>
    public string? Trouble { get; init; }
}

public sealed record NewPrinter(string Address, string? Name);

internal static class PrinterControl
{
    public static void Map(RouteGroupBuilder control)
    {
        control.MapGet("/printers", async Task<IResult> (HttpContext context, PrinterRegister printers, PrintDesk desk) => Results.Json(
            await Task.WhenAll(printers.All.Select(printer => ViewAsync(desk, printer, context.RequestAborted))), PrintingJson.Default.PrinterViewArray));
        control.MapPost("/printers", async Task<IResult> (HttpContext context, PrintDesk desk) =>
            await AddAsync(desk, (await context.Request.ReadFromJsonAsync(PrintingJson.Default.NewPrinter))!, context.RequestAborted));
        control.MapPost("/printers/remove", async Task<IResult> (string name, PrinterRegister printers) => await RemoveAsync(printers, name));
    }

    /// <summary>What is said of text that is neither an address nor a name of the list.</summary>
    public static IResult Unknown(string text) => ControlAnswers.Refused(
        $"“{text}” is neither a printer of the list nor an address: write ipp://HOST/ipp/print, or ipps:// where the printer encrypts. `devicemail printers` lists those that are known.");

    private static async Task<PrinterView> ViewAsync(PrintDesk desk, Printer printer, CancellationToken cancel)
    {
        var view = new PrinterView(printer.Name, printer.Address.ToString()) { Certificate = printer.Certificate };
        return await desk.LookAsync(printer, cancel) switch
        {
            PrinterLook.Answered { Status: var status } => view with { State = status.Words, Model = status.Model, Firmware = status.Firmware },
            PrinterLook.Trouble trouble => view with { Trouble = trouble.Sentence },
            _ => throw new InvalidOperationException("A printer answers or is in trouble."),
        };
    }

    private static async Task<IResult> AddAsync(PrintDesk desk, NewPrinter asked, CancellationToken cancel)
    {
        if (!PrinterAddress.TryParse(asked.Address, out var address)) return Unknown(asked.Address);
        return await desk.AddAsync(asked.Name ?? address.Host, address, cancel) switch
        {
            PrinterSave.Saved { Printer: { Certificate: null } printer } => ControlAnswers.Done($"The printer “{printer.Name}” is in the list."),
            PrinterSave.Saved { Printer: var printer } => ControlAnswers.Done($"The printer “{printer.Name}” is in the list. From now on it must show this certificate: SHA-256 {printer.Certificate}."),
            PrinterSave.Refused refused => ControlAnswers.Refused(refused.Sentence),
            _ => throw new InvalidOperationException("A save is saved or refused."),
        };
    }

    private static async Task<IResult> RemoveAsync(PrinterRegister printers, string name)
    {
        var printer = printers.Find(name) ?? (PrinterAddress.TryParse(name, out var address) ? printers.Find(address) : null);
        if (printer is null) return ControlAnswers.Refused($"There is no printer “{name}”. `devicemail printers` lists them.");
        await printers.RemoveAsync(printer);
        return ControlAnswers.Done($"The printer “{printer.Name}” is no longer in the list.");
    }
}
