using System.Security.Cryptography.X509Certificates;
using System.Text;
using DeviceMail.Accounts;
using DeviceMail.Network;
using DeviceMail.Queue;
using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Parts;
using Microsoft.Extensions.DependencyInjection;

namespace DeviceMail.Tests.Network;

/// <summary>CA Certificate and Root Certificate Update: what is taken, what is refused, and that it counts at once.</summary>
public sealed class CertificateTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pem_der_and_a_chain_file_are_imported_once_each()
    {
        await using var gateway = await LabGateway.StartAsync();
        using var authority = new TestAuthority();
        using var other = new TestAuthority();
        var certificates = gateway.Services.GetRequiredService<CaCertificates>();
        Assert.Equal("CN=PRETEND lab root", Assert.Single(certificates.All).Subject);
        var (pem, second) = (await File.ReadAllTextAsync(authority.RootFile, Cancel), await File.ReadAllTextAsync(other.RootFile, Cancel));

        var imported = Assert.IsType<CertificateImport.Imported>(await certificates.ImportAsync(Encoding.UTF8.GetBytes(pem)));
        Assert.Equal("CN=Test CA", Assert.Single(imported.Added).Subject);
        using var der = X509Certificate2.CreateFromPem(pem);
        imported = Assert.IsType<CertificateImport.Imported>(await certificates.ImportAsync(der.RawData));
        Assert.Equal((0, 1), (imported.Added.Count, imported.Known));
        imported = Assert.IsType<CertificateImport.Imported>(await certificates.ImportAsync(Encoding.UTF8.GetBytes($"subject=Test CA\n{pem}\n{second}")));
        Assert.Equal((1, 1), (imported.Added.Count, imported.Known));
        Assert.Equal(3, certificates.All.Count);

        await gateway.RestartAsync();
        certificates = gateway.Services.GetRequiredService<CaCertificates>();
        Assert.Equal(3, certificates.All.Count);
        Assert.Equal("CN=Test CA", (await certificates.RemoveAsync(imported.Added[0].Fingerprint))!.Subject);
        Assert.Equal(2, certificates.All.Count);
    }

    [Fact]
    public async Task What_is_no_authoritys_certificate_is_refused_with_a_sentence()
    {
        await using var gateway = await LabGateway.StartAsync();
        using var authority = new TestAuthority();
        var certificates = gateway.Services.GetRequiredService<CaCertificates>();
        var files = new Dictionary<string, byte[]>
        {
            ["empty"] = [],
            ["This is no certificate"] = "hello"u8.ToArray(),
            ["no certificate. It must be PEM"] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"u8.ToArray(),
            ["It must be PEM, a text"] = "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n"u8.ToArray(),
            ["holds a private key"] = await File.ReadAllBytesAsync(authority.GoodKeyFile, Cancel),
            ["PKCS #12"] = authority.Good.Export(X509ContentType.Pkcs12),
            ["is the certificate of a server"] = await File.ReadAllBytesAsync(authority.GoodFile, Cancel),
            ["larger than 256 KB"] = new byte[CaCertificates.LargestFile + 1],
            ["51 certificates"] = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(await File.ReadAllTextAsync(authority.RootFile, Cancel) + "\n", 51))),
        };
        foreach (var (words, octets) in files)
            Assert.Contains(words, Assert.IsType<CertificateImport.Refused>(await certificates.ImportAsync(octets)).Sentence, StringComparison.Ordinal);
        Assert.Single(certificates.All);
    }

    [Fact]
    public async Task A_ca_certificate_counts_at_once_for_mail_and_its_removal_too()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        var certificates = gateway.Services.GetRequiredService<CaCertificates>();
        await gateway.HandInAsync("first", "anna@contoso.example");
        await gateway.ArrivesAsync("anna@contoso.example");

        var root = Assert.Single(certificates.All);
        await certificates.RemoveAsync(root.Fingerprint);
        await gateway.HandInAsync("held", "ben@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Queue.List(new JobFilter(JobState.Held)).Any(job => job.Problem == "certificate-refused"));

        await certificates.ImportAsync(Encoding.UTF8.GetBytes(gateway.Lab.RootCertificatePem));
        await gateway.ArrivesAsync("ben@contoso.example");
    }

    [Fact]
    public async Task A_ca_certificate_counts_at_once_for_sign_ins_and_its_removal_too()
    {
        await using var gateway = await LabGateway.StartAsync();
        using var authority = new TestAuthority();
        await using var provider = await OidcProvider.StartAsync(new OidcKnobs { Authority = authority });
        var account = gateway.Account with { OAuth = new OAuthEndpoints { Issuer = provider.Issuer, Scopes = "openid offline_access" }, ClientId = OidcProvider.ClientId };
        Assert.IsType<AccountSave.Saved>(await gateway.Services.GetRequiredService<AccountRegister>().SaveAsync(account));
        var certificates = gateway.Services.GetRequiredService<CaCertificates>();
        Assert.False(await AnswersAsync(gateway));
        var imported = Assert.IsType<CertificateImport.Imported>(await certificates.ImportAsync(await File.ReadAllBytesAsync(authority.RootFile, Cancel)));
        Assert.True(await AnswersAsync(gateway));
        await certificates.RemoveAsync(imported.Added[0].Fingerprint);
        Assert.False(await AnswersAsync(gateway));
    }

    [Fact]
    public async Task A_file_of_roots_takes_the_systems_place_until_it_is_given_back()
    {
        await using var gateway = await LabGateway.StartAsync();
        using var authority = new TestAuthority();
        var roots = gateway.Services.GetRequiredService<RootCertificates>();
        Assert.False(roots.InUse.IsFile);
        Assert.Equal(RootCertificates.OfSystem.Count, roots.InUse.Count);
        await gateway.Services.GetRequiredService<CaCertificates>().RemoveAsync(gateway.Services.GetRequiredService<CaCertificates>().All[0].Fingerprint);

        Assert.Null(await roots.UseFileAsync(await File.ReadAllBytesAsync(authority.RootFile, Cancel)));
        Assert.False(await TrustsAsync(gateway));
        Assert.Null(await roots.UseFileAsync(Encoding.UTF8.GetBytes(gateway.Lab.RootCertificatePem)));
        Assert.True(await TrustsAsync(gateway));
        Assert.Contains("no root certificate", await roots.UseFileAsync(await File.ReadAllBytesAsync(authority.GoodFile, Cancel)), StringComparison.Ordinal);
        Assert.Contains("This is no certificate", await roots.UseFileAsync("nothing"u8.ToArray()), StringComparison.Ordinal);

        await gateway.RestartAsync();
        roots = gateway.Services.GetRequiredService<RootCertificates>();
        Assert.Equal((1, true), (roots.InUse.Count, roots.InUse.IsFile));
        Assert.True(await TrustsAsync(gateway));
        await roots.UseSystemAsync();
        Assert.False(roots.InUse.IsFile);
        Assert.False(await TrustsAsync(gateway));
    }

    [Fact]
    public async Task The_name_must_match_whoever_vouches()
    {
        await using var gateway = await LabGateway.StartAsync();
        using var authority = new TestAuthority();
        await gateway.Services.GetRequiredService<CaCertificates>().ImportAsync(await File.ReadAllBytesAsync(authority.RootFile, Cancel));
        var trusted = gateway.Services.GetRequiredService<TrustedRoots>();
        foreach (var (certificate, isGood) in new[] { (authority.Good, true), (authority.WrongName, false), (authority.Expired, false), (authority.Rogue, false) })
        {
            await using var server = new TlsServer(certificate);
            using var client = new MailKit.Net.Smtp.SmtpClient { CheckCertificateRevocation = false, ServerCertificateValidationCallback = trusted.For("127.0.0.1") };
            var fault = await Record.ExceptionAsync(() => client.ConnectAsync("127.0.0.1", server.Port, MailKit.Security.SecureSocketOptions.SslOnConnect, Cancel));
            Assert.Equal(isGood, fault is null);
        }
    }

    [Fact]
    public async Task A_file_that_holds_nothing_is_named_and_harms_nobody()
    {
        await using var gateway = await LabGateway.StartAsync();
        await File.WriteAllTextAsync(Path.Combine(gateway.DataPath, "trusted-roots", "broken.pem"), "-----BEGIN CERTIFICATE-----\n!\n", Cancel);
        Assert.Equal(["broken.pem"], gateway.Services.GetRequiredService<CaCertificates>().Unreadable);
        Assert.True(await TrustsAsync(gateway));
    }

    private static async Task<bool> TrustsAsync(LabGateway gateway)
    {
        var trusted = gateway.Services.GetRequiredService<TrustedRoots>();
        using var client = new MailKit.Net.Smtp.SmtpClient { CheckCertificateRevocation = false, ServerCertificateValidationCallback = trusted.For("127.0.0.1") };
        return await Record.ExceptionAsync(() => client.ConnectAsync("127.0.0.1", gateway.Lab.Smtp.Port, MailKit.Security.SecureSocketOptions.StartTls, Cancel)) is null;
    }

    /// <summary>Whether the sign-in service was believed: then its metadata is read, and the attempt goes on or ends for another reason.</summary>
    private static async Task<bool> AnswersAsync(LabGateway gateway)
    {
        var signIn = gateway.Services.GetRequiredService<AccountSignIn>();
        var start = await signIn.StartAsync(gateway.Account, Cancel);
        signIn.Cancel(gateway.Account.Id);
        return start is not SignInStart.Ended { Step: SignInStep.Blocked { Problem.Key: "unreachable" } };
    }
}
