using System.Text;
using DeviceMail.Accounts;
using DeviceMail.Queue;
using DeviceMail.Storage;
using DeviceMail.Tests.Accounts;
using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Parts;

namespace DeviceMail.Tests.Sending;

/// <summary>How a token, a password and a certificate are shown to a server, and what its answers mean.</summary>
public sealed class SignInAtServerTests
{
    private const string Mail = "Subject: scan\r\n\r\nhello\r\n";

    // What base64 of "user=" and of "n,a=" begins with.
    private const string XOAuth2Line = "dXNlcj", BearerLine = "bixhPX";

    [Theory]
    [InlineData(TokenMechanism.XOAuth2, "AUTH XOAUTH2", XOAuth2Line, "user=scan@contoso.example\u0001auth=Bearer ")]
    [InlineData(TokenMechanism.OAuthBearer, "AUTH OAUTHBEARER", BearerLine, "n,a=scan@contoso.example,\u0001host=127.0.0.1\u0001port=")]
    public async Task A_token_of_12_000_characters_waits_for_the_servers_334(TokenMechanism mechanism, string command, string line, string begins)
    {
        var token = new string('t', 12_000);
        await using var server = UpstreamPoolTests.TokenServer("334 ");
        server.Say(line, "235 2.7.0 welcome");
        Assert.IsType<SendOutcome.Sent>(await SendAsync(server, mechanism, token));
        var at = server.Commands.ToList().IndexOf(command);
        Assert.True(at >= 0);
        var shown = Encoding.ASCII.GetString(Convert.FromBase64String(server.Commands[at + 1]));
        Assert.StartsWith(begins, shown, StringComparison.Ordinal);
        Assert.EndsWith($"auth=Bearer {token}\u0001\u0001", shown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_short_token_goes_with_the_command()
    {
        await using var server = UpstreamPoolTests.TokenServer("235 2.7.0 welcome");
        Assert.IsType<SendOutcome.Sent>(await SendAsync(server, TokenMechanism.XOAuth2, "short"));
        var command = Assert.Single(server.Commands, one => one.StartsWith("AUTH", StringComparison.Ordinal));
        Assert.StartsWith("AUTH XOAUTH2 " + XOAuth2Line, command, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(TokenMechanism.XOAuth2, XOAuth2Line, "")]
    [InlineData(TokenMechanism.OAuthBearer, BearerLine, "AQ==")]
    public async Task A_refusals_json_is_answered_as_the_mechanism_asks_and_kept(TokenMechanism mechanism, string line, string answer)
    {
        var json = Convert.ToBase64String("""{"status":"invalid_token","scope":"send"}"""u8);
        await using var server = UpstreamPoolTests.TokenServer("334 ", "334 ");
        server.Say(line, $"334 {json}", $"334 {json}");
        // An empty line is written in the script as the greeting is.
        if (answer.Length == 0) server.Say("", "220 hello", "535 5.7.8 no", "220 hello", "535 5.7.8 no");
        else server.Say(answer, "535 5.7.8 no", "535 5.7.8 no");
        var held = Assert.IsType<SendOutcome.Held>(await SendAsync(server, mechanism, new string('t', 2_000)));
        Assert.Equal("sign-in-again", held.Problem.Key);
        Assert.Contains("535 5.7.8 no", held.ServerWords, StringComparison.Ordinal);
        Assert.Contains("invalid_token", held.ServerWords, StringComparison.Ordinal);
        Assert.Equal(2, server.Commands.Count(command => command == answer));
    }

    [Fact]
    public async Task A_refused_token_is_refreshed_once_and_the_mail_goes_out()
    {
        await using var server = UpstreamPoolTests.TokenServer("535 5.7.3 Authentication unsuccessful", "235 2.7.0 welcome");
        Assert.IsType<SendOutcome.Sent>(await SendAsync(server, TokenMechanism.XOAuth2, "stale"));
        var shown = server.Commands.Where(command => command.StartsWith("AUTH", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, shown.Distinct().Count());
    }

    [Fact]
    public async Task A_token_is_not_shown_to_a_server_that_does_not_offer_its_mechanism()
    {
        await using var server = new ScriptedServer { Extensions = ["AUTH LOGIN"] };
        Assert.Equal("server-refuses", Assert.IsType<SendOutcome.Held>(await SendAsync(server, TokenMechanism.XOAuth2, "token")).Problem.Key);
        Assert.DoesNotContain(server.Commands, command => command.StartsWith("AUTH", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refused_password_asks_for_the_password_and_for_no_sign_in()
    {
        await using var folder = new SenderFolder();
        await using var server = new ScriptedServer { Extensions = ["AUTH PLAIN"] };
        server.Say("AUTH", "535 5.7.8 bad credentials");
        var account = await folder.Accounts.AddAsync(SenderFolder.Plain(server.Port) with { Id = 0, Method = AuthenticationMethod.SmtpAuth });
        folder.Passwords.Set(account, new Secret("guess"));
        Assert.Equal("password-refused", Assert.IsType<SendOutcome.Held>(await folder.OutcomeAsync(await folder.AcceptAsync(Mail), account)).Problem.Key);
    }

    [Theory]
    [InlineData("good", null)]
    [InlineData("wrong name", "certificate-refused")]
    [InlineData("expired", "certificate-refused")]
    [InlineData("unknown authority", "certificate-refused")]
    [InlineData("none", "tls-not-offered")]
    public async Task Mail_goes_only_to_a_server_whose_certificate_is_right(string shown, string? problem)
    {
        await using var folder = new SenderFolder();
        using var authority = new TestAuthority();
        File.Copy(authority.RootFile, Path.Combine(folder.Accounts.Folder.Data.TrustedRoots, "test.pem"));
        await using var server = new ScriptedServer
        {
            Certificate = shown switch
            {
                "good" => authority.Good,
                "wrong name" => authority.WrongName,
                "expired" => authority.Expired,
                "unknown authority" => authority.Rogue,
                _ => null,
            },
        };
        var outcome = await folder.OutcomeAsync(await folder.AcceptAsync(Mail), SenderFolder.Plain(server.Port) with { Security = ConnectionSecurity.StartTls });
        Assert.Equal(problem, (outcome as SendOutcome.Held)?.Problem.Key);
        Assert.Equal(problem is null, server.Messages.Count == 1);
        if (problem is not null) Assert.All(server.Commands, command => Assert.Matches("^(EHLO|STARTTLS|QUIT)", command));
    }

    private static async Task<SendOutcome> SendAsync(ScriptedServer server, TokenMechanism mechanism, string token)
    {
        await using var folder = new SenderFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        foreach (var which in (string[])["", "fresh"]) provider.Script.Enqueue(new ProviderAnswer(200, $$"""{"access_token":"{{which + token}}","expires_in":3600}"""));
        var described = AccountFolder.Describe("scan@contoso.example", server.Port, provider);
        var account = await folder.Accounts.AddAsync(described with { OAuth = described.OAuth with { Mechanism = mechanism } });
        await folder.Accounts.SignInAsync(account);
        return await folder.OutcomeAsync(await folder.AcceptAsync(Mail), account);
    }
}
