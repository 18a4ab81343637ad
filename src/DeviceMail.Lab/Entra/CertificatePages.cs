using System.Security.Cryptography;
using DeviceMail.Lab.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DeviceMail.Lab.Entra;

/// <summary>Where an administrator uploads the gateway's certificate: "Certificates and secrets" of the registration.</summary>
public sealed class CertificatePages(LabTenant tenant)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/certificates", IResult (HttpContext c) => Show(c, null));
        routes.MapPost("/certificates", async Task<IResult> (HttpContext c) =>
        {
            var form = await c.Request.ReadFormAsync(c.RequestAborted);
            return Add(form["pem"].ToString()) is { Error: { } error } ? Show(c, error) : Results.Redirect("/certificates");
        });
        routes.MapPost("/api/certificates", async Task<IResult> (HttpContext c) =>
        {
            var request = await c.Request.ReadFromJsonAsync(ApprovalJson.Default.CertificateUpload, c.RequestAborted);
            var answer = Add(request?.Pem ?? "");
            return Results.Json(answer, ApprovalJson.Default.CertificateAnswer, statusCode: answer.Error is null ? 201 : 400);
        });
    }

    private CertificateAnswer Add(string pem)
    {
        try
        {
            return new(tenant.AddCertificate(pem), null);
        }
        catch (CryptographicException)
        {
            return new(null, "This is no certificate in PEM with an RSA key.");
        }
    }

    private IResult Show(HttpContext c, string? error)
    {
        var rows = Html.Each(tenant.Certificates.All, certificate => Html.Of(
            $"""<tr><th scope="row"><code>{certificate.Thumbprint}</code></th><td>{certificate.Subject}</td><td>{new DateTimeOffset(certificate.NotAfter.ToUniversalTime())}</td></tr>"""));
        var table = rows.Text.Length == 0 ? Html.Of($"<p>No certificate has been uploaded yet.</p>") : Html.Of($"""
            <table><thead><tr><th>Thumbprint</th><th>Subject</th><th>Good until</th></tr></thead><tbody>{rows}</tbody></table>
            """);
        var fault = error is null ? Html.Nothing : Html.Of($"""<p class="notice" role="alert">{error}</p>""");
        return Page.Show(c, "Certificates", Html.Of($"""
            {fault}
            <p>Whoever has the key of one of these certificates is DeviceMail, without a person who signs in.</p>
            {table}
            <form method="post" action="/certificates">
            <div class="field"><label for="pem">Certificate (PEM)</label>
            <textarea id="pem" name="pem" rows="8" spellcheck="false" autocomplete="off" required></textarea>
            <small class="hint">From BEGIN CERTIFICATE to END CERTIFICATE. The private key stays with the gateway.</small></div>
            <div class="actions"><button class="primary">Upload certificate</button></div>
            </form>
            """));
    }
}
