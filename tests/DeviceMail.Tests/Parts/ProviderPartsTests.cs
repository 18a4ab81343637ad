using System.Buffers.Text;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using DeviceMail.Tests.Kit;
using MailKit.Security;

namespace DeviceMail.Tests.Parts;

/// <summary>Both providers do by themselves what the gateway's ways to sign in are to be judged by.</summary>
public sealed class ProviderPartsTests
{
    private const string Mailbox = "scanner@example.test";
    private const string Verifier = "a-verifier-of-forty-three-characters-or-more";

    private static readonly Uri _answer = new("http://127.0.0.1:45000/answer");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_OpenID_provider_trades_a_code_once_and_only_for_the_right_verifier()
    {
        using var authority = new TestAuthority();
        var proxied = new Uri("https://devicemail.example.test/sign-in");
        await using var provider = await OidcProvider.StartAsync(new OidcKnobs { Authority = authority, RedirectAddresses = [proxied] });
        using var http = PartsTests.Trusting(authority);
        Uri Asking(Uri answer, string more = "&prompt=consent") => Authorize(provider.AuthorizationEndpoint, "openid offline_access SMTP.Send", answer, more);

        var landed = await provider.AuthorizeAsync(Asking(_answer), Mailbox);
        var tokens = await TradeAsync(http, provider.TokenEndpoint, landed, _answer, Verifier);
        var wrong = await TradeAsync(http, provider.TokenEndpoint, await provider.AuthorizeAsync(Asking(proxied), Mailbox), proxied, new string('w', 43));
        var unasked = await TradeAsync(http, provider.TokenEndpoint, await provider.AuthorizeAsync(Asking(proxied, ""), Mailbox), proxied, Verifier);
        var declined = await provider.DeclineAsync(Asking(_answer));
        var plain = await provider.AuthorizeAsync(new Uri(Asking(_answer).AbsoluteUri.Replace("=S256", "=plain", StringComparison.Ordinal)), Mailbox);
        var again = await TradeAsync(http, provider.TokenEndpoint, landed, _answer, Verifier);

        Assert.Equal(_answer.GetLeftPart(UriPartial.Path), landed.GetLeftPart(UriPartial.Path));
        Assert.Equal(("of the test", provider.Issuer), (Field(landed, "state"), Field(landed, "iss")));
        Assert.Equal(Mailbox, Claim(tokens, "sub"));
        Assert.NotEmpty(Text(tokens, "refresh_token")!);
        Assert.Equal("invalid_grant", Text(wrong, "error"));
        Assert.Null(Text(unasked, "refresh_token"));
        Assert.Equal(("access_denied", provider.Issuer), (Field(declined, "error"), Field(declined, "iss")));
        Assert.Equal("invalid_request", Field(plain, "error"));
        Assert.Equal("invalid_grant", Text(again, "error"));
    }

