using System.Buffers;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Xml.Linq;
using DeviceMail.Lab;
using DeviceMail.Lab.Scanner;
using DeviceMail.Lab.Switches;
using DeviceMail.Tests.Kit;
using JpegLibrary;

namespace DeviceMail.Tests.Cloud;

/// <summary>The lab's scanner speaks eSCL as scanners do, and fails as they do. That real clients scan from it is for SaneTests.</summary>
public sealed class ScannerTests
{
    private static readonly string _feeder = ScannerCaller.Settings("Feeder"), _glass = ScannerCaller.Settings("Platen");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_has_the_size_the_density_and_the_colours_that_were_asked_for()
    {
        await using var caller = await ScannerCaller.StartAsync();
        foreach (var (colour, components) in ((string, int)[])[("RGB24", 3), ("Grayscale8", 1), ("BlackAndWhite1", 1)])
        {
            using var answer = await caller.NextAsync(await caller.OpenAsync(ScannerCaller.Settings("Platen", $"<scan:ColorMode>{colour}</scan:ColorMode>", 150)));
            var page = await answer.Content.ReadAsByteArrayAsync(Cancel);
            var decoder = new JpegDecoder();
            decoder.SetInput(page);
            decoder.Identify();
            Assert.Equal((1240, 1754, components), (decoder.Width, decoder.Height, decoder.NumberOfComponents));
            decoder.SetOutputWriter(new DiscardingWriter());
            decoder.Decode();
            Assert.Equal([0xFF, 0xD8, 0xFF, 0xE0, 0, 16, .. "JFIF\0"u8, 1, 1, 1, 0, 150, 0, 150], page[..18]);
            Assert.Equal(("image/jpeg", page.Length), (answer.Content.Headers.ContentType?.MediaType, (int)answer.Content.Headers.ContentLength!));
        }
        Assert.Equal([1, 2, 3], caller.Scanner.Scanned.Select((page, at) => page.Text == $"PRETEND page {at + 1} of the glass" ? at + 1 : 0));
    }

    [Fact]
    public async Task The_feeder_gives_its_sheets_in_order_and_then_404()
    {
        await using var caller = await ScannerCaller.StartAsync();
        var job = await caller.OpenAsync(_feeder);
        Assert.Equal(["Processing"], await caller.StatusAsync("State"));
        Assert.Equal(["5"], await caller.StatusAsync("ImagesToTransfer"));
        var (texts, end) = await caller.DrainAsync(job);
        Assert.Equal(ScannerCaller.Load(1, 1, 2, 3, 4, 5), texts);
        Assert.Equal(HttpStatusCode.NotFound, end);
        Assert.Equal(["Idle", "ScannerAdfEmpty", "Completed", "5"],
            [.. await caller.StatusAsync("State"), .. await caller.StatusAsync("AdfState"), .. await caller.StatusAsync("JobState"), .. await caller.StatusAsync("ImagesCompleted")]);

        using (var empty = await caller.AskAsync(_feeder)) Assert.Equal(HttpStatusCode.Conflict, empty.StatusCode);
        caller.Scanner.Load(2);
        (texts, _) = await caller.DrainAsync(await caller.OpenAsync(ScannerCaller.Settings("Feeder", "<scan:Duplex>true</scan:Duplex><scan:ColorMode>Grayscale8</scan:ColorMode>")));
        Assert.Equal(ScannerCaller.Load(2, 1, 2, 3, 4), texts);
        Assert.Equal(0, caller.Scanner.SheetsInFeeder);
    }

    [Fact]
    public async Task A_PDF_holds_all_pages_of_the_run_and_other_tools_read_it()
    {
        using var folder = new Folder();
        await using var caller = await ScannerCaller.StartAsync();
        var job = await caller.OpenAsync(ScannerCaller.Settings("Feeder", "<scan:ColorMode>RGB24</scan:ColorMode><pwg:DocumentFormat>application/pdf</pwg:DocumentFormat>"));
        using (var answer = await caller.NextAsync(job)) await File.WriteAllBytesAsync(folder.In("scan.pdf"), await answer.Content.ReadAsByteArrayAsync(Cancel), Cancel);
        using (var end = await caller.NextAsync(job)) Assert.Equal(HttpStatusCode.NotFound, end.StatusCode);
        var check = await Parts.Tool.RunAsync("qpdf", "--check", folder.In("scan.pdf"));
        Assert.True(check.ExitCode == 0, check.ToString());
        var pages = await Parts.Tool.RunAsync("qpdf", "--show-npages", folder.In("scan.pdf"));
        Assert.Equal("5", pages.Output.Trim());
        Assert.Equal(0, caller.Scanner.SheetsInFeeder);
    }

