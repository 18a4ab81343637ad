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
            $"""<tr><th scope="row">{account.Address}</th><td><a href="/mailboxes/{account.Mailbox}">{account.Mailbox}</a></td><td>{account.Name}</td><td>{account.Kind.ToString()}</td></tr>"""));
        var counters = cloud.Counters;
        return Page.Show(c, "The lab", Html.Of($"""
            <p>A pretend Microsoft 365 for one organisation. Here a gateway can sign in, send, and be refused, and nothing leaves this machine.</p>
            {state}
            <ul>
            <li><a href="/device">Sign in with a code</a>: what a person does at Microsoft's page.</li>
            <li><a href="/certificates">Certificates</a>: paste the gateway's certificate, for signing in without a person.</li>
            <li><a href="/mailboxes">Mailboxes</a>: what has arrived.</li>
            <li><a href="/switches">Switches</a>: make it misbehave.</li>
            <li><a href="/printer">Printer</a>: scan a page to the gateway.</li>
            <li><a href="/scanner">Scanner</a>: put sheets in, and let it jam.</li>
            </ul>
            <section>
            <h2>For the gateway</h2>
            <dl>
            <dt>Sign-in service</dt><dd><code>{cloud.Web.ToString()}</code></dd>
            <dt>Directory (tenant) ID</dt><dd><code>{LabTenant.TenantId.ToString()}</code></dd>
            <dt>Application (client) ID</dt><dd><code>{LabTenant.ClientId.ToString()}</code></dd>
            <dt>Authority</dt><dd><code>{cloud.Web.ToString()}{LabTenant.TenantId.ToString()}</code></dd>
            <dt>Issuer</dt><dd><code>{cloud.Issuer.ToString()}</code></dd>
            <dt>Client secret</dt><dd><code>{LabTenant.ClientSecret}</code></dd>
            <dt>Redirect URIs</dt><dd>{Html.Each(cloud.Tenant.RedirectUris.All, uri => Html.Of($"<code>{uri}</code> "))}</dd>
            <dt>Scope for SMTP</dt><dd><code>https://outlook.office.com/SMTP.Send</code></dd>
            <dt>Scope for Graph</dt><dd><code>https://graph.microsoft.com/Mail.Send</code>, for large mail also <code>https://graph.microsoft.com/Mail.ReadWrite</code></dd>
            <dt>Scopes without a person</dt><dd><code>{ApplicationScope.OutlookOffice365}</code>, <code>{ApplicationScope.Graph}</code></dd>
            <dt>Graph</dt><dd><code>{cloud.Graph.ToString()}</code></dd>
            <dt>Scanner</dt><dd><code>{cloud.Scanner.Address.ToString()}</code>, eSCL</dd>
            <dt>SMTP server</dt><dd><code>{cloud.Smtp.ToString()}</code>, STARTTLS</dd>
            </dl>
            </section>
            <section>
            <h2>Accounts</h2>
            <p>Any password is right.</p>
            <table><thead><tr><th>Account</th><th>Mailbox</th><th>Name</th><th>Kind</th></tr></thead><tbody>{accounts}</tbody></table>
            </section>
            <section>
            <h2>Asked so far</h2>
            <dl>
            <dt>Sign-in codes</dt><dd>{counters.DeviceCodes}</dd>
            <dt>Token calls</dt><dd>{counters.TokenCalls}, of them {counters.DevicePolls} polls and {counters.Refreshes} refreshes</dd>
            <dt>Graph</dt><dd>{counters.GraphCalls} calls, {counters.GraphMessages} messages</dd>
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
