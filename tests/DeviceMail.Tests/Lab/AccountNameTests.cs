using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using DeviceMail.Lab.Entra;

namespace DeviceMail.Tests.Cloud;

/// <summary>An account is not always called as its mailbox, and not everybody may sign in to every application.</summary>
public sealed class AccountNameTests
{
    private const string Account = "c.diaz@contoso.example", Mailbox = "carla@contoso.example";

    [Fact]
    public async Task A_token_of_the_account_opens_the_mailbox_of_another_name_and_the_log_names_the_account()
    {
        await using var caller = await LabCaller.StartAsync();
        var landed = caller.Lab.Authorizations.Approve(caller.Authorize($"openid profile email {LabCaller.GraphScope}"), Account);
        var answer = await caller.RedeemAsync(landed, ("code_verifier", LabCaller.Verifier));
        var claims = Payload(answer.GetProperty("id_token").GetString()!);
        Assert.Equal((Account, Mailbox), (claims.GetProperty("preferred_username").GetString(), claims.GetProperty("email").GetString()));

        var token = answer.GetProperty("access_token").GetString()!;
        using var me = await caller.GraphAsync(HttpMethod.Get, "me", token);
        var described = await me.Content.ReadFromJsonAsync<JsonElement>(LabCaller.Cancel);
        Assert.Equal((Account, Mailbox), (described.GetProperty("userPrincipalName").GetString(), described.GetProperty("mail").GetString()));
        using var sent = await caller.SendMimeAsync(token, Message(Mailbox));
        Assert.Equal(202, (int)sent.StatusCode);
        var envelope = Assert.Single(caller.Lab.Mailboxes[Mailbox]).Envelope;
        Assert.Equal((Account, Mailbox, Mailbox), (envelope.TokenOf, envelope.SignedIn, envelope.Sender));
        using var asAccount = await caller.SendMimeAsync(token, Message(Account));
        Assert.Equal("403 ErrorSendAsDenied", await LabCaller.RefusalAsync(asAccount));
    }

    [Theory]
    [InlineData(Account)]
    [InlineData(Mailbox)]
    public async Task SMTP_takes_either_name(string user)
    {
        await using var caller = await LabCaller.StartAsync();
        var token = await caller.SignInAsync(LabCaller.SmtpScope, Account);
        using var client = new MailKit.Net.Smtp.SmtpClient { CheckCertificateRevocation = false, ServerCertificateValidationCallback = (_, shown, _, _) => shown!.Issuer.Contains("PRETEND", StringComparison.Ordinal) };
        await client.ConnectAsync("127.0.0.1", caller.Lab.Smtp.Port, MailKit.Security.SecureSocketOptions.StartTls, LabCaller.Cancel);
        await client.AuthenticateAsync(new MailKit.Security.SaslMechanismOAuth2(user, token), LabCaller.Cancel);
        using var message = MimeKit.MimeMessage.Load(new MemoryStream(Encoding.ASCII.GetBytes(Message(Mailbox))), LabCaller.Cancel);
        await client.SendAsync(message, LabCaller.Cancel);
        var envelope = Assert.Single(caller.Lab.Mailboxes[Mailbox]).Envelope;
        Assert.Equal((Account, Mailbox), (envelope.TokenOf, envelope.SignedIn));
    }

    [Fact]
    public async Task Who_is_not_assigned_to_the_application_is_refused_at_the_sign_in_and_at_the_next_refresh()
    {
        await using var caller = await LabCaller.StartAsync();
        var landed = caller.Lab.Authorizations.Approve(caller.Authorize($"offline_access {LabCaller.GraphScope}"), "ben@contoso.example");
        var ben = await caller.RedeemAsync(landed, ("code_verifier", LabCaller.Verifier));

        (caller.Lab.Switches.AssignmentRequired, caller.Lab.Switches.AssignedPeople) = (true, $"anna@contoso.example, {Mailbox}");
        var refused = await caller.TokenAsync("organizations", ("grant_type", "refresh_token"), ("refresh_token", ben.GetProperty("refresh_token").GetString()!));
        Assert.Equal((50105, "invalid_grant"), (LabCaller.Number(refused), refused.GetProperty("error").GetString()));
        var step = caller.Lab.Authorizations.Go(caller.Authorize(LabCaller.GraphScope), "ben@contoso.example", ConsentDecision.Accept);
        Assert.Equal(50105, step.Refusal?.Number);
        Assert.Contains("(\'assigned\')", step.Refusal!.Text, StringComparison.Ordinal);
        Assert.Null(caller.Lab.Authorizations.Go(caller.Authorize(LabCaller.GraphScope), Account, ConsentDecision.Accept).Refusal);
    }

    private static string Message(string from) => $"From: <{from}>\r\nTo: <{Mailbox}>\r\nSubject: A scan\r\nDate: Wed, 25 Nov 2026 10:00:00 +0000\r\nMessage-ID: <one@device>\r\n\r\nHello\r\n";

    private static JsonElement Payload(string token) =>
        JsonSerializer.Deserialize<JsonElement>(System.Buffers.Text.Base64Url.DecodeFromChars(token.Split('.')[1]));
}