    [Fact]
    public async Task A_jam_aborts_the_job_and_the_next_run_goes_on_with_the_jammed_sheet()
    {
        await using var caller = await ScannerCaller.StartAsync();
        caller.Scanner.Switches.JamAtSheet = 3;
        caller.Scanner.Switches.AbortedAnswer = 410;
        var (texts, end) = await caller.DrainAsync(await caller.OpenAsync(_feeder));
        Assert.Equal((2, HttpStatusCode.Gone), (texts.Count, end));
        Assert.Equal(["Stopped", "ScannerAdfJam", "Aborted", "ScannerAdfJam"],
            [.. await caller.StatusAsync("State"), .. await caller.StatusAsync("AdfState"), .. await caller.StatusAsync("JobState"), .. await caller.StatusAsync("JobStateReason")]);
        using (var jammed = await caller.AskAsync(_feeder)) Assert.Equal(HttpStatusCode.Conflict, jammed.StatusCode);

        caller.Scanner.ClearJam();
        (texts, _) = await caller.DrainAsync(await caller.OpenAsync(_feeder));
        Assert.Equal(ScannerCaller.Load(1, 3, 4, 5), texts);
    }

    [Fact]
    public async Task A_connection_that_is_cut_in_mid_page_leaves_its_sheet_in_the_feeder()
    {
        await using var caller = await ScannerCaller.StartAsync();
        foreach (var (chunked, load) in ((bool, int)[])[(false, 2), (true, 3)])
        {
            caller.Scanner.Load(4);
            (caller.Scanner.Switches.LengthLeftOut, caller.Scanner.Switches.CutAtPage) = (chunked, 2);
            var job = await caller.OpenAsync(_feeder);
            using (var whole = await caller.NextAsync(job)) Assert.Equal(ScannerCaller.Load(load, 1)[0], ScannerCaller.TextOf(await whole.Content.ReadAsByteArrayAsync(Cancel)));
            using (var torn = await caller.NextAsync(job))
            {
                Assert.Equal((HttpStatusCode.OK, chunked), (torn.StatusCode, torn.Content.Headers.ContentLength is null));
                using var arrived = new MemoryStream();
                await Assert.ThrowsAnyAsync<Exception>(() => torn.Content.CopyToAsync(arrived, Cancel));
                Assert.InRange(arrived.Length, caller.Scanner.Scanned[^1].Octets / 3, caller.Scanner.Scanned[^1].Octets * 2 / 3);
            }
            await LabGateway.EventuallyAsync(() => caller.Scanner.Current is null);
            var (texts, _) = await caller.DrainAsync(await caller.OpenAsync(_feeder));
            Assert.Equal(ScannerCaller.Load(load, 2, 3, 4), texts);
        }
    }

    [Fact]
    public async Task A_PDF_that_is_cut_puts_all_its_sheets_back()
    {
        await using var caller = await ScannerCaller.StartAsync();
        caller.Scanner.Switches.CutAtPage = 3;
        using (var torn = await caller.NextAsync(await caller.OpenAsync(ScannerCaller.Settings("Feeder", "<pwg:DocumentFormat>application/pdf</pwg:DocumentFormat>"))))
            await Assert.ThrowsAnyAsync<Exception>(() => torn.Content.ReadAsByteArrayAsync(Cancel));
        await LabGateway.EventuallyAsync(() => caller.Scanner.Current is null);
        Assert.Equal((5, 0), (caller.Scanner.SheetsInFeeder, caller.Scanner.Scanned.Count));
    }

