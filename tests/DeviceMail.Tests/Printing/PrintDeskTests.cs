using System.Net;
using DeviceMail.Documents;
using DeviceMail.Printing;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.Time.Testing;
using Microsoft.AspNetCore.Http;

namespace DeviceMail.Tests.Printing;

/// <summary>What a printer may answer, and what people are told of it.</summary>
public sealed class PrintDeskTests
{
    [Fact]
    public async Task A_sheet_is_checked_printed_and_followed_on_the_paper_that_is_in_the_printer()
    {
        await using var printer = await ScriptedPrinter.StartAsync();
        await using var folder = new PrintingFolder();
        printer.Media = "na_letter_8.5x11in";

        var outcome = await folder.PrintAsync(printer.Address);

        Assert.Equal(new PrintOutcome.Printed("127.0.0.1 has printed the sheet."), outcome);
        Assert.Equal([IppOperation.GetPrinterAttributes, IppOperation.ValidateJob, IppOperation.PrintJob, IppOperation.GetJobAttributes],
            printer.Requests.Select(request => (IppOperation)request.Code));
        Assert.Equal("na_letter_8.5x11in", printer.Requests[2].Text("media"));
        Assert.Equal(["attributes-charset", "attributes-natural-language", "printer-uri"], printer.Requests[2].Attributes.Take(3).Select(attribute => attribute.Name));
    }

    [Fact]
    public async Task A_printer_that_takes_no_pdf_gets_nothing_and_a_sentence_says_what_it_takes()
    {
        await using var printer = await ScriptedPrinter.StartAsync();
        await using var folder = new PrintingFolder();
        printer.Formats = ["image/jpeg", "image/urf"];

        var outcome = Assert.IsType<PrintOutcome.NotPrinted>(await folder.PrintAsync(printer.Address));

        Assert.Contains("takes no PDF, and DeviceMail makes nothing else. It takes image/jpeg, image/urf.", outcome.Sentence, StringComparison.Ordinal);
        Assert.Single(printer.Requests);
    }

