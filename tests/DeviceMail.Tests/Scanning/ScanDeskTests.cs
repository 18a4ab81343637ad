using System.Text;
using DeviceMail.Scanning;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.Time.Testing;

namespace DeviceMail.Tests.Scanning;

/// <summary>What a scanner may answer during a run, and what becomes of the pages.</summary>
public sealed class ScanDeskTests
{
    private const string Next = "GET /eSCL/ScanJobs/41/NextDocument", Status = "GET /eSCL/ScannerStatus", Post = "POST /eSCL/ScanJobs", Delete = "DELETE /eSCL/ScanJobs/41";

    private static readonly byte[] _jpeg = ScriptedScanner.Jpeg;

    [Fact]
    public async Task A_feeder_is_scanned_page_by_page_into_whole_files()
    {
        await using var scanner = new ScriptedScanner().With(_jpeg, [.. _jpeg[..^2], .. new byte[600_000], 0xFF, 0xD9], _jpeg);
        await using var folder = new ScanningFolder();

        var steps = await folder.ScanAsync(scanner, new ScanSettings { Sides = ScanSides.Both, Colour = ScanColour.Grey });

        var pages = steps.OfType<ScanStep.Page>().Select(page => page.File).ToList();
        Assert.Equal([10, 600_010, 10], pages.Select(page => page.Octets));
        Assert.All(pages, page => Assert.Equal((page.Octets, "image/jpeg"), (new FileInfo(page.Path).Length, page.MediaType)));
        Assert.Equal(3, steps.OfType<ScanStep.PageBegins>().Count());
        Assert.NotEmpty(steps.OfType<ScanStep.Receiving>());
        Assert.IsType<ScanStep.Finished>(steps[^1]);
        Assert.Equal(3, folder.Files.Count);
        Assert.Equal(0, scanner.Count("DELETE"));
        var request = scanner.Asked.Single(one => one.Line == Post).Body;
        string[] order = ["Version>2.63<", "Intent>Document<", "Width>2480<", "Height>3508<", "InputSource>Feeder<", "ColorMode>Grayscale8<", "DocumentFormat>image/jpeg<",
            "DocumentFormatExt>image/jpeg<", "XResolution>300<", "YResolution>300<", "Duplex>true<"];
        Assert.Equal(order.Length, order.Count(request.Contains));
        Assert.Equal(order.Order(Comparer<string>.Create((one, other) => request.IndexOf(one, StringComparison.Ordinal) - request.IndexOf(other, StringComparison.Ordinal))), order);
    }

