using System.Buffers.Text;
using System.Text;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Parts;

/// <summary>An application signs in for itself, at providers that nobody here wrote; openssl is the judge of its certificate.</summary>
public sealed class ApplicationPartsTests
{
    private const string Mailbox = WayStage.Mailbox;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData(AssertionAudience.Issuer)]
    [InlineData(AssertionAudience.TokenEndpoint)]
    public async Task An_application_proves_itself_with_the_certificate_that_the_gateway_made(AssertionAudience? audience)
    {
        await using var stage = await WayStage.StartAsync();
        using var folder = new Folder();
        var port = FreePort.Next();
        // A provider that knows itself by its token endpoint alone is set up by that endpoint, without an issuer.
        var (account, certificate) = await MakeAsync(stage, folder, port, audience == AssertionAudience.TokenEndpoint);
        await using var provider = await StartAsync(stage, port, certificate, audience);
        await stage.ServeAsync(provider.IntrospectionAddress);

        // Mail goes to another server from now on, and the application is the same.
        account = await stage.SaveAsync(account);
        Assert.Equal(Mailbox, Assert.IsType<SignInStep.SignedIn>(await stage.SignIn.SignInApplicationAsync(account, Cancel)).As);
        var made = account.NextCertificate;
        account = stage.Accounts.Find(account.Id)!;

        Assert.Equal((made, ""), (account.Certificate, account.NextCertificate));
        Assert.Null(stage.Secrets.Find(SecretNames.RefreshToken(account)));
        Assert.Equal(SignInWay.Application, stage.Accounts.SignInOf(account.Id).By);
        await stage.SendAsync("by certificate");

        // Each assertion is good once, so the gateway makes another one for each token.
        var token = Assert.IsType<AccessTokenResult.Ready>(await stage.Tokens.GetAsync(account, Cancel)).Token;
        var next = Assert.IsType<AccessTokenResult.Ready>(await stage.Tokens.RefusedAsync(account, token, Cancel)).Token;
        Assert.NotEqual(token.Reveal(), next.Reveal());

        // The provider does not know this one yet; the former goes on.
        account = await stage.SaveAsync(stage.Credentials.MakeCertificate(account));
        Assert.IsType<SignInStep.Blocked>(await stage.SignIn.SignInApplicationAsync(account, Cancel));
        Assert.IsType<AccessTokenResult.Ready>(await stage.Tokens.RefusedAsync(account, next, Cancel));
        await stage.SendAsync("by the former certificate");
        Assert.DoesNotContain("server_error", provider.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_that_wants_its_token_endpoint_as_audience_refuses_an_account_that_knows_its_issuer()
    {
        await using var stage = await WayStage.StartAsync();
        using var folder = new Folder();
        var port = FreePort.Next();
        var (account, certificate) = await MakeAsync(stage, folder, port, byTokenEndpoint: false);
        await using var provider = await StartAsync(stage, port, certificate, AssertionAudience.TokenEndpoint);

        var refused = Assert.IsType<SignInStep.Blocked>(await stage.SignIn.SignInApplicationAsync(account, Cancel));

        Assert.Equal((Problems.SetUpFault, "client authentication failed"), (refused.Problem, refused.Words));
        Assert.Null(stage.Accounts.SignInOf(account.Id).Since);
    }

    [Fact]
    public async Task Openssl_finds_certificate_key_and_assertion_good()
    {
        await using var stage = await WayStage.StartAsync();
        using var folder = new Folder();
        var (account, certificate) = await MakeAsync(stage, folder, 1, byTokenEndpoint: false);
        var key = folder.In("app.key");
        await File.WriteAllTextAsync(key, stage.Secrets.Find(SecretNames.ClientKey(account, account.NextCertificate))!.Reveal(), Cancel);
        account = await stage.SaveAsync(account with { Certificate = account.NextCertificate, NextCertificate = "" });

        var read = await OpenSsl.ReadAsync(certificate);
        var form = stage.Credentials.FormOf(account, account.OAuth).ToDictionary();
        var parts = form["client_assertion"].Split('.');
        var (signed, signature) = (Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]));

        Assert.True(await OpenSsl.KeyIsSoundAsync(key));
        Assert.True(await OpenSsl.BelongTogetherAsync(certificate, key));
        Assert.Null(await OpenSsl.SelfSignedFaultAsync(certificate));
        Assert.Equal(($"CN=DeviceMail {Mailbox}", 3072, ApplicationCertificate.Fingerprint(account.Certificate)), (read.Subject, read.KeyBits, read.Fingerprint));
        Assert.InRange(TimeProvider.System.GetUtcNow() - read.NotBefore, TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(15));
        Assert.InRange(read.NotAfter - TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(729), TimeSpan.FromDays(730));
        Assert.Equal(ApplicationCertificate.EndOf(account.Certificate), read.NotAfter);
        Assert.Contains("CA:FALSE", read.Text, StringComparison.Ordinal);
        Assert.Contains("Digital Signature", read.Text, StringComparison.Ordinal);
        Assert.True(await OpenSsl.SignedAsync(certificate, signed, signature));
        Assert.False(await OpenSsl.SignedAsync(certificate, [.. signed, 0], signature));
    }

    [Fact]
    public async Task An_application_proves_itself_by_secret_at_an_OpenID_provider()
    {
        await using var stage = await WayStage.StartAsync();
        await using var provider = await OidcProvider.StartAsync(new OidcKnobs { Authority = stage.Authority, AppUser = Mailbox });
        await stage.ServeAsync(provider.IntrospectionAddress);

        // What names a person is not asked for.
        await SignInBySecretAsync(stage, OidcProvider.SecretClientId, OidcProvider.Secret, new OAuthEndpoints { Issuer = provider.Issuer, Scopes = "openid offline_access SMTP.Send" });

        Assert.DoesNotContain("server_error", provider.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_application_proves_itself_by_secret_at_a_provider_without_OpenID()
    {
        await using var stage = await WayStage.StartAsync();
        await using var provider = await SecondProvider.StartAsync(new SecondProviderKnobs { Authority = stage.Authority, AppUser = Mailbox });
        await stage.ServeAsync(provider.IntrospectionAddress);

        await SignInBySecretAsync(stage, SecondProvider.SecretClientId, SecondProvider.Secret, new OAuthEndpoints { Token = provider.TokenEndpoint.AbsoluteUri, Scopes = "SMTP.Send" });

        Assert.DoesNotContain("server_error", provider.Log, StringComparison.Ordinal);
    }

    private static async Task SignInBySecretAsync(WayStage stage, string clientId, string secret, OAuthEndpoints endpoints)
    {
        var account = await stage.SaveAsync(WayStage.Describe(clientId, endpoints) with { SignInAs = SignInAs.Application }, "another secret");
        var refused = Assert.IsType<SignInStep.Blocked>(await stage.SignIn.SignInApplicationAsync(account, Cancel));
        Assert.Equal(370, refused.Problem.Code);
        Assert.Null(stage.Accounts.SignInOf(account.Id).Since);

        account = await stage.SaveAsync(account, secret);
        Assert.Equal(Mailbox, Assert.IsType<SignInStep.SignedIn>(await stage.SignIn.SignInApplicationAsync(account, Cancel)).As);
        await stage.SendAsync("by secret");
        var token = Assert.IsType<AccessTokenResult.Ready>(await stage.Tokens.GetAsync(account, Cancel)).Token;
        Assert.NotEqual(token.Reveal(), Assert.IsType<AccessTokenResult.Ready>(await stage.Tokens.RefusedAsync(account, token, Cancel)).Token.Reveal());
    }

    /// <summary>An account with a certificate that waits, and the file in which an administrator would carry that to the provider.</summary>
    private static async Task<(Account Account, string CertificateFile)> MakeAsync(WayStage stage, Folder folder, int port, bool byTokenEndpoint)
    {
        var issuer = $"https://localhost:{port}";
        var endpoints = byTokenEndpoint ? new OAuthEndpoints { Token = $"{issuer}/token", Scopes = "SMTP.Send" } : new OAuthEndpoints { Issuer = issuer, Scopes = "SMTP.Send" };
        var account = await stage.SaveAsync(WayStage.Describe(OidcProvider.AppClientId, endpoints) with { SignInAs = SignInAs.Application });
        account = await stage.SaveAsync(stage.Credentials.MakeCertificate(account));
        await File.WriteAllTextAsync(folder.In("app.pem"), account.NextCertificate, Cancel);
        return (account, folder.In("app.pem"));
    }

    private static Task<OidcProvider> StartAsync(WayStage stage, int port, string certificate, AssertionAudience? audience) => OidcProvider.StartAsync(new OidcKnobs
    {
        Authority = stage.Authority,
        Port = port,
        AppCertificateFile = certificate,
        AppUser = Mailbox,
        AssertionAudience = audience,
        AssertionThumbprint = true,
    });
}
