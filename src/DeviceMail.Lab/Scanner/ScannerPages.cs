using System.Globalization;
using DeviceMail.Lab.Pages;
using DeviceMail.Lab.Switches;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DeviceMail.Lab.Scanner;

/// <summary>What a person does at the pretend scanner: sheets into the feeder, cover, jam; and what clients have got.</summary>
public sealed class ScannerPages(PretendScanner scanner, LabSwitches switches)
{
    private const int MostSheets = 500;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/scanner", IResult (HttpContext c) => Show(c, Html.Nothing));
        routes.MapPost("/scanner", async Task<IResult> (HttpContext c) =>
        {
            var refused = SwitchPages.Take(switches, await c.Request.ReadFormAsync(c.RequestAborted));
            return refused.Count == 0 ? Results.Redirect("/scanner") : Show(c, SwitchPages.Notice(refused));
        });
        routes.MapPost("/scanner/load", async Task<IResult> (HttpContext c) => Load(c, await c.Request.ReadFormAsync(c.RequestAborted)));
        routes.MapPost("/scanner/clear", IResult () =>
        {
            scanner.ClearJam();
            return Results.Redirect("/scanner");
        });
    }

    private IResult Load(HttpContext c, IFormCollection form)
    {
        if (!int.TryParse(form["sheets"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var sheets) || sheets > MostSheets)
            return Show(c, Html.Of($"""<p class="notice" role="alert">Sheets are a number from 0 to {MostSheets}.</p>"""));
        scanner.Load(sheets);
        return Results.Redirect("/scanner");
    }

    private IResult Show(HttpContext c, Html notice)
    {
        var jam = scanner.Jammed
            ? Html.Of($"""<form method="post" action="/scanner/clear"><p class="notice">A sheet is jammed.</p><button>Take the jammed sheet out and put it back</button></form>""")
            : Html.Nothing;
        var https = scanner.HttpsAddress is { } address ? Html.Of($"<dt>With TLS</dt><dd><code>{address.ToString()}</code></dd>") : Html.Nothing;
        var pages = Html.Each(scanner.Scanned.Reverse().Take(50), page => Html.Of(
            $"<tr><td>{page.At}</td><td>{page.Text}</td><td>{page.Ticket.Colour.ToString()}</td><td>{page.Ticket.Dpi} dpi</td><td>{page.Ticket.Format}</td><td>{page.Octets}</td></tr>"));
        return Page.Show(c, "PRETEND scanner", Html.Of($"""
            <p>A network scanner with a glass and a feeder, which speaks eSCL (AirScan, Mopria).</p>
            {notice}
            <dl>
            <dt>Address</dt><dd><code>{scanner.Address.ToString()}</code></dd>{https}
            <dt>In the feeder</dt><dd>{scanner.SheetsInFeeder} sheets of load {scanner.FeederLoad}</dd>
            <dt>Job</dt><dd>{(scanner.Current is { } job ? $"{job.Completed} pages so far" : "none")}</dd>
            </dl>
            {jam}
            <form method="post" action="/scanner/load">
            <div class="field"><label for="sheets">Sheets</label><input id="sheets" name="sheets" value="5" inputmode="numeric" autocomplete="off"></div>
            <div class="actions"><button class="primary">Put new sheets into the feeder</button></div>
            </form>
            <form method="post" action="/scanner">{SwitchPages.Fields(switches, SwitchTable.Scanner)}<div class="actions"><button class="primary">Save the switches</button></div></form>
            <section>
            <h2>Scanned</h2>
            <table><thead><tr><th>When</th><th>What</th><th>Colour</th><th>Resolution</th><th>As</th><th>Octets</th></tr></thead><tbody>{pages}</tbody></table>
            </section>
            """));
    }
}
