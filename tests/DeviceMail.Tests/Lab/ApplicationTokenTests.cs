using System.Buffers.Text;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using DeviceMail.Lab.Entra;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Cloud;

/// <summary>The lab's tokens without a person: by secret, by certificate, and what they open at SMTP.</summary>
public sealed class ApplicationTokenTests
{
    private const string Scope = "https://outlook.office365.com/.default";

    [Fact]
    public async Task The_secret_must_be_right_and_in_its_time_and_the_scope_must_be_the_default_of_one_resource()
    {
        await using var caller = await LabCaller.StartAsync();
        var secret = ("client_secret", LabTenant.ClientSecret);
        caller.Lab.Switches.PublicClientFlowsOff = true;
        var answer = await caller.ForApplicationAsync(Scope, secret);
        Assert.False(answer.TryGetProperty("refresh_token", out _) || answer.TryGetProperty("id_token", out _));
        Assert.Equal(7000218, LabCaller.Number(await caller.ForApplicationAsync(Scope)));
        Assert.Equal(7000215, LabCaller.Number(await caller.ForApplicationAsync(Scope, ("client_secret", "wrong"))));
        Assert.Equal(1002012, LabCaller.Number(await caller.ForApplicationAsync(LabCaller.SmtpScope, secret)));
        Assert.Equal(1002012, LabCaller.Number(await caller.ForApplicationAsync($"{Scope} https://graph.microsoft.com/.default", secret)));
        Assert.Equal(50059, LabCaller.Number(await caller.TokenAsync("common", ("grant_type", "client_credentials"), ("scope", Scope), secret)));
        caller.Lab.Switches.ClientSecretExpired = true;
        Assert.Equal(7000222, LabCaller.Number(await caller.ForApplicationAsync(Scope, secret)));
    }

