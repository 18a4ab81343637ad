using DeviceMail.Activity;
using DeviceMail.Web;

namespace DeviceMail.Scanning;

/// <param name="Scanner">Of the list.</param>
/// <param name="Look">How it is now.</param>
public sealed record ScannerLine(Scanner Scanner, ScannerLook Look);

/// <param name="Found">Announces itself on the network.</param>
/// <param name="InList">Its name in the list; null: it is not in it.</param>
public sealed record FoundLine(FoundScanner Found, string? InList);

/// <param name="Shell">What stands around.</param>
/// <param name="Scanners">By name.</param>
public sealed record ScannersModel(PageShell Shell, IReadOnlyList<ScannerLine> Scanners)
{
    /// <summary>What a search found; null: nobody searched.</summary>
    public IReadOnlyList<FoundLine>? Found { get; init; }

    /// <summary>What was typed.</summary>
    public string Address { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>Why the last press did nothing, or null.</summary>
    public string? Fault { get; init; }

    /// <summary>The scanner that was added just now, or null.</summary>
    public Scanner? Added { get; init; }
}

/// <summary>To My Email > Scanners in Web Config: list, find, add, remove.</summary>
internal static class ScannersPage
{
    public static void MapScannersPage(this WebApplication app)
    {
        app.MapGet(Menu.Scanners.Address, async Task<IResult> (HttpContext context) => ScannersView.Create(await ModelAsync(context) with
        {
            Added = long.TryParse(context.Request.Query["added"], out var id) ? context.Part<ScannerRegister>().Find(id) : null,
        }));
        app.MapPost(Menu.Scanners.Address, async Task<IResult> (HttpContext context) =>
        {
            var posted = await context.Request.ReadFormAsync();
            return posted["do"].ToString() switch
            {
                "find" => await FindAsync(context),
                "remove" => await RemoveAsync(context, posted),
                _ => await AddAsync(context, posted),
            };
        });
    }

    private static async Task<IResult> FindAsync(HttpContext context)
    {
        var scanners = context.Part<ScannerRegister>();
        var found = context.Part<ScannerDesk>().FindAsync(context.RequestAborted);
        var model = await ModelAsync(context);
        context.Note(new Deed("Looked for scanners on the network", "Scanners"));
        return ScannersView.Create(model with { Found = [.. (await found).Select(one => new FoundLine(one, scanners.Find(one)?.Name))] });
    }

    private static async Task<IResult> AddAsync(HttpContext context, IFormCollection posted)
    {
        var asked = new NewScanner(posted["address"].ToString().Trim(), posted["name"].ToString().Trim());
        switch (await context.Part<ScannerDesk>().AddAsync(asked, WebPerson.Of(context), context.RequestAborted))
        {
            case ScannerSave.Saved { Scanner: var scanner }:
                context.Note(new Deed("Added a scanner", scanner.Name) { After = scanner.Address.ToString() });
                return Redirects.See($"{Menu.Scanners.Address}?added={scanner.Id}");
            case ScannerSave.Refused refused:
                var page = ScannersView.Create(await ModelAsync(context) with { Address = asked.Address, Name = asked.Name ?? "", Fault = refused.Sentence });
                page.StatusCode = StatusCodes.Status422UnprocessableEntity;
                return page;
            default: throw new InvalidOperationException("A save is saved or refused.");
        }
    }

    private static async Task<IResult> RemoveAsync(HttpContext context, IFormCollection posted)
    {
        if (long.TryParse(posted["scanner"], out var id) && context.Part<ScannerRegister>().Find(id) is { } scanner)
        {
            await context.Part<ScannerDesk>().RemoveAsync(scanner, WebPerson.Of(context));
            context.Note(new Deed("Removed a scanner", scanner.Name) { Before = scanner.Address.ToString() });
        }
        return Redirects.See(Menu.Scanners.Address);
    }

    private static async Task<ScannersModel> ModelAsync(HttpContext context)
    {
        var desk = context.Part<ScanDesk>();
        var lines = await Task.WhenAll(context.Part<ScannerRegister>().All.Select(async scanner => new ScannerLine(scanner, await desk.LookAsync(scanner, context.RequestAborted))));
        return new ScannersModel(context.Part<PageShells>().For(context, Menu.Scanners, "Scanners"), lines);
    }
}