    [Fact]
    public async Task Busy_says_when_to_come_again_and_a_second_job_waits_for_the_first()
    {
        await using var caller = await ScannerCaller.StartAsync();
        (caller.Scanner.Switches.BusyNextJobs, caller.Scanner.Switches.BusyNextPages, caller.Scanner.Switches.RetryAfterSeconds) = (1, 1, 7);
        using (var busy = await caller.AskAsync(_glass)) Assert.Equal((HttpStatusCode.ServiceUnavailable, 7), (busy.StatusCode, busy.Headers.RetryAfter!.Delta!.Value.Seconds));
        var job = await caller.OpenAsync(_glass);
        using (var other = await caller.AskAsync(_glass)) Assert.Equal(HttpStatusCode.ServiceUnavailable, other.StatusCode);
        using (var early = await caller.NextAsync(job)) Assert.Equal((HttpStatusCode.ServiceUnavailable, 7), (early.StatusCode, early.Headers.RetryAfter!.Delta!.Value.Seconds));
        Assert.Single((await caller.DrainAsync(job)).Texts);
    }

    [Fact]
    public async Task A_job_that_its_client_forgot_does_not_lock_the_scanner()
    {
        var time = new SteppedTime();
        await using var caller = await ScannerCaller.StartAsync(new LabOptions { Time = time });
        await caller.OpenAsync(_feeder);
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(5, (await caller.DrainAsync(await caller.OpenAsync(_feeder))).Texts.Count);
    }

    [Fact]
    public async Task A_job_can_be_cancelled_in_mid_page_and_the_sheet_stays()
    {
        var time = new SteppedTime();
        await using var caller = await ScannerCaller.StartAsync(new LabOptions { Time = time });
        caller.Scanner.Switches.MillisecondsAPage = 5000;
        var job = await caller.OpenAsync(_feeder);
        using var slow = await caller.NextAsync(job);
        Assert.Equal(["ScannerAdfProcessing"], await caller.StatusAsync("AdfState"));
        using (var deleted = await caller.Http.DeleteAsync(job, Cancel)) Assert.Equal(HttpStatusCode.OK, deleted.StatusCode);
        await Assert.ThrowsAnyAsync<Exception>(() => slow.Content.ReadAsByteArrayAsync(Cancel));
        Assert.Equal(["Canceled"], await caller.StatusAsync("JobState"));
        Assert.Equal(5, caller.Scanner.SheetsInFeeder);
        using var after = await caller.NextAsync(job);
        Assert.Equal(HttpStatusCode.NotFound, after.StatusCode);
    }

    [Fact]
    public async Task Asleep_answers_nothing_until_it_wakes()
    {
        await using var caller = await ScannerCaller.StartAsync();
        caller.Scanner.Switches.Sleep = ScannerSleep.Unreachable;
        await Assert.ThrowsAsync<HttpRequestException>(() => caller.StatusAsync("State"));
        caller.Scanner.Switches.Sleep = ScannerSleep.Silent;
        var waiting = caller.StatusAsync("State");
        Assert.False(waiting.IsCompleted);
        caller.Scanner.Switches.Sleep = ScannerSleep.Awake;
        Assert.Equal(["Idle"], await waiting);
    }

    [Fact]
    public async Task What_the_scanner_cannot_do_is_refused_and_nonsense_too()
    {
        await using var caller = await ScannerCaller.StartAsync();
        var switches = caller.Scanner.Switches;
        async Task RefusedAsync(HttpStatusCode expected, string settings)
        {
            using var answer = await caller.AskAsync(settings);
            Assert.Equal(expected, answer.StatusCode);
        }
        await RefusedAsync(HttpStatusCode.BadRequest, "no XML");
        await RefusedAsync(HttpStatusCode.BadRequest, $"<!DOCTYPE a [<!ENTITY b SYSTEM \"file:///etc/hostname\">]>{_glass[(_glass.IndexOf("?>", StringComparison.Ordinal) + 2)..]}");
        await RefusedAsync(HttpStatusCode.BadRequest, ScannerCaller.Settings("Platen", "<scan:ColorMode>Purple</scan:ColorMode>"));
        await RefusedAsync(HttpStatusCode.Conflict, ScannerCaller.Settings("Platen", dpi: 123));
        await RefusedAsync(HttpStatusCode.Conflict, ScannerCaller.Settings("Platen", "<pwg:DocumentFormat>image/tiff</pwg:DocumentFormat>"));
        switches.CoverOpen = true;
        await RefusedAsync(HttpStatusCode.Conflict, _feeder);
        Assert.Equal(["Stopped", "ScannerAdfHatchOpen"], [.. await caller.StatusAsync("State"), .. await caller.StatusAsync("AdfState")]);
        (switches.CoverOpen, switches.WithoutFeeder, switches.WithoutPdf) = (false, true, true);
        await RefusedAsync(HttpStatusCode.Conflict, _feeder);
        await RefusedAsync(HttpStatusCode.Conflict, ScannerCaller.Settings("Platen", "<pwg:DocumentFormat>application/pdf</pwg:DocumentFormat>"));
        var capabilities = XDocument.Parse(await caller.Http.GetStringAsync(new Uri(caller.Scanner.Address, "ScannerCapabilities"), Cancel));
        Assert.DoesNotContain(capabilities.Descendants(), one => one.Name.LocalName == "Adf" || one.Value == "application/pdf");
    }

