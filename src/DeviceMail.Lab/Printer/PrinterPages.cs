using System.Net;
using DeviceMail.Lab.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DeviceMail.Lab.Printer;

/// <summary>The printer's panel: where to, and Scan.</summary>
public sealed class PrinterPages(PretendPrinter printer)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/printer", IResult (HttpContext c) => Show(c, "anna@contoso.example", Html.Nothing));
        routes.MapPost("/printer", async Task<IResult> (HttpContext c) => await ScanAsync(c, await c.Request.ReadFormAsync(c.RequestAborted)));
    }

    private async Task<IResult> ScanAsync(HttpContext c, IFormCollection form)
    {
        var recipient = form["recipient"].ToString().Trim();
        if (form["gateway"].ToString() is { Length: > 0 } typed)
        {
            if (!IPEndPoint.TryParse(typed, out var gateway))
                return Show(c, recipient, Html.Of($"""<p class="notice" role="alert">The gateway is an IP address and a port, such as 127.0.0.1:2525.</p>"""));
            printer.Gateway = gateway;
        }

        printer.UserName = form["user"].ToString();
        printer.Password = form["password"].ToString();
        var result = await printer.ScanAsync(recipient, c.RequestAborted);
        var dialogue = string.Join('\n', result.Dialogue);
        var answer = result.Accepted ? "The gateway took the scan." : "The gateway did not take the scan.";
        return Show(c, recipient, Html.Of($"""
            <section role="status"><h2>{answer}</h2>
            <dl><dt>Last reply</dt><dd><code>{result.Reply}</code></dd><dt>PDF</dt><dd>{result.PdfBytes} bytes</dd>
            <dt>SHA-256</dt><dd><code>{result.PdfSha256}</code></dd></dl>
            <p><a href="/mailboxes/{recipient}">Open the mailbox of {recipient}</a></p>
            <pre>{dialogue}</pre></section>
            """));
    }

    private IResult Show(HttpContext c, string recipient, Html result) => Page.Show(c, "PRETEND printer", Html.Of($"""
        <p>Scans a page with a text and much noise, and hands it to the gateway by plain SMTP as {PretendPrinter.Sender}.</p>
        <form method="post" action="/printer">
        <div class="field"><label for="gateway">Gateway</label><input id="gateway" name="gateway" value="{printer.Gateway?.ToString()}" required></div>
        <div class="field"><label for="recipient">Scan to</label><input id="recipient" name="recipient" value="{recipient}" required></div>
        <div class="field"><label for="user">User name</label><input id="user" name="user" value="{printer.UserName}" autocomplete="off">
        <small class="hint">Empty: the printer does not sign in.</small></div>
        <div class="field"><label for="password">Password</label><input id="password" name="password" type="password" autocomplete="off"></div>
        <div class="actions"><button class="primary">Scan</button></div>
        </form>
        {result}
        """));
}
