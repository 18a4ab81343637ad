using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeviceMail.Tests.Kit;
using DeviceMail.Web;

namespace DeviceMail.Tests.Web;

/// <summary>A new gateway is nobody's, and nothing of it works before somebody has made it theirs.</summary>
public sealed class FirstStartTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("/")]
    [InlineData("/email-server")]
    [InlineData("/settings")]
    [InlineData("/audit")]
    [InlineData("/no-such-page")]
    [InlineData("/login")]
    public async Task Before_the_claim_every_page_is_the_claim_page(string path)
    {
        await using var gateway = await WebGateway.StartAsync();
        using var visitor = gateway.Visit();
        using var answer = await visitor.GetAsync(path);
        Assert.Equal((HttpStatusCode.SeeOther, "/claim"), (answer.StatusCode, answer.Headers.Location?.ToString()));
        using var posted = await visitor.PostAsync(path == "/login" ? path : "/settings", ("password", WebGateway.Password));
        Assert.Equal("/claim", posted.Headers.Location?.ToString());
    }

    [Fact]
    public async Task Before_the_claim_smtp_answers_421_and_afterwards_220()
    {
        await using var gateway = await WebGateway.StartAsync();
        Assert.StartsWith("421", await GreetingAsync(gateway), StringComparison.Ordinal);
        await gateway.Part<Claim>().ClaimUnattendedAsync(WebGateway.Address, WebGateway.Password);
        Assert.StartsWith("220", await GreetingAsync(gateway), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_claim_code_works_once_and_logs_in()
    {
        await using var gateway = await WebGateway.StartAsync();
        var code = gateway.Part<Claim>().MakeCode().Text;
        using var visitor = gateway.Visit();
        Assert.Equal("/", (await ClaimAsync(visitor, code)).Headers.Location?.ToString());
        Assert.Contains("Log out", await visitor.ReadAsync("/"), StringComparison.Ordinal);
        using var other = gateway.Visit();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await ClaimAsync(other, code)).StatusCode);
    }

    [Fact]
    public async Task The_claim_code_ends_after_an_hour()
    {
        await using var gateway = await WebGateway.StartAsync();
        var code = gateway.Part<Claim>().MakeCode().Text;
        using var visitor = gateway.Visit();
        gateway.Time.Advance(TimeSpan.FromMinutes(60));
        var late = await ClaimAsync(visitor, code);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, late.StatusCode);
        Assert.Contains("devicemail claim", await late.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.False(gateway.Part<Claim>().IsClaimed);
    }

    [Fact]
    public async Task Another_code_claims_nothing()
    {
        await using var gateway = await WebGateway.StartAsync();
        gateway.Part<Claim>().MakeCode();
        using var visitor = gateway.Visit();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await ClaimAsync(visitor, ClaimCode.Make(gateway.Time.GetUtcNow()).Text)).StatusCode);
        Assert.False(gateway.Part<Claim>().IsClaimed);
    }

    [Fact]
    public void The_claim_code_has_128_random_bits_and_more()
    {
        var codes = Enumerable.Range(0, 1_000).Select(_ => ClaimCode.Make(DateTimeOffset.UnixEpoch).Text).ToList();
        Assert.Equal(1_000, codes.Distinct().Count());
        Assert.All(codes, code => Assert.Equal(26, code.Count(char.IsAsciiLetterOrDigit)));
        Assert.Equal(32, codes.SelectMany(code => code).Where(char.IsAsciiLetterOrDigit).Distinct().Count());
    }

    [Theory]
    [InlineData("elevenchars", "at least 12")]
    [InlineData("password1234", "first that somebody would try")]
    [InlineData("123456789012", "first that somebody would try")]
    [InlineData("aaaaaaaaaaaaaa", "first that somebody would try")]
    [InlineData("admin@contoso.example", "first that somebody would try")]
    public async Task A_weak_password_is_refused_with_a_sentence(string password, string words)
    {
        await using var gateway = await WebGateway.StartAsync();
        using var visitor = gateway.Visit();
        var code = gateway.Part<Claim>().MakeCode().Text;
        using var answer = await visitor.PostAsync("/claim", ("code", code), ("address", WebGateway.Address), ("password", password), ("again", password));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains(words, await answer.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.False(gateway.Part<Claim>().IsClaimed);
    }

    [Fact]
    public async Task The_password_is_kept_as_pbkdf2_with_sha_512_and_210000_rounds_or_more()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        var stored = gateway.Database.Read(session => session.First("SELECT password_hash FROM administrator", row => row.Text(0)))!.Split('$');
        var rounds = int.Parse(stored[1]);
        Assert.True(rounds >= 210_000);
        Assert.Equal("pbkdf2-sha512", stored[0]);
        Assert.Equal(Convert.FromBase64String(stored[3]),
            Rfc2898DeriveBytes.Pbkdf2(WebGateway.Password, Convert.FromBase64String(stored[2]), rounds, HashAlgorithmName.SHA512, 32));
    }

    [Fact]
    public async Task The_fingerprint_that_is_printed_is_the_one_that_a_browser_shows()
    {
        await using var gateway = await WebGateway.StartAsync();
        string? shown = null;
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, _) =>
        {
            shown = string.Join(':', ((X509Certificate2)certificate!).GetCertHash(HashAlgorithmName.SHA256).Select(octet => octet.ToString("X2")));
            return true;
        };
        using var http = new HttpClient(handler);
        await http.GetStringAsync(new Uri(gateway.Web, "/claim"), Cancel);
        Assert.Equal(shown, ClaimControl.Offer(gateway.Services, gateway.Part<Claim>().MakeCode()).Fingerprint);
    }

    [Fact]
    public async Task A_forgotten_password_is_set_anew_with_a_code_and_earlier_logins_end()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var former = await gateway.LogInAsync();
        using var visitor = gateway.Visit();
        await ClaimAsync(visitor, gateway.Part<Claim>().MakeCode().Text, "another long phrase");
        Assert.Equal(HttpStatusCode.SeeOther, (await former.GetAsync("/settings")).StatusCode);
        Assert.True(await gateway.Part<Administrator>().HasPasswordAsync("another long phrase"));
        Assert.False(await gateway.Part<Administrator>().HasPasswordAsync(WebGateway.Password));
    }

    private static Task<HttpResponseMessage> ClaimAsync(WebVisitor visitor, string code, string password = WebGateway.Password) =>
        visitor.PostAsync("/claim", ("code", code), ("address", WebGateway.Address), ("password", password), ("again", password));

    private static async Task<string> GreetingAsync(WebGateway gateway)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(gateway.Smtp, Cancel);
        using var reader = new StreamReader(client.GetStream());
        return await reader.ReadLineAsync(Cancel) ?? "";
    }
}
