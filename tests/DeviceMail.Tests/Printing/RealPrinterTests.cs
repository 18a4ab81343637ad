using DeviceMail.Documents;
using DeviceMail.Printing;
using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Parts;

namespace DeviceMail.Tests.Printing;

/// <summary>Judged by CUPS' ippeveprinter, which nobody here wrote.</summary>
public sealed class RealPrinterTests
{
    private static readonly PrintedSheet Sheet = new("A sheet", new SheetAnswer("All is well.", "Nothing is to do."))
    {
        Head = [],
        Sections = [new SheetSection("Section", [new SheetBlock("", [new("Host name", "gateway")])], _ => "")],
        At = new DateTimeOffset(2026, 11, 24, 9, 42, 0, TimeSpan.Zero),
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task G3_3_the_sheet_is_printed_octet_for_octet()
    {
        await using var printer = await IppEvePrinter.StartAsync();
        await using var folder = new PrintingFolder();

        var outcome = await PrintAsync(folder, printer.Address);

        Assert.Equal(new PrintOutcome.Printed("127.0.0.1 has printed the sheet."), outcome);
        Assert.Equal(SheetWriter.Write(Sheet, Paper.Letter), await File.ReadAllBytesAsync(Assert.Single(printer.Documents), Cancel));
        Assert.Contains("Print-Job successful-ok", printer.Said, StringComparison.Ordinal);
        Assert.Empty(folder.Printers.All);
    }

    [Fact]
    public async Task An_encrypted_printers_certificate_is_kept_at_first_use_and_another_is_refused()
    {
        await using var folder = new PrintingFolder();
        var first = await IppEvePrinter.StartAsync();
        string kept;
        await using (first)
        {
            var outcome = Assert.IsType<PrintOutcome.Printed>(await PrintAsync(folder, first.EncryptedAddress));
            Assert.Contains("with the certificate that it must show from now on", outcome.Sentence, StringComparison.Ordinal);
            kept = Assert.Single(folder.Reread().All).Certificate!;
            Assert.Equal(new PrintOutcome.Printed("127.0.0.1 has printed the sheet."), await PrintAsync(folder, first.EncryptedAddress));
            Assert.Contains("Connection now encrypted", first.Said, StringComparison.Ordinal);
        }
        await using var second = await IppEvePrinter.StartAsync(first.Port);

        var refused = Assert.IsType<PrintOutcome.NotPrinted>(await PrintAsync(folder, second.EncryptedAddress));

        Assert.Contains("shows another certificate than at first use", refused.Sentence, StringComparison.Ordinal);
        Assert.Empty(second.Documents);
        Assert.Equal(kept, Assert.Single(folder.Reread().All).Certificate);
    }

    [Fact]
    public async Task A_printers_own_words_of_its_state_become_ours()
    {
        await using var printer = await IppEvePrinter.StartAsync(command: "echo STATE: +toner-low-report,media-low-warning >&2");
        await using var folder = new PrintingFolder();
        var added = Assert.IsType<PrinterSave.Saved>(await folder.Desk.AddAsync("Copier", PrintingFolder.Parse(printer.Address), Cancel)).Printer;
        Assert.IsType<PrintOutcome.Printed>(await PrintAsync(folder, printer.Address));

        var look = Assert.IsType<PrinterLook.Answered>(await folder.Desk.LookAsync(added, Cancel));

        Assert.Equal(["paper is low", "toner is low"], look.Status.Reasons.Order(StringComparer.Ordinal));
        Assert.NotEmpty(look.Status.Model);
    }

    [Fact]
    public async Task A_printer_without_pdf_is_refused_before_anything_is_sent()
    {
        await using var printer = await IppEvePrinter.StartAsync(options: ["-f", "image/jpeg"]);
        await using var folder = new PrintingFolder();

        Assert.Contains("takes no PDF", Assert.IsType<PrintOutcome.NotPrinted>(await PrintAsync(folder, printer.Address)).Sentence, StringComparison.Ordinal);
        Assert.Empty(printer.Documents);
    }

    [Fact]
    public async Task Giving_up_cancels_the_job_at_the_printer()
    {
        await using var printer = await IppEvePrinter.StartAsync(command: "exec sleep 600");
        await using var folder = new PrintingFolder();
        using var giveUp = new CancellationTokenSource();

        var printing = folder.PrintAsync(printer.Address, Paper.A4, giveUp.Token);
        await LabGateway.EventuallyAsync(() => printer.Said.Contains("Get-Job-Attributes successful-ok", StringComparison.Ordinal));
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => printing);
        await LabGateway.EventuallyAsync(() => printer.Said.Contains("Cancel-Job successful-ok", StringComparison.Ordinal));
    }

    private static Task<PrintOutcome> PrintAsync(PrintingFolder folder, string address) =>
        folder.Desk.PrintAsync(PrintingFolder.Parse(address), new PrintWork(Sheet.Title, paper => SheetWriter.Write(Sheet, paper)), Cancel);
}