    [Fact]
    public async Task Location_may_be_a_path_alone()
    {
        await using var caller = await ScannerCaller.StartAsync();
        caller.Scanner.Switches.RelativeLocation = true;
        using var answer = await caller.AskAsync(_glass);
        Assert.StartsWith("/eSCL/ScanJobs/", answer.Headers.Location!.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_TLS_the_scanner_shows_a_certificate_of_its_own_and_another_after_a_reset()
    {
        await using var caller = await ScannerCaller.StartAsync(new LabOptions { ScannerHttpsPort = 0 });
        var shown = new List<string>();
        for (var visit = 0; visit < 2; visit++)
        {
            using var http = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, certificate, _, _) => { shown.Add(certificate!.Thumbprint); return true; } });
            Assert.Contains("ScannerCapabilities", await http.GetStringAsync(new Uri(caller.Scanner.HttpsAddress!, "ScannerCapabilities"), Cancel), StringComparison.Ordinal);
            caller.Lab.ScannerCertificate.Renew();
        }
        Assert.Equal(2, shown.Distinct().Count());
        await Assert.ThrowsAsync<HttpRequestException>(() => caller.Http.GetStringAsync(caller.Scanner.HttpsAddress, Cancel));
    }

    [Fact]
    public async Task The_page_and_the_calls_do_what_a_person_does_at_the_scanner()
    {
        await using var caller = await ScannerCaller.StartAsync();
        using (var loaded = await caller.Http.PostAsJsonAsync(new Uri(caller.Lab.Web, "api/scanner/load"), new { sheets = 20 }, Cancel)) Assert.True(loaded.IsSuccessStatusCode);
        using (var turned = await caller.Http.PostAsJsonAsync(new Uri(caller.Lab.Web, "api/switches/scanner-jam-at"), new { value = 7 }, Cancel)) Assert.True(turned.IsSuccessStatusCode);
        Assert.Equal((20, 7), (caller.Scanner.SheetsInFeeder, caller.Scanner.Switches.JamAtSheet));
        await caller.DrainAsync(await caller.OpenAsync(_feeder));
        var page = await caller.Http.GetStringAsync(new Uri(caller.Lab.Web, "scanner"), Cancel);
        Assert.Contains("PRETEND", page, StringComparison.Ordinal);
        Assert.Contains("14 sheets of load 2", page, StringComparison.Ordinal);
        Assert.Contains("A sheet is jammed.", page, StringComparison.Ordinal);
        using var form = new FormUrlEncodedContent([new("shown-scanner-cover-open", "1"), new("scanner-cover-open", "on")]);
        using (await caller.Http.PostAsync(new Uri(caller.Lab.Web, "scanner"), form, Cancel))
        using (await caller.Http.PostAsync(new Uri(caller.Lab.Web, "scanner/clear"), null, Cancel))
            Assert.Equal((true, false), (caller.Scanner.Switches.CoverOpen, caller.Scanner.Jammed));
    }

    private sealed class DiscardingWriter : JpegBlockOutputWriter
    {
        public override void WriteBlock(ref short blockRef, int componentIndex, int x, int y)
        {
        }
    }
}
