using System.Globalization;
using DeviceMail.Lab.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DeviceMail.Lab.Mailboxes;

/// <summary>Mailboxes to look into.</summary>
public sealed class MailboxPages(LabMailboxes mailboxes)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/mailboxes", IResult (HttpContext c) => All(c));
        routes.MapPost("/mailboxes/empty", IResult () =>
        {
            mailboxes.Clear();
            return Results.Redirect("/mailboxes");
        });
        routes.MapGet("/mailboxes/{address}", IResult (HttpContext c, string address) => One(c, address));
        routes.MapGet("/mailboxes/{address}/{id}", IResult (HttpContext c, string address, string id) =>
            mailboxes.Find(address, id) is { } message ? Read(c, message) : Results.NotFound());
    }

    private IResult All(HttpContext c)
    {
        var rows = Html.Each(mailboxes.Addresses, address => Html.Of(
            $"""<tr><th scope="row"><a href="{Link(address)}">{address}</a></th><td>{mailboxes[address].Count} messages</td></tr>"""));
        return Page.Show(c, "Mailboxes", rows.Text.Length == 0 ? Html.Of($"<p>No message has arrived yet.</p>") : Html.Of($"""
            <table><thead><tr><th>Mailbox</th><th>Messages</th></tr></thead><tbody>{rows}</tbody></table>
            <form method="post" action="/mailboxes/empty"><button>Empty all mailboxes</button></form>
            """));
    }

    private IResult One(HttpContext c, string address)
    {
        var rows = Html.Each(mailboxes[address].Reverse(), message => Html.Of($"""
            <tr><th scope="row"><a href="{Link(address, message.Id)}">{Subject(message)}</a></th>
            <td>{message.Envelope.Sender}</td><td>{message.ReceivedAt}</td><td>{message.Body.Size} bytes</td></tr>
            """));
        return Page.Show(c, address, rows.Text.Length == 0 ? Html.Of($"<p>No message has arrived here yet.</p>") : Html.Of($"""
            <table><thead><tr><th>Subject</th><th>From</th><th>Received</th><th>Size</th></tr></thead><tbody>{rows}</tbody></table>
            """));
    }

    private static IResult Read(HttpContext c, LabMessage message)
    {
        var content = message.Content;
        var headers = Html.Each(content.Headers, field => Html.Of($"<dt>{field.Key}</dt><dd>{field.Value}</dd>"));
        var attachments = Html.Each(content.Attachments, file => Html.Of(
            $"""<tr><th scope="row">{file.Name}</th><td>{file.Size} bytes</td><td><code>{file.Sha256}</code></td></tr>"""));
        return Page.Show(c, Subject(message), Html.Of($"""
            <p><a href="/api{Link(message.Mailbox, message.Id)}/raw">Download the message as it arrived</a> ({message.Body.Size} bytes)</p>
            <section><h2>Envelope</h2>
            <dl><dt>Sender</dt><dd>{message.Envelope.Sender}</dd><dt>Recipients</dt><dd>{string.Join(", ", message.Envelope.Recipients)}</dd>
            <dt>Signed in</dt><dd>{message.Envelope.SignedIn}</dd><dt>Way</dt><dd>{message.Envelope.Way}, token of {message.Envelope.TokenOf}</dd><dt>Received</dt><dd>{message.ReceivedAt}</dd><dt>SHA-256</dt><dd><code>{message.Body.Sha256}</code></dd></dl></section>
            <section><h2>Attachments</h2><table><thead><tr><th>Name</th><th>Size</th><th>SHA-256</th></tr></thead><tbody>{attachments}</tbody></table></section>
            <section><h2>Text</h2><pre>{content.Text}</pre></section>
            <section><h2>Header</h2><dl>{headers}</dl></section>
            """));
    }

    private static string Subject(LabMessage message) =>
        message.Content.Header("Subject") is { Length: > 0 } subject ? subject : string.Create(CultureInfo.InvariantCulture, $"(no subject, message {message.Id})");

    private static string Link(params string[] parts) => "/mailboxes/" + string.Join('/', parts.Select(Uri.EscapeDataString));
}
