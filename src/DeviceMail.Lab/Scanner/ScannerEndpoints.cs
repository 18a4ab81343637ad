using DeviceMail.Lab.Switches;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DeviceMail.Lab.Scanner;

/// <summary>eSCL, as Mopria's specification and the scanners in the field have it.</summary>
public sealed class ScannerEndpoints(PretendScanner scanner, TimeProvider time)
{
    private const int LongestTicket = 65_536;

    private readonly ScannerDelivery _delivery = new(scanner, time);

    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/eSCL");
        group.AddEndpointFilter(async (call, next) => await WakeAsync(call.HttpContext) ? await next(call) : Results.Empty);
        group.MapGet("/ScannerCapabilities", IResult (HttpContext c) =>
            Xml(ScannerXml.Capabilities(scanner, new Uri($"{c.Request.Scheme}://{c.Request.Host}/scanner"))));
        group.MapGet("/ScannerStatus", IResult () => Xml(ScannerXml.Status(scanner, time.GetUtcNow())));
        group.MapPost("/ScanJobs", Task<IResult> (HttpContext c) => OpenAsync(c));
        group.MapGet("/ScanJobs/{id:guid}/NextDocument", Task<IResult> (HttpContext c, Guid id) => NextAsync(c, id));
        group.MapGet("/ScanJobs/{id:guid}/ScanImageInfo", IResult (Guid id) => scanner.Find(id) is { } job ? Xml(ScannerXml.ImageInfo(job)) : Results.NotFound());
        group.MapDelete("/ScanJobs/{id:guid}", IResult (Guid id) =>
        {
            if (scanner.Find(id) is not { } job)
                return Results.NotFound();
            scanner.Cancel(job);
            return Results.Ok();
        });
    }

    private async Task<IResult> OpenAsync(HttpContext c)
    {
        if (c.Request.ContentLength > LongestTicket)
            return Results.StatusCode(StatusCodes.Status413PayloadTooLarge);
        using var reader = new StreamReader(c.Request.Body);
        if (ScanTicket.Read(await reader.ReadToEndAsync(c.RequestAborted)) is not { } ticket)
            return Results.BadRequest();
        switch (scanner.Open(ticket))
        {
            case ScanJobOpening.Opened opened:
                c.Response.Headers.Location = scanner.Switches.RelativeLocation ? opened.Job.Path : $"{c.Request.Scheme}://{c.Request.Host}{opened.Job.Path}";
                return Results.StatusCode(StatusCodes.Status201Created);
            case ScanJobOpening.Refused refused:
                return Results.Text(refused.Why, statusCode: StatusCodes.Status409Conflict);
            default:
                return Later(c);
        }
    }

    private async Task<IResult> NextAsync(HttpContext c, Guid id)
    {
        if (scanner.Find(id) is not { } job)
            return Results.NotFound();
        if (scanner.Switches.TakeLatePage())
            return Later(c);
        switch (scanner.Begin(job))
        {
            case ScanTurn.Page page:
                await _delivery.SendAsync(c, job, page);
                return Results.Empty;
            case ScanTurn.Aborted when job.State == ScanJobState.Aborted:
                return Results.StatusCode(scanner.Switches.AbortedAnswer);
            default:
                return Results.NotFound();
        }
    }

    /// <summary>False when the scanner sleeps so deeply that nobody is answered.</summary>
    private async Task<bool> WakeAsync(HttpContext c)
    {
        while (scanner.Switches.Sleep == ScannerSleep.Silent)
            await scanner.Switches.Woken.WaitAsync(c.RequestAborted);
        if (scanner.Switches.Sleep == ScannerSleep.Awake)
            return true;
        c.Abort();
        return false;
    }

    private IResult Later(HttpContext c)
    {
        c.Response.Headers.RetryAfter = scanner.Switches.RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
    }

    private static IResult Xml(string document) => Results.Content(document, "text/xml");
}
