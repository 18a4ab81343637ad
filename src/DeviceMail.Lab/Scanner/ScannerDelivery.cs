using Microsoft.AspNetCore.Http;

namespace DeviceMail.Lab.Scanner;

/// <summary>Hands out pages as they are scanned: a JPEG a request, or one PDF with all pages of the run.</summary>
public sealed class ScannerDelivery(PretendScanner scanner, TimeProvider time)
{
    private readonly PageImages _images = new();

    /// <summary>The page goes back into the feeder when the client does not get it whole.</summary>
    public async Task SendAsync(HttpContext c, ScanJob job, ScanTurn.Page page)
    {
        job.Stop = c.Abort;
        try
        {
            c.Response.ContentType = job.Ticket.Format;
            if (job.Ticket.IsPdf)
                await SendPdfAsync(c, job, page);
            else
                await SendJpegAsync(c, job, page);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            scanner.PutBack(job);
            c.Abort();
        }
    }

    private async Task SendJpegAsync(HttpContext c, ScanJob job, ScanTurn.Page page)
    {
        var image = _images.Make(job.Ticket, page.Number, page.Text);
        if (!scanner.Switches.LengthLeftOut)
            c.Response.ContentLength = image.Length;
        await WriteAsync(c, image, page.Number);
        // Before the end of a chunked answer, so that who has it whole finds the sheet gone.
        scanner.Finish(job, page, image.Length);
        await c.Response.CompleteAsync();
    }

    private async Task SendPdfAsync(HttpContext c, ScanJob job, ScanTurn.Page first)
    {
        var pdf = new ScannerPdf();
        await c.Response.Body.WriteAsync(pdf.Start(), c.RequestAborted);
        for (ScanTurn turn = first; turn is ScanTurn.Page page; turn = scanner.Begin(job))
        {
            var image = _images.Make(job.Ticket, page.Number, page.Text);
            await WriteAsync(c, new([.. pdf.Page(job.Ticket, image)]), page.Number);
            scanner.Finish(job, page, image.Length);
        }

        await c.Response.Body.WriteAsync(pdf.End(), c.RequestAborted);
        await c.Response.CompleteAsync();
    }

    private async Task WriteAsync(HttpContext c, PageImage image, int number)
    {
        var ct = c.RequestAborted;
        var half = image.Length / 2;
        var sent = 0L;
        foreach (var piece in image.Pieces)
        {
            var upTo = (int)Math.Clamp(half - sent, 0, piece.Length);
            await c.Response.Body.WriteAsync(piece[..upTo], ct);
            if (sent < half && sent + piece.Length >= half)
                await PauseAsync(c, number);
            await c.Response.Body.WriteAsync(piece[upTo..], ct);
            sent += piece.Length;
        }

        await c.Response.Body.FlushAsync(ct);
        ct.ThrowIfCancellationRequested();
    }

    /// <summary>In the middle of a page.</summary>
    private async Task PauseAsync(HttpContext c, int number)
    {
        await c.Response.Body.FlushAsync(c.RequestAborted);
        if (scanner.TakeCut(number))
            throw new IOException("The switch cut the connection.");
        if (scanner.Switches.MillisecondsAPage > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(scanner.Switches.MillisecondsAPage), time, c.RequestAborted);
    }
}
