using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeviceMail.Devices;
using DeviceMail.Receiving;
using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Parts;

namespace DeviceMail.Tests.Receiving;

/// <summary>Encryption as devices meet it: the gateway's own certificate or the administrator's, new TLS for all and old TLS for single addresses.</summary>
public sealed class TlsTests(ReceivingGateway gateway) : IClassFixture<ReceivingGateway>
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_gateway_shows_its_own_certificate(bool implicitly)
    {
        await using var client = await RawSmtp.ReachAsync(implicitly ? gateway.SmtpOverTls : gateway.Smtp);
        if (!implicitly)
        {
            await client.ReplyAsync();
            await client.SayAsync("STARTTLS");
        }
        using var own = X509CertificateLoader.LoadCertificateFromFile(gateway.CertificateFile);
        var tls = await client.StartTlsAsync((_, shown, _, _) => shown!.GetCertHashString() == own.Thumbprint);
        Assert.True(tls.SslProtocol is SslProtocols.Tls12 or SslProtocols.Tls13);
        if (implicitly) Assert.StartsWith("220 ", await client.ReplyAsync(), StringComparison.Ordinal);
        await client.BeginDataAsync();
        Assert.Equal("ESMTPS", gateway.JobOf(await client.SayAsync("Subject: tls\r\n\r\n.")).Origin.Protocol);
        Assert.Equal(SmtpAnswers.Bye, await client.SayAsync("QUIT"));
        Assert.Equal("", await client.RestAsync());
    }

    [Fact]
    public async Task A_certificate_that_was_put_in_its_place_is_shown_with_its_chain()
    {
        using var folder = new Folder();
        await using var own = new ReceivingGateway { Prepare = data => PutChain(Path.Combine(data, "tls"), folder.In("root.pem")) };
        await own.InitializeAsync();

        var result = await Tool.RunAsync(new ToolCall("openssl", "s_client", "-connect", own.Smtp.ToString(), "-starttls", "smtp", "-brief", "-nocommands", "-ign_eof",
            "-CAfile", folder.In("root.pem"), "-verify_return_error", "-verify_hostname", "mail.contoso.example") { Input = "QUIT\r\n" });

        Assert.True(result.ExitCode == 0, result.ToString());
        Assert.Contains("Verification: OK", result.Errors + result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("unexpected eof", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-tls1", "TLSv1", "AES128-SHA:AES256-SHA")]
    [InlineData("-tls1_1", "TLSv1.1", "ALL")]
    public async Task Old_TLS_is_for_an_address_that_is_allowed_it(string option, string version, string ciphers)
    {
        await gateway.AllowAsync(option == "-tls1" ? "127.0.12.1" : "127.0.12.2", HabitWords.Printer | Habits.OldTls);
        var old = await OpenSslAsync(option == "-tls1" ? "127.0.12.1" : "127.0.12.2", option, ciphers);
        var other = await OpenSslAsync("127.0.0.1", option, ciphers);

        Assert.Contains($"Protocol version: {version}\n", old.Errors, StringComparison.Ordinal);
        Assert.Equal(0, old.ExitCode);
        Assert.DoesNotContain("Protocol version:", other.Errors, StringComparison.Ordinal);
        Assert.NotEqual(0, other.ExitCode);
    }

    [Theory]
    [InlineData("-tls1", "127.0.12.3")]
    [InlineData("-tls1_2", "127.0.12.4")]
    public async Task Encryption_that_encrypts_nothing_is_refused_even_there(string option, string address)
    {
        await gateway.AllowAsync(address, HabitWords.Printer | Habits.OldTls);

        var result = await OpenSslAsync(address, option, "eNULL:aNULL");

        Assert.Contains("handshake failure", result.Errors, StringComparison.Ordinal);
        Assert.NotEqual(0, result.ExitCode);
    }

    private Task<ToolResult> OpenSslAsync(string from, string option, string ciphers) => Tool.RunAsync(
        new ToolCall("openssl", "s_client", "-connect", gateway.Smtp.ToString(), "-bind", from, "-starttls", "smtp", option, "-cipher", $"{ciphers}:@SECLEVEL=0", "-brief")
        {
            Input = "QUIT\r\n",
        });

    /// <summary>Makes a root, an authority under it, and a certificate of that, as an administrator gets them.</summary>
    private static void PutChain(string tls, string rootFile)
    {
        var now = TimeProvider.System.GetUtcNow();
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var middleKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var key = RSA.Create(2048);
        using var root = AuthorityOf("Root", rootKey).CreateSelfSigned(now.AddDays(-2), now.AddDays(9));
        using var middle = AuthorityOf("Between", middleKey).Create(root, now.AddDays(-1), now.AddDays(8), [1]).CopyWithPrivateKey(middleKey);
        var request = new CertificateRequest("CN=mail.contoso.example", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("mail.contoso.example");
        request.CertificateExtensions.Add(names.Build());
        using var leaf = request.Create(middle.SubjectName, X509SignatureGenerator.CreateForECDsa(middleKey), now.AddDays(-1), now.AddDays(7), [2]);
        Directory.CreateDirectory(tls);
        File.WriteAllText(rootFile, root.ExportCertificatePem());
        File.WriteAllText(Path.Combine(tls, "server.pem"), $"{leaf.ExportCertificatePem()}\n{middle.ExportCertificatePem()}\n");
        File.WriteAllText(Path.Combine(tls, "server.key"), key.ExportPkcs8PrivateKeyPem());
    }

    private static CertificateRequest AuthorityOf(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request;
    }
}
