using System.Net.Http.Json;
using System.Text.Json;
using DeviceMail.Tests.Kit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace DeviceMail.Tests.Parts;

/// <summary>The parts work together without us: otherwise what they say about the gateway means nothing.</summary>
public sealed class PartsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_that_a_person_approved_sends_mail_through_Dovecot()
    {
        using var authority = new TestAuthority();
        await using var provider = await OidcProvider.StartAsync();
        await using var sink = await SmtpSink.StartAsync();
        await using var dovecot = await DovecotSubmission.StartAsync(provider.IntrospectionAddress, sink, authority);
        var token = await SignInAsync(provider);

        await SendAsync(dovecot, authority, new SaslMechanismOAuth2("scanner@example.test", token));
        await SendAsync(dovecot, authority, new SaslMechanismOAuthBearer("scanner@example.test", token));
        var refused = await Assert.ThrowsAsync<AuthenticationException>(() => SendAsync(dovecot, authority, new SaslMechanismOAuth2("scanner@example.test", "stale")));

        Assert.Contains("5.7.8", refused.Message, StringComparison.Ordinal);
        var mails = await sink.WaitForAsync(2);
        Assert.All(mails, mail => Assert.StartsWith("<scanner@example.test>", mail.Sender, StringComparison.Ordinal));
        Assert.All(mails, mail => Assert.StartsWith("<desk@example.test>", Assert.Single(mail.Recipients), StringComparison.Ordinal));
        Assert.All(mails, mail => Assert.Contains("\n\nA page\n", mail.Content, StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_provider_omits_the_interval_and_slows_down_as_told()
    {
        using var authority = new TestAuthority();
        await using var silent = await OidcProvider.StartAsync(new OidcKnobs { Authority = authority, SlowDowns = 1, Outages = 1 });
        await using var spoken = await OidcProvider.StartAsync(new OidcKnobs { Interval = 2 });
        using var http = Trusting(authority);

        var device = await AskAsync(http, silent);
        var answers = new List<string?>();
        for (var count = 0; count < 3; count++) answers.Add((await PollAsync(http, silent, device)).GetProperty("error").GetString());
        await silent.DeclineAsync(device.GetProperty("verification_uri").GetString()!, device.GetProperty("user_code").GetString()!);
        answers.Add((await PollAsync(http, silent, device)).GetProperty("error").GetString());

        Assert.Equal(["slow_down", "temporarily_unavailable", "authorization_pending", "access_denied"], answers);
        Assert.False(device.TryGetProperty("interval", out _));
        Assert.Equal(2, (await AskAsync(http, spoken)).GetProperty("interval").GetInt32());
    }

    [Fact]
    public async Task A_tool_tells_how_it_ended()
    {
        var result = await Tool.RunAsync(new ToolCall("sh", "-c", "cat; echo trouble >&2; exit 3") { Input = "heard" });

        Assert.Equal(new ToolResult(3, "heard", "trouble\n"), result);
    }

    [Fact]
    public async Task Nothing_outlives_its_guard()
    {
        using var folder = new Folder();
        var leaves = $"setsid sleep 300 & echo $! > {folder.In("pid")}";

        // Without the null device, the end of standard input would end the guard first.
        var result = await Tool.RunAsync("sh", "-c", $"exec {Part.Script("guard")} -- sh -c '{leaves}' < /dev/null");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("left behind and ended: sleep", result.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists($"/proc/{(await File.ReadAllTextAsync(folder.In("pid"), Cancel)).Trim()}"));
    }

    [Fact]
    public async Task A_part_that_cannot_start_says_why()
    {
        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => Part.StartAsync("127.0.0.1:1", new ToolCall("sh", "-c", "echo no such luck; exit 5")));

        Assert.Contains("no such luck", fault.Message, StringComparison.Ordinal);
    }

    internal static async Task SendAsync(DovecotSubmission dovecot, TestAuthority authority, SaslMechanism mechanism)
    {
        using var client = new SmtpClient { CheckCertificateRevocation = false };
        client.ServerCertificateValidationCallback = (_, shown, _, _) => shown!.GetCertHashString() == authority.Good.Thumbprint;
        await client.ConnectAsync(dovecot.Host, dovecot.Port, SecureSocketOptions.StartTls, Cancel);
        await client.AuthenticateAsync(mechanism, Cancel);
        using var message = new MimeMessage(
            [MailboxAddress.Parse("scanner@example.test")], [MailboxAddress.Parse("desk@example.test")], "Scan", new TextPart("plain") { Text = "A page\n" });
        await client.SendAsync(message, Cancel);
        await client.DisconnectAsync(true, Cancel);
    }

    private static async Task<string> SignInAsync(OidcProvider provider)
    {
        using var http = new HttpClient();
        var device = await AskAsync(http, provider);
        await provider.ApproveAsync(device.GetProperty("verification_uri").GetString()!, device.GetProperty("user_code").GetString()!, "scanner@example.test");
        return (await PollAsync(http, provider, device)).GetProperty("access_token").GetString()!;
    }

    internal static HttpClient Trusting(TestAuthority authority) =>
        new(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown!.Thumbprint == authority.Good.Thumbprint });

    private static Task<JsonElement> AskAsync(HttpClient http, OidcProvider provider) =>
        PostAsync(http, $"{provider.Issuer}/device/auth", new() { ["client_id"] = OidcProvider.ClientId, ["scope"] = "openid offline_access SMTP.Send" });

    private static Task<JsonElement> PollAsync(HttpClient http, OidcProvider provider, JsonElement device) => PostAsync(http, $"{provider.Issuer}/token", new()
    {
        ["grant_type"] = "urn:ietf:params:oauth:grant-type:device_code",
        ["client_id"] = OidcProvider.ClientId,
        ["device_code"] = device.GetProperty("device_code").GetString()!,
    });

    private static async Task<JsonElement> PostAsync(HttpClient http, string address, Dictionary<string, string> fields)
    {
        using var form = new FormUrlEncodedContent(fields);
        using var answer = await http.PostAsync(new Uri(address), form, Cancel);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }
}
