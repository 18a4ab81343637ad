using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Stories;

/// <summary>The main job, end to end: a scan handed in by SMTP reaches a mailbox through a signed-in account.</summary>
[Trait(ProgramFile.Trait, ProgramFile.Value)]
public sealed class MainJobTests
{
    private const string Anna = "anna@contoso.example";

    [Fact]
    public async Task A_scan_reaches_the_mailbox_unchanged()
    {
        await using var gateway = await Gateway.StartAsync();
        await gateway.SignInAsync();
        var scan = await gateway.Lab.Printer.ScanAsync(Anna, TestContext.Current.CancellationToken);
        Assert.True(scan.Accepted, scan.Reply);
        var mail = await gateway.ArrivesAsync(Anna);
        Assert.Equal(scan.PdfSha256, Assert.Single(mail.Content.Attachments).Sha256);
        Assert.Equal(Gateway.Mailbox, mail.Envelope.SignedIn);
        Assert.Equal(Gateway.Mailbox, mail.Content.Header("From"));
        Assert.Contains(MailDevice.Address, mail.Content.Header("Reply-To"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_envelopes_recipients_get_it_and_no_others()
    {
        await using var gateway = await Gateway.StartAsync();
        await gateway.SignInAsync();
        await gateway.HandInAsync("bcc", Anna, "ben@contoso.example", "outside@elsewhere.example");
        var mail = await gateway.ArrivesAsync("outside@elsewhere.example");
        Assert.Equal(3, mail.Envelope.Recipients.Count);
        Assert.Single(gateway.Lab.Mailboxes[Anna]);
        Assert.Empty(gateway.Lab.Mailboxes["header-only@contoso.example"]);
    }

    [Fact]
    public async Task Mail_waits_for_the_first_sign_in_and_goes_out_by_itself()
    {
        await using var gateway = await Gateway.StartAsync();
        await gateway.HandInAsync("early", Anna);
        Assert.Equal(360, (await gateway.JobAsync("held")).GetProperty("code").GetInt32());
        await gateway.SignInAsync();
        await gateway.ArrivesAsync(Anna);
    }

    [Fact]
    public async Task A_revoked_sign_in_holds_mail_says_370_and_signing_in_again_sends_it()
    {
        await using var gateway = await Gateway.StartAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.TokenRevoked = true;
        await gateway.HandInAsync("revoked", Anna);
        Assert.Equal(370, (await gateway.JobAsync("held")).GetProperty("code").GetInt32());
        Assert.Equal(370, (await gateway.AccountAsync()).GetProperty("code").GetInt32());
        await gateway.RestartAsync();
        Assert.Equal(370, (await gateway.AccountAsync()).GetProperty("code").GetInt32());
        await gateway.SignInAsync();
        await gateway.ArrivesAsync(Anna);
        Assert.Equal("SignedIn", (await gateway.AccountAsync()).GetProperty("status").GetString());
    }

    [Fact]
    public async Task A_sign_in_survives_a_restart_without_a_person()
    {
        await using var gateway = await Gateway.StartAsync();
        await gateway.SignInAsync();
        await gateway.RestartAsync();
        await gateway.HandInAsync("after", Anna);
        await gateway.ArrivesAsync(Anna);
    }

    [Fact]
    public async Task An_access_token_that_is_refused_is_refreshed_once_and_the_mail_goes_out()
    {
        await using var gateway = await Gateway.StartAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.AccessTokensExpired = true;
        await gateway.HandInAsync("stale", Anna);
        await gateway.ArrivesAsync(Anna);
        Assert.Equal(1, gateway.Lab.Counters.Refreshes);
    }

    [Fact]
    public async Task A_reply_lost_after_the_final_dot_is_tried_again_with_the_same_message_id()
    {
        await using var gateway = await Gateway.StartAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.DropNextAfterDot = 1;
        await gateway.HandInAsync("twice", Anna);
        await Gateway.EventuallyAsync(async () => (await gateway.JobsAsync("waiting")).Any(job => job.GetProperty("attempts").GetInt32() == 1));
        await gateway.DoAsync("jobs", "try-now", "1");
        await LabGateway.EventuallyAsync(() => gateway.Lab.Mailboxes[Anna].Count == 2);
        var ids = gateway.Lab.Mailboxes[Anna].Select(mail => mail.Content.Header("Message-ID")).ToList();
        Assert.Equal(ids[0], ids[1]);
    }

    [Fact]
    public async Task Smtp_auth_switched_off_holds_the_account_and_names_the_remedy()
    {
        await using var gateway = await Gateway.StartAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.SmtpAuthOffForOrganisation = true;
        await gateway.HandInAsync("off", Anna);
        var job = await gateway.JobAsync("held");
        Assert.Contains("Set-CASMailbox", job.GetProperty("remedy").GetString(), StringComparison.Ordinal);
        Assert.Contains($"Set-CASMailbox '{Gateway.Mailbox}'", (await gateway.AccountAsync()).GetProperty("remedy").GetString(), StringComparison.Ordinal);
        gateway.Lab.Switches.SmtpAuthOffForOrganisation = false;
        await gateway.DoAsync("jobs", "try-now", "1");
        await gateway.ArrivesAsync(Anna);
    }

    [Fact]
    public async Task The_wrong_mailbox_is_noticed_and_the_former_sign_in_goes_on_sending()
    {
        await using var gateway = await Gateway.StartAsync();
        await gateway.SignInAsync();
        var end = await gateway.TrySignInAsync("ben@contoso.example");
        Assert.Equal(1, end.Code);
        Assert.Contains($"Signed in as ben@contoso.example, but the account is {Gateway.Mailbox}", end.Error, StringComparison.Ordinal);
        Assert.Equal("SignedIn", (await gateway.AccountAsync()).GetProperty("status").GetString());
        await gateway.HandInAsync("still", Anna);
        Assert.Equal(Gateway.Mailbox, (await gateway.ArrivesAsync(Anna)).Envelope.SignedIn);
    }

    [Fact]
    public async Task A_mail_server_that_is_away_holds_mail_and_says_so_and_loses_none()
    {
        await using var gateway = await Gateway.StartAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.SmtpUnreachable = true;
        await gateway.HandInAsync("patient", Anna);
        await Gateway.EventuallyAsync(async () => (await gateway.JobsAsync("held")).Any(job => job.GetProperty("code").ValueKind == System.Text.Json.JsonValueKind.Number));
        await gateway.RestartAsync();
        gateway.Lab.Switches.SmtpUnreachable = false;
        await gateway.DoAsync("jobs", "release");
        await gateway.ArrivesAsync(Anna);
    }
}
