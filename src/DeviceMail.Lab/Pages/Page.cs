using Microsoft.AspNetCore.Http;

namespace DeviceMail.Lab.Pages;

/// <summary>The frame of every page, with the band that says PRETEND.</summary>
public static class Page
{
    private static readonly (string Address, string Title)[] Tabs =
        [("/", "Lab"), ("/device", "Sign in"), ("/certificates", "Certificates"), ("/mailboxes", "Mailboxes"), ("/switches", "Switches"), ("/printer", "Printer"), ("/scanner", "Scanner")];

    public static IResult Show(HttpContext c, string title, Html body) => Show(c, title, body, "'self'");

    /// <summary>A page whose forms end at another address: browsers hold redirects after a form to the same rule as the form.</summary>
    public static IResult ShowLeaving(HttpContext c, string title, Html body, Uri target) =>
        Show(c, title, body, $"'self' {target.GetLeftPart(UriPartial.Authority)}");

    private static IResult Show(HttpContext c, string title, Html body, string formAction)
    {
        c.Response.Headers.ContentSecurityPolicy = $"default-src 'none'; style-src 'self'; form-action {formAction}; frame-ancestors 'none'";
        c.Response.Headers.CacheControl = "no-store";
        var path = c.Request.Path.Value ?? "/";
        var tabs = Html.Each(Tabs, tab => Html.Of($"<li><a href=\"{tab.Address}\"{Current(path, tab.Address)}>{tab.Title}</a></li>"));
        return Results.Content(Html.Of($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{title} · PRETEND Microsoft 365</title>
            <link rel="stylesheet" href="/lab.css">
            </head>
            <body>
            <a class="skip" href="#content">Skip to content</a>
            <header>
            <p class="pretend"><strong>PRETEND</strong> This is DeviceMail's lab, not Microsoft. Never type a real password here.</p>
            <div class="bar"><nav aria-label="Lab"><ul>{tabs}</ul></nav></div>
            </header>
            <main id="content">
            <h1>{title}</h1>
            {body}
            </main>
            </body>
            </html>
            """).Text, "text/html; charset=utf-8");
    }

    private static Html Current(string path, string tab)
    {
        var here = tab == "/" ? path == "/" : path == tab || path.StartsWith(tab + "/", StringComparison.Ordinal);
        return here ? new(" aria-current=\"page\"") : Html.Nothing;
    }
}