    [Fact]
    public async Task A_provider_without_OpenID_trades_a_code_once_and_only_for_the_right_verifier()
    {
        using var authority = new TestAuthority();
        await using var provider = await SecondProvider.StartAsync(new SecondProviderKnobs { Authority = authority });
        using var http = PartsTests.Trusting(authority);
        Uri Asking(string scope = "SMTP.Send") => Authorize(provider.AuthorizationEndpoint, scope, _answer);

        var described = await http.GetFromJsonAsync<JsonElement>(new Uri($"{provider.Issuer}/.well-known/oauth-authorization-server"), Cancel);
        var landed = await provider.AuthorizeAsync(Asking(), Mailbox);
        var tokens = await TradeAsync(http, provider.TokenEndpoint, landed, _answer, Verifier);
        var again = await TradeAsync(http, provider.TokenEndpoint, landed, _answer, Verifier);
        var mistaken = await provider.AuthorizeAsync(Asking(), Mailbox);
        var wrong = await TradeAsync(http, provider.TokenEndpoint, mistaken, _answer, new string('w', 43));
        var usedUp = await TradeAsync(http, provider.TokenEndpoint, mistaken, _answer, Verifier);
        var bare = await provider.AuthorizeAsync(new Uri(Asking().AbsoluteUri.Replace("code_challenge=", "no_challenge=", StringComparison.Ordinal)), Mailbox);
        var renewed = await RenewAsync(http, provider.TokenEndpoint, Text(tokens, "refresh_token")!);
        var reused = await RenewAsync(http, provider.TokenEndpoint, Text(tokens, "refresh_token")!);

        Assert.Equal(provider.TokenEndpoint.AbsoluteUri, Text(described, "token_endpoint"));
        Assert.Equal(("of the test", null), (Field(landed, "state"), Field(landed, "iss")));
        Assert.Equal(("Bearer", "SMTP.Send", null), (Text(tokens, "token_type"), Text(tokens, "scope"), Text(tokens, "id_token")));
        Assert.All([again, wrong, usedUp, reused], answer => Assert.Equal("invalid_grant", Text(answer, "error")));
        Assert.NotEqual(Text(tokens, "refresh_token"), Text(renewed, "refresh_token"));
        Assert.NotEmpty(Text(renewed, "access_token")!);
        Assert.Equal("invalid_request", Field(bare, "error"));
        Assert.Equal("access_denied", Field(await provider.DeclineAsync(Asking()), "error"));
        Assert.Equal("invalid_scope", Field(await provider.AuthorizeAsync(Asking("openid SMTP.Send"), Mailbox), "error"));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => provider.AuthorizeAsync(Authorize(provider.AuthorizationEndpoint, "SMTP.Send", new Uri("https://else.example.test/")), Mailbox));
    }

    [Fact]
    public async Task What_the_second_provider_leaves_out_and_adds_is_as_told()
    {
        await using var provider = await SecondProvider.StartAsync(new SecondProviderKnobs { Metadata = false, NamesItself = true, Rotates = false });
        using var http = new HttpClient();

        using var described = await http.GetAsync(new Uri($"{provider.Issuer}/.well-known/oauth-authorization-server"), Cancel);
        var landed = await provider.AuthorizeAsync(Authorize(provider.AuthorizationEndpoint, "SMTP.Send", _answer), Mailbox);
        var token = Text(await TradeAsync(http, provider.TokenEndpoint, landed, _answer, Verifier), "refresh_token")!;
        JsonElement[] renewed = [await RenewAsync(http, provider.TokenEndpoint, token), await RenewAsync(http, provider.TokenEndpoint, token)];

        Assert.False(described.IsSuccessStatusCode);
        Assert.Equal(provider.Issuer, Field(landed, "iss"));
        Assert.All(renewed, answer => Assert.Null(Text(answer, "refresh_token")));
        Assert.All(renewed, answer => Assert.NotEmpty(Text(answer, "access_token")!));
    }

    [Fact]
    public async Task A_person_can_be_sent_back_to_the_asker()
    {
        await using var provider = await SecondProvider.StartAsync();
        await using var asker = await SecondProvider.StartAsync();
        var answer = new Uri($"http://127.0.0.1:{asker.Port}/");

        var page = await Person.AuthorizeAndOpenAsync(Authorize(provider.AuthorizationEndpoint, "SMTP.Send", answer), Mailbox);

        // It has no such page.
        Assert.Equal("{}", page);
    }

    [Fact]
    public async Task A_client_proves_itself_by_key_and_a_mail_server_takes_its_token()
    {
        using var key = RSA.Create(2048);
        using var folder = new Folder();
        using var certificate = SelfSigned(key);
        await File.WriteAllTextAsync(folder.In("app.pem"), certificate.ExportCertificatePem(), Cancel);
        using var authority = new TestAuthority();
        await using var provider = await OidcProvider.StartAsync(new OidcKnobs
        {
            AppCertificateFile = folder.In("app.pem"),
            AppUser = Mailbox,
            AssertionAudience = AssertionAudience.TokenEndpoint,
            AssertionThumbprint = true,
        });
        await using var sink = await SmtpSink.StartAsync();
        await using var dovecot = await DovecotSubmission.StartAsync(provider.IntrospectionAddress, sink, authority);
        var thumbprint = Base64Url.EncodeToString(certificate.GetCertHash(HashAlgorithmName.SHA256));
        using var http = new HttpClient();
        Task<JsonElement> AskAsync(string assertion, string scope = "SMTP.Send") => ProveAsync(http, provider, assertion, scope);

        var assertion = Assertion(key, provider.TokenEndpoint.AbsoluteUri, "x5t#S256", thumbprint);
        var granted = await AskAsync(assertion);
        var byDefault = await AskAsync(Assertion(key, provider.TokenEndpoint.AbsoluteUri, "x5t#S256", thumbprint), "https://outlook.office365.com/.default");
        using var stranger = RSA.Create(2048);
        JsonElement[] refused =
        [
            await AskAsync(assertion),
            await AskAsync(Assertion(stranger, provider.TokenEndpoint.AbsoluteUri, "x5t#S256", thumbprint)),
            await AskAsync(Assertion(key, provider.Issuer, "x5t#S256", thumbprint)),
            await AskAsync(Assertion(key, provider.TokenEndpoint.AbsoluteUri, "kid", "none")),
        ];
        foreach (var answer in (JsonElement[])[granted, byDefault])
            await PartsTests.SendAsync(dovecot, authority, new SaslMechanismOAuth2(Mailbox, Text(answer, "access_token")!));

        Assert.All(refused, answer => Assert.Equal("invalid_client", Text(answer, "error")));
        Assert.Null(Text(granted, "refresh_token"));
        Assert.Equal(2, (await sink.WaitForAsync(2)).Count);
    }

    [Fact]
    public async Task A_client_of_a_key_set_may_name_the_issuer_or_the_token_endpoint()
    {
        using var key = RSA.Create(2048);
        var shown = key.ExportParameters(false);
        var keys = JsonSerializer.Serialize(new
        {
            keys = new[] { new { kty = "RSA", kid = "one", use = "sig", alg = "PS256", n = Base64Url.EncodeToString(shown.Modulus), e = Base64Url.EncodeToString(shown.Exponent) } },
        });
        await using var provider = await OidcProvider.StartAsync(new OidcKnobs { AppKeys = keys });
        using var http = new HttpClient();

        foreach (var audience in (string[])[provider.Issuer, provider.TokenEndpoint.AbsoluteUri])
            Assert.NotEmpty(Text(await ProveAsync(http, provider, Assertion(key, audience, "kid", "one"), "SMTP.Send"), "access_token")!);
        Assert.Equal("invalid_client", Text(await ProveAsync(http, provider, Assertion(key, "https://else.example.test", "kid", "one"), "SMTP.Send"), "error"));
    }

    [Fact]
    public async Task A_client_proves_itself_by_secret_at_both()
    {
        await using var first = await OidcProvider.StartAsync();
        await using var second = await SecondProvider.StartAsync();
        using var http = new HttpClient();
        Task<JsonElement> AskAsync(Uri endpoint, string secret) => PostAsync(http, endpoint, new()
        {
            ["grant_type"] = "client_credentials", ["client_id"] = OidcProvider.SecretClientId, ["client_secret"] = secret, ["scope"] = "SMTP.Send",
        });

        foreach (var endpoint in (Uri[])[first.TokenEndpoint, second.TokenEndpoint])
        {
            Assert.Equal("SMTP.Send", Text(await AskAsync(endpoint, OidcProvider.Secret), "scope"));
            Assert.Equal("invalid_client", Text(await AskAsync(endpoint, "wrong"), "error"));
        }
    }

    [Fact]
    public async Task Dovecot_takes_what_the_second_provider_gave()
    {
        using var authority = new TestAuthority();
        await using var provider = await SecondProvider.StartAsync(new SecondProviderKnobs { Authority = authority });
        await using var sink = await SmtpSink.StartAsync();
        await using var dovecot = await DovecotSubmission.StartAsync(provider.IntrospectionAddress, sink, authority);
        using var http = PartsTests.Trusting(authority);

        var landed = await provider.AuthorizeAsync(Authorize(provider.AuthorizationEndpoint, "SMTP.Send", _answer), Mailbox);
        var token = Text(await TradeAsync(http, provider.TokenEndpoint, landed, _answer, Verifier), "access_token")!;
        await PartsTests.SendAsync(dovecot, authority, new SaslMechanismOAuth2(Mailbox, token));
        await Assert.ThrowsAsync<AuthenticationException>(() => PartsTests.SendAsync(dovecot, authority, new SaslMechanismOAuth2(Mailbox, "stale")));

        await sink.WaitForAsync(1);
        Assert.DoesNotContain("server_error", provider.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Openssl_tells_a_good_certificate_from_others()
    {
        using var folder = new Folder();
        using var authority = new TestAuthority();
        using var key = RSA.Create(2048);
        using var certificate = SelfSigned(key);
        var content = "signed"u8.ToArray();
        await File.WriteAllTextAsync(folder.In("app.pem"), certificate.ExportCertificatePem(), Cancel);
        await File.WriteAllTextAsync(folder.In("app.key"), key.ExportPkcs8PrivateKeyPem(), Cancel);
        var spoiled = certificate.RawData;
        spoiled[^1] ^= 1;
        await File.WriteAllTextAsync(folder.In("spoiled.pem"), PemEncoding.WriteString("CERTIFICATE", spoiled), Cancel);

        var read = await OpenSsl.ReadAsync(folder.In("app.pem"));

        Assert.Equal(("CN=DeviceMail", 2048, certificate.GetCertHashString(HashAlgorithmName.SHA256)), (read.Subject, read.KeyBits, read.Fingerprint));
        Assert.Equal((certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime()), (read.NotBefore.UtcDateTime, read.NotAfter.UtcDateTime));
        Assert.True(await OpenSsl.BelongTogetherAsync(folder.In("app.pem"), folder.In("app.key")));
        Assert.False(await OpenSsl.BelongTogetherAsync(folder.In("app.pem"), authority.GoodKeyFile));
        Assert.True(await OpenSsl.KeyIsSoundAsync(folder.In("app.key")));
        Assert.Null(await OpenSsl.SelfSignedFaultAsync(folder.In("app.pem")));
        Assert.NotNull(await OpenSsl.SelfSignedFaultAsync(folder.In("spoiled.pem")));
        Assert.NotNull(await OpenSsl.SelfSignedFaultAsync(authority.GoodFile));
        Assert.Null(await OpenSsl.FaultAsync(authority.GoodFile, authority.RootFile));
        var signature = key.SignData(content, HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        Assert.True(await OpenSsl.SignedAsync(folder.In("app.pem"), content, signature));
        Assert.False(await OpenSsl.SignedAsync(folder.In("app.pem"), [.. content, 0], signature));
    }

    private static X509Certificate2 SelfSigned(RSA key)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new CertificateRequest("CN=DeviceMail", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
    }

    private static Uri Authorize(Uri endpoint, string scope, Uri answer, string more = "")
    {
        var challenge = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(Verifier)));
        return new Uri($"{endpoint}?response_type=code&client_id={OidcProvider.ClientId}&state=of%20the%20test&scope={Uri.EscapeDataString(scope)}"
            + $"&redirect_uri={Uri.EscapeDataString(answer.AbsoluteUri)}&code_challenge={challenge}&code_challenge_method=S256{more}");
    }

    private static Task<JsonElement> TradeAsync(HttpClient http, Uri endpoint, Uri landed, Uri answer, string verifier) => PostAsync(http, endpoint, new()
    {
        ["grant_type"] = "authorization_code",
        ["client_id"] = OidcProvider.ClientId,
        ["code"] = Field(landed, "code")!,
        ["redirect_uri"] = answer.AbsoluteUri,
        ["code_verifier"] = verifier,
    });

    private static Task<JsonElement> RenewAsync(HttpClient http, Uri endpoint, string token) =>
        PostAsync(http, endpoint, new() { ["grant_type"] = "refresh_token", ["client_id"] = OidcProvider.ClientId, ["refresh_token"] = token });

    private static Task<JsonElement> ProveAsync(HttpClient http, OidcProvider provider, string assertion, string scope) => PostAsync(http, provider.TokenEndpoint, new()
    {
        ["grant_type"] = "client_credentials",
        ["client_id"] = OidcProvider.AppClientId,
        ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ["client_assertion"] = assertion,
        ["scope"] = scope,
    });

    private static string Assertion(RSA key, string audience, string keyName, string keyValue)
    {
        static string Part(Dictionary<string, object> values) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(values));
        var header = Part(new() { ["alg"] = "PS256", ["typ"] = "JWT", [keyName] = keyValue });
        var claims = Part(new()
        {
            ["iss"] = OidcProvider.AppClientId,
            ["sub"] = OidcProvider.AppClientId,
            ["aud"] = audience,
            ["exp"] = TimeProvider.System.GetUtcNow().AddMinutes(5).ToUnixTimeSeconds(),
            ["jti"] = Guid.NewGuid().ToString(),
        });
        var signature = key.SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pss);
        return $"{header}.{claims}.{Base64Url.EncodeToString(signature)}";
    }

    private static string? Field(Uri address, string name) => System.Web.HttpUtility.ParseQueryString(address.Query)[name];

    private static string? Text(JsonElement answer, string name) => answer.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static string? Claim(JsonElement tokens, string name) =>
        Text(JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(Text(tokens, "id_token")!.Split('.')[1])), name);

    private static async Task<JsonElement> PostAsync(HttpClient http, Uri endpoint, Dictionary<string, string> fields)
    {
        using var form = new FormUrlEncodedContent(fields);
        using var answer = await http.PostAsync(endpoint, form, Cancel);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }
}