    [Fact]
    public async Task A_pdf_of_the_scanner_is_passed_through_and_the_glass_is_asked_once()
    {
        await using var scanner = new ScriptedScanner().With("%PDF-1.7 made by the scanner %%EOF\n"u8.ToArray(), _jpeg);
        await using var folder = new ScanningFolder();

        var steps = await folder.ScanAsync(scanner, new ScanSettings { Source = ScanSource.Glass, Format = ScanFormat.Pdf });

        Assert.Equal("application/pdf", Assert.Single(steps.OfType<ScanStep.Page>()).File.MediaType);
        Assert.IsType<ScanStep.Finished>(steps[^1]);
        Assert.Equal((1, 1), (scanner.Count(Next), scanner.Count(Delete)));
        Assert.Contains("InputSource>Platen<", scanner.Asked.Single(one => one.Line == Post).Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/eSCL/ScanJobs/41/")]
    [InlineData("ScanJobs/41")]
    [InlineData("http://127.0.0.1:{port}/eSCL/ScanJobs/41")]
    [InlineData("HTTP://printer.local:8080/eSCL/ScanJobs/41")]
    [InlineData("https://127.0.0.2:{elsewhere}/eSCL/ScanJobs/41")]
    [InlineData("//127.0.0.1:{elsewhere}/eSCL/ScanJobs/41")]
    [InlineData("http://someone:secret@127.0.0.1:{elsewhere}/eSCL/ScanJobs/41/")]
    public async Task Whatever_location_it_names_the_scanner_itself_is_asked(string location)
    {
        await using var elsewhere = new ScriptedScanner().With(_jpeg);
        await using var scanner = new ScriptedScanner().With(_jpeg);
        await using var folder = new ScanningFolder();
        scanner.Location = location.Replace("{port}", $"{scanner.Port}", StringComparison.Ordinal).Replace("{elsewhere}", $"{elsewhere.Port}", StringComparison.Ordinal);

        Assert.IsType<ScanStep.Finished>((await folder.ScanAsync(scanner))[^1]);
        Assert.Equal(2, scanner.Count(Next));
        Assert.Empty(elsewhere.Asked);
    }

    [Theory]
    [InlineData("")]
    [InlineData("file:///eSCL/ScanJobs/41")]
    [InlineData("http://[/")]
    public async Task A_job_without_a_usable_location_is_unreadable(string location)
    {
        await using var scanner = new ScriptedScanner { Location = location };
        await using var folder = new ScanningFolder();

        Assert.Equal(ScanTroubleKind.Unreadable, (await folder.StopsAsync(scanner)).Kind);
    }

    [Theory]
    [InlineData(Next, "Retry-After: 2", 2.0)]
    [InlineData(Next, "retry-after: Tue, 24 Nov 2026 09:00:03 GMT", 3.0)]
    [InlineData(Next, "Retry-After: 86400", 4.0)]
    [InlineData(Next, "Retry-After: soon", 1.0)]
    [InlineData(Post, "RETRY-AFTER: 3", 3.0)]
    [InlineData(Post, "", 1.0)]
    public async Task A_scanner_that_is_not_ready_is_asked_again_when_it_wants_but_soon(string line, string head, double seconds)
    {
        await using var scanner = new ScriptedScanner { State = "Processing" }.With(_jpeg);
        var time = new WaitlessTime();
        await using var folder = new ScanningFolder(time);
        scanner.Misbehave = asked => asked.Line == line && scanner.Count(line) == 1 ? RawAnswer.Of(503, head) : null;

        Assert.IsType<ScanStep.Finished>((await folder.ScanAsync(scanner))[^1]);
        Assert.Equal(TimeSpan.FromSeconds(seconds), Assert.Single(time.Waits));
    }

    [Theory]
    [InlineData(Post, 60)]
    [InlineData(Next, 180)]
    public async Task A_scanner_that_stays_busy_is_given_up(string line, int seconds)
    {
        await using var scanner = new ScriptedScanner { State = "Processing", Job = "Processing" };
        var time = new WaitlessTime();
        await using var folder = new ScanningFolder(time);
        var start = time.GetUtcNow();
        scanner.Misbehave = asked => asked.Line == line ? RawAnswer.Of(503, "Retry-After: 4") : null;

        Assert.Equal(ScanTroubleKind.Busy, (await folder.StopsAsync(scanner)).Kind);
        Assert.Equal(seconds, (time.GetUtcNow() - start).TotalSeconds);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(410)]
    [InlineData(409)]
    [InlineData(204)]
    [InlineData(200)]
    public async Task The_end_is_known_however_it_is_said(int code)
    {
        await using var scanner = new ScriptedScanner().With(_jpeg);
        await using var folder = new ScanningFolder();
        scanner.Misbehave = asked => asked.Line == Next && scanner.Pages.Count == 0
            ? code == 200 ? RawAnswer.Raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") : code == 204 ? RawAnswer.Raw("HTTP/1.1 204 None\r\n\r\n") : RawAnswer.Of(code) : null;

        Assert.IsType<ScanStep.Finished>((await folder.ScanAsync(scanner))[^1]);
    }

    [Theory]
    [InlineData("ScannerAdfJam", "Aborted", ScanTroubleKind.Jammed)]
    [InlineData("ScannerAdfJam", "Completed", ScanTroubleKind.Jammed)]
    [InlineData("ScannerAdfHatchOpen", "Aborted", ScanTroubleKind.CoverOpen)]
    [InlineData("ScannerAdfDoorOpen", "", ScanTroubleKind.CoverOpen)]
    [InlineData("ScannerAdfMultipickDetected", "Processing", ScanTroubleKind.Misfed)]
    [InlineData("ScannerAdfInputTrayOverloaded", "Aborted", ScanTroubleKind.FeederTrouble)]
    [InlineData("ScannerAdfLoaded", "Aborted", ScanTroubleKind.Aborted)]
    [InlineData("ScannerAdfEmpty", "Canceled", ScanTroubleKind.Aborted)]
    [InlineData("ScannerAdfHatchOpen", "Completed", null)]
    [InlineData("ScannerAdfEmpty", "Completed", null)]
    [InlineData("ScannerAdfProcessing", "", null)]
    [InlineData("", "Completed", null)]
    public async Task The_status_after_the_end_tells_a_run_that_is_finished_from_one_that_stopped(string feeder, string job, ScanTroubleKind? stopped)
    {
        await using var scanner = new ScriptedScanner().With(_jpeg);
        await using var folder = new ScanningFolder(new WaitlessTime());
        scanner.Misbehave = asked =>
        {
            if (asked.Line == Next && scanner.Pages.Count == 0) (scanner.Feeder, scanner.Job) = (feeder, job);
            return null;
        };

        var last = (await folder.ScanAsync(scanner))[^1];

        Assert.Equal(stopped, (last as ScanStep.Stopped)?.Trouble.Kind);
        Assert.Single(folder.Files);
        Assert.Equal(stopped is null ? 0 : 1, scanner.Count(Delete));
    }

    [Fact]
    public async Task A_page_that_is_asked_for_in_vain_is_not_asked_for_again_unseen()
    {
        await using var scanner = new ScriptedScanner().With(_jpeg, _jpeg, _jpeg);
        await using var folder = new ScanningFolder(new WaitlessTime());
        // The second page is drawn in and lost: a GET that repeats itself would bring the third in its place.
        scanner.Misbehave = asked => asked.Line == Next && scanner.Count(Next) == 2 && scanner.Pages.TryDequeue(out _) ? RawAnswer.Raw("") with { Ends = true } : null;

        Assert.Equal(ScanTroubleKind.CutOff, (await folder.StopsAsync(scanner)).Kind);
        Assert.Equal(2, scanner.Count(Next));
        Assert.Single(folder.Files);
    }

    [Fact]
    public async Task A_scanner_that_falls_silent_at_the_end_is_not_finished()
    {
        await using var scanner = new ScriptedScanner().With(_jpeg);
        await using var folder = new ScanningFolder(new WaitlessTime());
        scanner.Misbehave = asked => asked.Line == Status && scanner.Count(Next) > 1 ? RawAnswer.Raw("") with { Resets = true } : null;

        var trouble = await folder.StopsAsync(scanner);

        Assert.Equal(ScanTroubleKind.CutOff, trouble.Kind);
        Assert.Contains("did not tell whether that was the last page", trouble.Sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("detects")]
    [InlineData("refuses with 503")]
    [InlineData("refuses with 409")]
    [InlineData("ends at once")]
    public async Task An_empty_feeder_is_told_before_anything_else(string how)
    {
        await using var scanner = new ScriptedScanner { Feeder = "ScannerAdfEmpty" };
        await using var folder = new ScanningFolder(new WaitlessTime());
        if (how != "detects") scanner.Capabilities = Recordings.Hp.Replace("DetectPaperLoaded", "Other", StringComparison.Ordinal);
        if (how.Contains("with", StringComparison.Ordinal)) scanner.Misbehave = asked => asked.Line == Post ? RawAnswer.Of(int.Parse(how[^3..])) : null;
        if (how == "ends at once") scanner.Job = "Aborted";

        var steps = await folder.ScanAsync(scanner);

        var trouble = Assert.IsType<ScanStep.Stopped>(Assert.Single(steps)).Trouble;
        Assert.Equal((ScanTroubleKind.FeederEmpty, "No paper is in the feeder of Copier. Put the pages in, then scan again."), (trouble.Kind, trouble.Sentence));
        Assert.Equal(how == "detects" ? 0 : 1, scanner.Count(Post));
    }

    [Theory]
    [InlineData("short of its length", ScanTroubleKind.CutOff)]
    [InlineData("chunk missing", ScanTroubleKind.CutOff)]
    [InlineData("reset", ScanTroubleKind.CutOff)]
    [InlineData("no length, no end", ScanTroubleKind.CutOff)]
    [InlineData("length too small", ScanTroubleKind.CutOff)]
    [InlineData("pdf without end", ScanTroubleKind.CutOff)]
    [InlineData("html", ScanTroubleKind.Unreadable)]
    [InlineData("jam", ScanTroubleKind.Jammed)]
    [InlineData("no answer", ScanTroubleKind.CutOff)]
    public async Task A_page_that_breaks_off_leaves_no_file_and_the_pages_before_stay(string how, ScanTroubleKind kind)
    {
        await using var scanner = new ScriptedScanner().With(_jpeg);
        await using var folder = new ScanningFolder();
        scanner.Misbehave = asked =>
        {
            if (asked.Line != Next || scanner.Pages.Count > 0) return null;
            if (how == "jam") (scanner.Feeder, scanner.Job) = ("ScannerAdfJam", "Processing");
            return how switch
            {
                "short of its length" or "jam" => RawAnswer.Raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", _jpeg) with { Ends = true },
                "chunk missing" => RawAnswer.Raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nA\r\n", [.. _jpeg, 13, 10]) with { Ends = true },
                "reset" => RawAnswer.Raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", _jpeg) with { Resets = true },
                "no length, no end" => RawAnswer.Raw("HTTP/1.1 200 OK\r\n\r\n", _jpeg[..^2]) with { Ends = true },
                "length too small" => RawAnswer.Raw("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n", _jpeg) with { Ends = true },
                "pdf without end" => RawAnswer.Raw("HTTP/1.1 200 OK\r\n\r\n%PDF-1.4 half a") with { Ends = true },
                "no answer" => RawAnswer.Raw("") with { Resets = true },
                _ => RawAnswer.Of(200, "Content-Type: text/html", "<html>Sign in</html>"),
            };
        };

        var steps = await folder.ScanAsync(scanner);

        Assert.Equal(kind, Assert.IsType<ScanStep.Stopped>(steps[^1]).Trouble.Kind);
        Assert.Equal(Assert.Single(folder.Files), Assert.Single(steps.OfType<ScanStep.Page>()).File.Path);
        Assert.Equal(1, scanner.Count(Delete));
    }

    [Fact]
    public async Task Padding_chunks_and_no_length_are_no_fault()
    {
        byte[][] answers =
        [
            [.. "HTTP/1.1 200 OK\r\ntransfer-encoding: CHUNKED\r\n\r\n5\r\n"u8, .. _jpeg[..5], .. "\r\n5\r\n"u8, .. _jpeg[5..], .. "\r\n0\r\n\r\n"u8],
            [.. "HTTP/1.1 200 OK\r\nContent-Length: 1034\r\n\r\n"u8, .. _jpeg, .. new byte[1_024]],
            [.. "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"u8, .. _jpeg],
        ];
        await using var scanner = new ScriptedScanner();
        await using var folder = new ScanningFolder();
        scanner.Misbehave = asked => asked.Line == Next && scanner.Count(Next) <= answers.Length ? new RawAnswer(answers[scanner.Count(Next) - 1]) { Ends = scanner.Count(Next) == 3 } : null;

        var steps = await folder.ScanAsync(scanner);

        Assert.IsType<ScanStep.Finished>(steps[^1]);
        Assert.Equal(3, steps.OfType<ScanStep.Page>().Count());
    }

    [Fact]
    public async Task Giving_up_takes_the_job_back_and_leaves_no_torn_page()
    {
        await using var scanner = new ScriptedScanner();
        await using var folder = new ScanningFolder();
        using var cancel = new CancellationTokenSource();
        scanner.Misbehave = asked => asked.Line == Next ? RawAnswer.Raw("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", _jpeg) : null;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var step in folder.Desk.ScanAsync(ScanningFolder.Of(scanner), new ScanSettings(), folder.Pages, cancel.Token))
                if (step is ScanStep.PageBegins) await cancel.CancelAsync();
        });

        Assert.Equal(1, scanner.Count(Delete));
        Assert.Empty(folder.Files);
    }

