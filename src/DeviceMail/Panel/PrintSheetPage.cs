using DeviceMail.Documents;
using DeviceMail.Printing;
using DeviceMail.Web;

namespace DeviceMail.Panel;

/// <param name="Shell">What stands around.</param>
/// <param name="Sheet">As it would be printed now.</param>
/// <param name="Printers">The printers that people named.</param>
public sealed record PrintSheetModel(PanelShell Shell, PrintedSheet Sheet, IReadOnlyList<Printer> Printers)
{
    /// <summary>What this panel prints, or printed last; null: nothing.</summary>
    public SheetPrint? Print { get; init; }
}

/// <summary>Settings > General Settings > Network Settings > Network Status > Print Status Sheet.</summary>
internal static class PrintSheetPage
{
    public const string FileAddress = "/panel/network-status/sheet.pdf";

    public static void MapPrintSheet(this IEndpointRouteBuilder panel)
    {
        panel.MapGet(PanelMenu.PrintStatusSheet.Address, IResult (HttpContext context) =>
        {
            var model = new PrintSheetModel(PanelShells.Of(context, PanelMenu.PrintStatusSheet), context.Part<StatusSheet>().Read(), context.Part<PrinterRegister>().All)
            {
                Print = context.Part<SheetPrints>().Find(PanelGuard.PanelOf(context)),
            };
            if (model.Print is { Outcome: null }) model = model with { Shell = model.Shell with { Refresh = (3, PanelMenu.PrintStatusSheet.Address) } };
            return PanelShells.Live(context, model.Shell, [$"{model.Print is null} {model.Print?.Outcome}"], shell => PrintSheetView.Create(model with { Shell = shell }));
        });
        panel.MapPost(PanelMenu.PrintStatusSheet.Address, async Task<IResult> (HttpContext context) =>
        {
            var (form, own, prints) = (await context.Request.ReadFormAsync(), PanelGuard.PanelOf(context), context.Part<SheetPrints>());
            if (form["do"] == "end") prints.End(own);
            else if (context.Part<PrinterRegister>().All.FirstOrDefault(one => $"{one.Id}" == form["printer"]) is { } printer) prints.Begin(own, printer, context.Part<StatusSheet>().Read());
            return Redirects.See(PanelMenu.PrintStatusSheet.Address);
        });
        panel.MapGet(FileAddress, IResult (HttpContext context) =>
        {
            context.Response.Headers.ContentDisposition = "attachment; filename=\"status-sheet.pdf\"";
            return Results.Bytes(SheetWriter.Write(context.Part<StatusSheet>().Read(), Paper.A4), StatusSheetControl.Type);
        });
    }
}
