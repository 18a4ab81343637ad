using DeviceMail.Control;
using DeviceMail.Documents;
using DeviceMail.Web;

namespace DeviceMail.Printing;

/// <summary>The status sheet as a file for the command line.</summary>
public sealed record SheetOctets(byte[] Pdf);

/// <summary>Where to print the status sheet.</summary>
/// <param name="Printer">An address, or a name of the list.</param>
/// <param name="Paper">Null: what is in the printer.</param>
public sealed record SheetOrder(string Printer, string? Paper);

/// <summary>What the command line wrote.</summary>
public sealed record SheetWritten(string File, int Octets, string Paper);

internal static class StatusSheetControl
{
    public const string Type = "application/pdf";

    public static void Map(RouteGroupBuilder control)
    {
        control.MapGet("/status-sheet", IResult (HttpContext context, string? paper) => Paper.Find(paper ?? "") is { } known
            ? Results.Json(new SheetOctets(SheetWriter.Write(context.Part<StatusSheet>().Read(), known)), PrintingJson.Default.SheetOctets)
            : UnknownPaper(paper));
        control.MapPost("/status-sheet/print", async Task<IResult> (HttpContext context) =>
            await PrintAsync(context, (await context.Request.ReadFromJsonAsync(PrintingJson.Default.SheetOrder))!));
    }

    /// <summary>For a logged-in administrator: the sheet as it is now, shown by the browser. ?paper=letter; A4 otherwise.</summary>
    public static void MapStatusSheet(this WebApplication app) => app.MapGet("/status-sheet.pdf", IResult (HttpContext context, string? paper) =>
    {
        context.Response.Headers.ContentDisposition = "inline; filename=\"status-sheet.pdf\"";
        return Results.Bytes(SheetWriter.Write(context.Part<StatusSheet>().Read(), Paper.Find(paper ?? "") ?? Paper.A4), Type);
    });

    private static async Task<IResult> PrintAsync(HttpContext context, SheetOrder order)
    {
        var address = context.Part<PrinterRegister>().Find(order.Printer)?.Address;
        if (address is null && !PrinterAddress.TryParse(order.Printer, out address)) return PrinterControl.Unknown(order.Printer);
        if (order.Paper is not null && Paper.Find(order.Paper) is null) return UnknownPaper(order.Paper);
        var sheet = context.Part<StatusSheet>().Read();
        var work = new PrintWork(sheet.Title, paper => SheetWriter.Write(sheet, paper)) { Paper = order.Paper is { } name ? Paper.Find(name) : null };
        var outcome = await context.Part<PrintDesk>().PrintAsync(address, work, context.RequestAborted);
        return outcome is PrintOutcome.NotPrinted ? ControlAnswers.Refused(outcome.Sentence) : ControlAnswers.Done(outcome.Sentence);
    }

    private static IResult UnknownPaper(string? paper) => ControlAnswers.Refused($"--paper cannot be “{paper}”: it must be {string.Join(" or ", Paper.All.Select(one => one.Name))}.");
}
