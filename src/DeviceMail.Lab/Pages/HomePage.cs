using DeviceMail.Lab.Entra;
using DeviceMail.Lab.Switches;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DeviceMail.Lab.Pages;

/// <summary>The lab's first page: what it is made of and what to type into the gateway.</summary>
public sealed class HomePage(PretendCloud cloud)
{
    private static readonly string Style = ReadStyle();

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", IResult (HttpContext c) => Show(c));
        routes.MapGet("/lab.css", IResult () => Results.Content(Style, "text/css; charset=utf-8"));
    }

    private IResult Show(HttpContext c)
    {
        var healthy = new LabSwitches();
        var turned = SwitchTable.Rows.Where(row => row.Read(cloud.Switches) != row.Read(healthy)).Select(row => row.Title).ToArray();
        var state = turned.Length == 0 ? Html.Of($"<p>Everything works; no switch is turned.</p>")
            : Html.Of($"""<p class="notice">Turned: {string.Join("; ", turned)}. <a href="/switches">Open the switches</a></p>""");
        var accounts = Html.Each(cloud.Tenant.Accounts, account => Html.Of(
            $"""<tr><th scope="row"><a href="/mailboxes/{account.Address}">{account.Address}</a></th><td>{account.Name}</td><td>{account.Kind.ToString()}</td></tr>"""));
        var counters = cloud.Counters;
        return Page.Show(c, "The lab", Html.Of($"""
            <p>A pretend Microsoft 365 for one organisation. Here a gateway can sign in, send, and be refused, and nothing leaves this machine.</p>
            {state}
            <ul>
            <li><a href="/device">Sign in with a code</a>: what a person does at Microsoft's page.</li>
            <li><a href="/mailboxes">Mailboxes</a>: what has arrived.</li>
            <li><a href="/switches">Switches</a>: make it misbehave.</li>
            <li><a href="/printer">Printer</a>: scan a page to the gateway.</li>
            </ul>
            <section>
            <h2>For the gateway</h2>
            <dl>
            <dt>Sign-in service</dt><dd><code>{cloud.Web.ToString()}</code></dd>
            <dt>Directory (tenant) ID</dt><dd><code>{LabTenant.TenantId.ToString()}</code></dd>
            <dt>Application (client) ID</dt><dd><code>{LabTenant.ClientId.ToString()}</code></dd>
            <dt>Microsoft Graph</dt><dd><code>{cloud.Web.ToString()}graph/v1.0</code></dd>
            <dt>SMTP server</dt><dd><code>{cloud.Smtp.ToString()}</code>, STARTTLS</dd>
            </dl>
            </section>
            <section>
            <h2>Accounts</h2>
            <p>Any password is right.</p>
            <table><thead><tr><th>Address</th><th>Name</th><th>Kind</th></tr></thead><tbody>{accounts}</tbody></table>
            </section>
            <section>
            <h2>Asked so far</h2>
            <dl>
            <dt>Sign-in codes</dt><dd>{counters.DeviceCodes}</dd>
            <dt>Token calls</dt><dd>{counters.TokenCalls}, of them {counters.DevicePolls} polls and {counters.Refreshes} refreshes</dd>
            <dt>SMTP</dt><dd>{counters.SmtpConnections} connections, {counters.SmtpSignIns} sign-ins, {counters.SmtpSignInsRefused} refused, {counters.SmtpMessages} messages</dd>
            </dl>
            </section>
            """));
    }

    private static string ReadStyle()
    {
        using var stream = typeof(HomePage).Assembly.GetManifestResourceStream("lab.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
