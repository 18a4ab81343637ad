using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace DeviceMail.Lab.Scanner;

/// <summary>Hands out pages as they are scanned: a JPEG a request, or one PDF with all pages of the run.</summary>
public sealed class ScannerDelivery(PretendScanner scanner, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

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
        finally
        {
            // The connection carries other requests afterwards.
            job.Stop = null;
        }
    }

    private async Task SendJpegAsync(HttpContext c, ScanJob job, ScanTurn.Page page)
    {
        var image = _images.Make(job.Ticket, page.Number, page.Text);
        if (!scanner.Switches.LengthLeftOut)
            c.Response.ContentLength = image.Length;
        await WriteAsync(c, new([.. image.Pieces.SkipLast(1)]), page.Number);
        // Before the two octets of the end, so that who has the page whole finds its sheet gone and the next one ready.
        scanner.Finish(job, page, image.Length);
        await c.Response.Body.WriteAsync(image.Pieces[^1], c.RequestAborted);
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

    /// <summary>
    /// Ends the connection behind what was sent. Aborting it alone would take that back as well, so that the client is left
    /// to close its side first.
    /// </summary>
    private async Task CutAsync(HttpContext c)
    {
        c.Features.Get<IConnectionSocketFeature>()!.Socket.Shutdown(SocketShutdown.Send);
        await Task.Delay(Patience, time, c.RequestAborted);
        throw new IOException("The switch cut the connection.");
    }

    /// <summary>In the middle of a page.</summary>
    private async Task PauseAsync(HttpContext c, int number)
    {
        await c.Response.Body.FlushAsync(c.RequestAborted);
        if (scanner.TakeCut(number))
            await CutAsync(c);
        if (scanner.Switches.MillisecondsAPage > 0)
            await Task.Delay(TimeSpan.FromMilliseconds(scanner.Switches.MillisecondsAPage), time, c.RequestAborted);
    }
}