    [Theory]
    [InlineData(7, "was cancelled at")]
    [InlineData(8, "gave up job 41")]
    public async Task A_job_that_ends_badly_is_not_printed(int state, string words)
    {
        await using var printer = await ScriptedPrinter.StartAsync();
        await using var folder = new PrintingFolder();
        printer.JobState = () => state;

        Assert.Contains(words, Assert.IsType<PrintOutcome.NotPrinted>(await folder.PrintAsync(printer.Address)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_that_the_printer_forgot_is_printed()
    {
        await using var printer = await ScriptedPrinter.StartAsync();
        await using var folder = new PrintingFolder();
        printer.Status = request => request.Code == (int)IppOperation.GetJobAttributes ? IppStatus.NotFound : 0;

        Assert.IsType<PrintOutcome.Printed>(await folder.PrintAsync(printer.Address));
    }

    [Fact]
    public async Task A_printer_that_waits_for_paper_keeps_the_job_and_the_reason_is_told_after_two_minutes()
    {
        await using var printer = await ScriptedPrinter.StartAsync();
        var time = new HastyTime();
        await using var folder = new PrintingFolder(time);
        printer.JobState = () => 6;
        var start = time.GetUtcNow();

        var outcome = Assert.IsType<PrintOutcome.Waits>(await folder.PrintAsync(printer.Address));

        Assert.Equal("127.0.0.1 has the sheet as its job 41 and has not printed it yet: it is out of paper.", outcome.Sentence);
        Assert.Equal(TimeSpan.FromMinutes(2), time.GetUtcNow() - start);
    }

    [Fact]
    public async Task Giving_up_takes_the_job_back_from_the_printer()
    {
        await using var printer = await ScriptedPrinter.StartAsync();
        await using var folder = new PrintingFolder(new HastyTime());
        using var cancel = new CancellationTokenSource();
        printer.JobState = () =>
        {
            cancel.Cancel();
            return 5;
        };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => folder.PrintAsync(printer.Address, Paper.A4, cancel.Token));

        var last = printer.Requests[^1];
        Assert.Equal((IppOperation.CancelJob, 41), ((IppOperation)last.Code, last.Number("job-id")));
    }

    [Fact]
    public async Task A_printer_of_the_old_version_is_asked_in_the_old_version()
    {
        await using var printer = await ScriptedPrinter.StartAsync();
        await using var folder = new PrintingFolder();
        printer.Status = request => request.Version == 0x0200 ? IppStatus.VersionNotSupported : 0;

        Assert.IsType<PrintOutcome.Printed>(await folder.PrintAsync(printer.Address));
        Assert.Equal([0x0200, 0x0101, 0x0101, 0x0101, 0x0101], printer.Requests.Select(request => (int)request.Version));
    }

    public static TheoryData<string, string> Misbehaviours => new()
    {
        { "redirect", "sends us elsewhere" },
        { "password", "demands a password" },
        { "missing", "has no printer at" },
        { "upgrade", "Write ipps:// in place of ipp://" },
        { "page", "no IPP" },
        { "empty", "no IPP" },
        { "large", "more than 1 MB" },
        { "other", "another question" },
        { "broken", "cannot be reached" },
        { "refuses", "accepts no jobs now" },
    };

    [Theory]
    [MemberData(nameof(Misbehaviours))]
    public async Task Whatever_answers_there_is_explained_in_a_sentence(string how, string words)
    {
        await using var printer = await ScriptedPrinter.StartAsync();
        await using var elsewhere = await ScriptedPrinter.StartAsync();
        await using var folder = new PrintingFolder();
        if (how == "refuses") printer.Status = _ => 0x0506;
        else printer.Misbehave = (context, _, answer) => MisbehaveAsync(context, how, answer, elsewhere.Address);

        var outcome = Assert.IsType<PrintOutcome.NotPrinted>(await folder.PrintAsync(printer.Address));

        Assert.Contains(words, outcome.Sentence, StringComparison.Ordinal);
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task A_silent_printer_is_given_up_after_half_a_minute()
    {
        await using var printer = await ScriptedPrinter.StartAsync();
        var time = new FakeTimeProvider();
        await using var folder = new PrintingFolder(time);
        printer.Misbehave = (context, _, _) => Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);

        var printing = folder.PrintAsync(printer.Address);
        await LabGateway.EventuallyAsync(() => printer.Requests.Count == 1);
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(printing.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Contains("did not answer in 30 seconds", Assert.IsType<PrintOutcome.NotPrinted>(await printing).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_nothing_listens_the_port_is_named()
    {
        await using var folder = new PrintingFolder();

        var outcome = await folder.PrintAsync($"ipp://127.0.0.1:{Parts.FreePort.Next()}");

        Assert.Contains("Nothing listens at 127.0.0.1, port", outcome.Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_list_keeps_one_line_a_name_and_a_printer()
    {
        await using var printer = await ScriptedPrinter.StartAsync();
        await using var folder = new PrintingFolder();
        var address = PrintingFolder.Parse(printer.Address);
        var cancel = TestContext.Current.CancellationToken;

        var saved = Assert.IsType<PrinterSave.Saved>(await folder.Desk.AddAsync("Copier", address, cancel)).Printer;
        Assert.Contains("already", Assert.IsType<PrinterSave.Refused>(await folder.Desk.AddAsync("copier", PrintingFolder.Parse($"{printer.Address}/other"), cancel)).Sentence, StringComparison.Ordinal);
        Assert.Contains("“Copier”", Assert.IsType<PrinterSave.Refused>(await folder.Desk.AddAsync("Second", address, cancel)).Sentence, StringComparison.Ordinal);
        Assert.StartsWith("Nothing was added", Assert.IsType<PrinterSave.Refused>(
            await folder.Desk.AddAsync("Gone", PrintingFolder.Parse($"ipp://127.0.0.1:{Parts.FreePort.Next()}"), cancel)).Sentence, StringComparison.Ordinal);

        Assert.Equal([saved], folder.Reread().All);
        await folder.Printers.RemoveAsync(saved);
        Assert.Empty(folder.Reread().All);
        Assert.Empty(folder.Printers.All);
    }

    private static async Task MisbehaveAsync(HttpContext context, string how, byte[] answer, string elsewhere)
    {
        switch (how)
        {
            case "redirect":
                context.Response.Redirect(elsewhere.Replace("ipp:", "http:", StringComparison.Ordinal), permanent: true, preserveMethod: true);
                break;
            case "password": context.Response.StatusCode = (int)HttpStatusCode.Unauthorized; break;
            case "missing": context.Response.StatusCode = (int)HttpStatusCode.NotFound; break;
            case "upgrade": context.Response.StatusCode = (int)HttpStatusCode.UpgradeRequired; break;
            case "page": await context.Response.WriteAsync("<html>A page of a router</html>"); break;
            case "empty": break;
            case "large":
                await context.Response.Body.WriteAsync(answer);
                await context.Response.Body.WriteAsync(new byte[2 << 20]);
                break;
            case "other":
                answer[7]++;
                await context.Response.Body.WriteAsync(answer);
                break;
            case "broken":
                context.Response.ContentLength = 100;
                await context.Response.Body.WriteAsync(answer.AsMemory(0, 20));
                context.Abort();
                break;
        }
    }
}
