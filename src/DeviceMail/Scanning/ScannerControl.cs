using DeviceMail.Control;

namespace DeviceMail.Scanning;

/// <summary>One scanner as the command line shows it.</summary>
public sealed record ScannerView(string Name, string Address)
{
    /// <summary>ready, scanning, with what its feeder holds; null: it did not answer.</summary>
    public string? State { get; init; }

    public string? Model { get; init; }

    /// <summary>Feeder, Glass.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>SHA-256 of the certificate that it must show; null: none is kept.</summary>
    public string? Certificate { get; init; }

    /// <summary>Why it cannot be used, and what to do.</summary>
    public string? Trouble { get; init; }
}

/// <summary>A scanner that announces itself.</summary>
/// <param name="InList">Its name in the list; null: it is not in it.</param>
public sealed record FoundScannerView(string Name, string Model, string Place, string Address, string? InList);

public sealed record NewScanner(string Address, string? Name);

internal static class ScannerControl
{
    private const string Who = "an administrator at the command line";

    public static void Map(RouteGroupBuilder control)
    {
        control.MapGet("/scanners", async Task<IResult> (HttpContext context, ScannerRegister scanners, ScanDesk desk) => Results.Json(
            await Task.WhenAll(scanners.All.Select(scanner => ViewAsync(desk, scanner, context.RequestAborted))), ScanningJson.Default.ScannerViewArray));
        control.MapGet("/scanners/found", async Task<IResult> (HttpContext context, ScannerRegister scanners, ScannerDesk desk) => Results.Json(
            (await desk.FindAsync(context.RequestAborted)).Select(found => new FoundScannerView(found.Name, found.Model, found.Place, found.Address.ToString(), scanners.Find(found)?.Name)).ToArray(),
            ScanningJson.Default.FoundScannerViewArray));
        control.MapPost("/scanners", async Task<IResult> (HttpContext context, ScannerDesk desk) =>
            Answer(await desk.AddAsync((await context.Request.ReadFromJsonAsync(ScanningJson.Default.NewScanner))!, Who, context.RequestAborted)));
        control.MapPost("/scanners/remove", async Task<IResult> (string name, ScannerRegister scanners, ScannerDesk desk) =>
        {
            var scanner = scanners.Find(name) ?? (ScannerAddress.TryParse(name, out var address) ? scanners.Find(address) : null);
            if (scanner is null) return ControlAnswers.Refused($"There is no scanner “{name}”. `devicemail scanners` lists them.");
            await desk.RemoveAsync(scanner, Who);
            return ControlAnswers.Done($"The scanner “{scanner.Name}” is no longer in the list.");
        });
    }

    private static async Task<ScannerView> ViewAsync(ScanDesk desk, Scanner scanner, CancellationToken cancel)
    {
        var view = new ScannerView(scanner.Name, scanner.Address.ToString()) { Certificate = scanner.Certificate };
        return await desk.LookAsync(scanner, cancel) switch
        {
            ScannerLook.Answered look => view with { State = look.Status.Words, Model = look.Capabilities.Model, Sources = [.. look.Capabilities.Choices.Sources.Select(one => ScanWords.Of(one.Source))] },
            ScannerLook.Trouble trouble => view with { Trouble = trouble.Why.Sentence },
            _ => throw new InvalidOperationException("A scanner answers or is in trouble."),
        };
    }

    private static IResult Answer(ScannerSave save) => save switch
    {
        ScannerSave.Saved { Scanner: { Certificate: null } scanner } => ControlAnswers.Done($"The scanner “{scanner.Name}” is in the list."),
        ScannerSave.Saved { Scanner: var scanner } => ControlAnswers.Done($"The scanner “{scanner.Name}” is in the list. From now on it must show this certificate: SHA-256 {scanner.Certificate}."),
        ScannerSave.Refused refused => ControlAnswers.Refused(refused.Sentence),
        _ => throw new InvalidOperationException("A save is saved or refused."),
    };
}
