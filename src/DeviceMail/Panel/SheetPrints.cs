using System.Collections.Concurrent;
using DeviceMail.Documents;
using DeviceMail.Printing;
using DeviceMail.Storage;

namespace DeviceMail.Panel;

/// <summary>A sheet on its way to a printer, or its result.</summary>
/// <param name="Printer">The printer's name.</param>
public sealed record SheetPrint(string Printer)
{
    /// <summary>Null while it is printed.</summary>
    public PrintOutcome? Outcome { get; init; }

    /// <summary>Gives it up: the printer gets the job taken back.</summary>
    internal CancellationTokenSource Stop { get; } = new();
}

/// <summary>What each panel prints: one sheet at a time. Printing goes on while the page is elsewhere.</summary>
public sealed class SheetPrints(PrintDesk desk, PanelRegister panels) : IDisposable
{
    private readonly ConcurrentDictionary<long, SheetPrint> _prints = new();

    public SheetPrint? Find(PairedPanel panel) => _prints.GetValueOrDefault(panel.Id);

    /// <summary>Begins to print, unless this panel prints already.</summary>
    public void Begin(PairedPanel panel, Printer printer, PrintedSheet sheet)
    {
        foreach (var gone in _prints.Keys.Where(id => panels.Find(id) is null)) _prints.TryRemove(gone, out _);
        var print = new SheetPrint(printer.Name);
        var kept = _prints.AddOrUpdate(panel.Id, print, (_, former) => former.Outcome is null ? former : print);
        if (!ReferenceEquals(kept, print)) return;
        _ = Task.Run(async () =>
        {
            PrintOutcome? outcome = null;
            try
            {
                outcome = await PrintAsync(printer, sheet, print.Stop.Token);
            }
            finally
            {
                // Also where a fault of the program ends it: the panel must be able to print again.
                if (outcome is null) _prints.TryRemove(KeyValuePair.Create(panel.Id, print));
                else _prints.TryUpdate(panel.Id, print with { Outcome = outcome }, print);
            }
        });
    }

    /// <summary>Gives up what is printed, or forgets the result.</summary>
    public void End(PairedPanel panel)
    {
        if (Find(panel) is not { } print) return;
        if (print.Outcome is null) print.Stop.Cancel();
        else _prints.TryRemove(KeyValuePair.Create(panel.Id, print));
    }

    public void Dispose()
    {
        foreach (var print in _prints.Values) print.Stop.Cancel();
    }

    /// <returns>Null when a person gave it up.</returns>
    private async Task<PrintOutcome?> PrintAsync(Printer printer, PrintedSheet sheet, CancellationToken cancel)
    {
        try
        {
            return await desk.PrintAsync(printer.Address, new PrintWork(sheet.Title, paper => SheetWriter.Write(sheet, paper)), cancel);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
        catch (StorageFailedException failure)
        {
            return new PrintOutcome.NotPrinted($"The gateway's disk does not keep what is written ({failure.Message}). Free some space or repair the disk, then print again.");
        }
    }
}