    [Fact]
    public async Task A_scanner_that_warms_up_for_a_minute_is_waited_for_and_one_that_stays_silent_is_not()
    {
        await using var scanner = new ScriptedScanner();
        var time = new FakeTimeProvider();
        await using var folder = new ScanningFolder(time);
        var warm = new TaskCompletionSource();
        scanner.Misbehave = asked => asked.Line == Next ? RawAnswer.Of(200, "", _jpeg) with { After = scanner.Count(Next) == 1 ? warm.Task : new TaskCompletionSource().Task } : null;

        var scanning = folder.ScanAsync(scanner);
        await LabGateway.EventuallyAsync(() => scanner.Count(Next) == 1);
        time.Advance(TimeSpan.FromSeconds(60));
        warm.SetResult();
        await LabGateway.EventuallyAsync(() => scanner.Count(Next) == 2);
        time.Advance(TimeSpan.FromSeconds(119));
        Assert.False(scanning.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        var steps = await scanning;
        Assert.Single(steps.OfType<ScanStep.Page>());
        Assert.Equal(ScanTroubleKind.Unreachable, Assert.IsType<ScanStep.Stopped>(steps[^1]).Trouble.Kind);
    }

    [Fact]
    public async Task A_disk_that_takes_no_page_is_told_as_such()
    {
        await using var scanner = new ScriptedScanner().With(_jpeg);
        await using var folder = new ScanningFolder();
        Directory.Delete(folder.Pages);

        var trouble = await folder.StopsAsync(scanner);

        Assert.Equal(ScanTroubleKind.DiskFull, trouble.Kind);
        Assert.Equal(1, scanner.Count(Delete));
    }

    [Fact]
    public async Task Settings_that_it_does_not_take_are_no_matter_of_waiting()
    {
        await using var scanner = new ScriptedScanner();
        await using var folder = new ScanningFolder();
        scanner.Misbehave = asked => asked.Line == Post ? RawAnswer.Of(409) : null;

        Assert.Contains("does not take these settings (HTTP 409)", (await folder.StopsAsync(scanner)).Sentence, StringComparison.Ordinal);
    }
}