    [Fact]
    public async Task An_assertion_of_an_uploaded_certificate_is_taken_once_and_in_its_time_only()
    {
        var time = new SteppedTime();
        await using var caller = await LabCaller.StartAsync(time);
        using var key = RSA.Create(2048);
        using var certificate = Certificate(key, time, 30);
        Assert.Equal(700027, await RefusalAsync(Assertion(certificate, key)));
        caller.Lab.Tenant.AddCertificate(certificate.ExportCertificatePem());

        var good = Assertion(certificate, key);
        Assert.Equal(0, await RefusalAsync(good));
        Assert.Equal(700027, await RefusalAsync(good));
        Assert.Equal(0, await RefusalAsync(Assertion(certificate, key, audience: $"{caller.Lab.Issuer}")));
        Assert.Equal(700023, await RefusalAsync(Assertion(certificate, key, audience: "https://login.example/")));
        Assert.Equal(700024, await RefusalAsync(Assertion(certificate, key, minutes: -1)));
        Assert.Equal(700024, await RefusalAsync(Assertion(certificate, key, minutes: 60)));
        using var other = RSA.Create(2048);
        Assert.Equal(700027, await RefusalAsync(Assertion(certificate, other)));
        time.Advance(TimeSpan.FromDays(31));
        Assert.Equal(1000502, await RefusalAsync(Assertion(certificate, key)));

        async Task<int> RefusalAsync(string assertion) => LabCaller.Number(await caller.ForApplicationAsync(Scope,
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"), ("client_assertion", assertion)));

        string Assertion(X509Certificate2 named, RSA signing, string? audience = null, int minutes = 10)
        {
            var now = time.GetUtcNow();
            var header = $$"""{"alg":"PS256","typ":"JWT","x5t#S256":"{{Base64Url.EncodeToString(named.GetCertHash(HashAlgorithmName.SHA256))}}"}""";
            var claims = JsonSerializer.Serialize(new
            {
                iss = LabTenant.ClientId,
                sub = LabTenant.ClientId,
                aud = audience ?? $"{caller.Lab.Web}{LabTenant.TenantId}/oauth2/v2.0/token",
                jti = Guid.NewGuid(),
                nbf = now.ToUnixTimeSeconds(),
                exp = now.AddMinutes(minutes).ToUnixTimeSeconds(),
            });
            var unsigned = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
            return $"{unsigned}.{Base64Url.EncodeToString(signing.SignData(Encoding.ASCII.GetBytes(unsigned), HashAlgorithmName.SHA256, RSASignaturePadding.Pss))}";
        }
    }

    [Fact]
    public async Task A_certificate_is_uploaded_by_a_call_too()
    {
        await using var caller = await LabCaller.StartAsync();
        using var key = RSA.Create(2048);
        using var certificate = Certificate(key, TimeProvider.System, 30);
        using var answer = await caller.CallAsync(HttpMethod.Post, new Uri(caller.Lab.Web, "api/certificates"), null, JsonContent.Create(new { pem = certificate.ExportCertificatePem() }));
        Assert.Equal(certificate.Thumbprint, (await answer.Content.ReadFromJsonAsync<JsonElement>(LabCaller.Cancel)).GetProperty("thumbprint").GetString());
        using var refused = await caller.CallAsync(HttpMethod.Post, new Uri(caller.Lab.Web, "api/certificates"), null, JsonContent.Create(new { pem = "nothing" }));
        Assert.Equal(400, (int)refused.StatusCode);
    }

    [Fact]
    public async Task At_SMTP_the_application_needs_its_permission_and_its_right_on_the_mailbox()
    {
        await using var caller = await LabCaller.StartAsync();
        Assert.StartsWith("535 5.7.3", await SignInAsync(), StringComparison.Ordinal);
        caller.Lab.Tenant.AllowApplicationPermission("outlook/SMTP.SendAsApp");
        caller.Lab.Switches.SmtpAuthOffForOrganisation = true;
        Assert.StartsWith("535 5.7.139", await SignInAsync(), StringComparison.Ordinal);
        caller.Lab.Switches.SmtpAuthOffForOrganisation = false;
        Assert.StartsWith("430 4.2.0 STOREDRV", await SignInAsync(), StringComparison.Ordinal);
        caller.Lab.Tenant.AllowApplication(LabCaller.Mailbox);
        Assert.StartsWith("250 2.0.0", await SignInAsync(), StringComparison.Ordinal);
        var envelope = Assert.Single(caller.Lab.Mailboxes["anna@contoso.example"]).Envelope;
        Assert.Equal(("smtp", LabCaller.Mailbox, SessionOrigin.Application), (envelope.Way, envelope.SignedIn, envelope.Origin));

        async Task<string> SignInAsync()
        {
            var token = (await caller.ForApplicationAsync(Scope, ("client_secret", LabTenant.ClientSecret))).GetProperty("access_token").GetString();
            await using var smtp = await RawSmtp.ConnectAsync(caller.Lab.Smtp);
            Assert.StartsWith("220", await smtp.SayAllAsync("EHLO gateway", "STARTTLS"), StringComparison.Ordinal);
            await smtp.StartTlsAsync();
            var response = Convert.ToBase64String(Encoding.ASCII.GetBytes($"user={LabCaller.Mailbox}\u0001auth=Bearer {token}\u0001\u0001"));
            var reply = await smtp.SayAllAsync("EHLO gateway", $"AUTH XOAUTH2 {response}");
            return reply[0] == '2'
                ? await smtp.SayAllAsync($"MAIL FROM:<{LabCaller.Mailbox}>", "RCPT TO:<anna@contoso.example>", "DATA", $"From: {LabCaller.Mailbox}\r\n\r\nHello\r\n.")
                : reply;
        }
    }

    private static X509Certificate2 Certificate(RSA key, TimeProvider time, int days)
    {
        var now = time.GetUtcNow();
        return new CertificateRequest("CN=DeviceMail", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(now.AddDays(-1), now.AddDays(days));
    }
}
