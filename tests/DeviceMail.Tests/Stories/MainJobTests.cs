using DeviceMail.Accounts;
using DeviceMail.Queue;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Stories;

/// <summary>The main job, end to end: a scan handed in by SMTP reaches a mailbox through a signed-in account.</summary>
public sealed class MainJobTests
{
    [Fact]
    public async Task A_scan_reaches_the_mailbox_unchanged()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        var scan = await gateway.Lab.Printer.ScanAsync("anna@contoso.example", TestContext.Current.CancellationToken);
        Assert.True(scan.Accepted, scan.Reply);
        var mail = await gateway.ArrivesAsync("anna@contoso.example");
        Assert.Equal(scan.PdfSha256, Assert.Single(mail.Content.Attachments).Sha256);
        Assert.Equal("scan@contoso.example", mail.Envelope.SignedIn);
        Assert.Equal("scan@contoso.example", mail.Content.Header("From"));
        Assert.Contains("printer@contoso.example", mail.Content.Header("Reply-To"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_envelopes_recipients_get_it_and_no_others()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        await gateway.HandInAsync("bcc", "anna@contoso.example", "ben@contoso.example", "outside@elsewhere.example");
        var mail = await gateway.ArrivesAsync("outside@elsewhere.example");
        Assert.Equal(3, mail.Envelope.Recipients.Count);
        Assert.Single(gateway.Lab.Mailboxes["anna@contoso.example"]);
        Assert.Empty(gateway.Lab.Mailboxes["header-only@contoso.example"]);
    }

    [Fact]
    public async Task Mail_waits_for_the_first_sign_in_and_goes_out_by_itself()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.HandInAsync("early", "anna@contoso.example");
        await HeldAsync(gateway, "not-signed-in");
        await gateway.SignInAsync();
        await gateway.ArrivesAsync("anna@contoso.example");
    }

    [Fact]
    public async Task A_revoked_sign_in_holds_mail_says_370_and_signing_in_again_sends_it()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.TokenRevoked = true;
        await gateway.HandInAsync("revoked", "anna@contoso.example");
        await HeldAsync(gateway, "sign-in-again");
        Assert.Equal(370, gateway.Status.StandsInTheWay(gateway.Account.Id)?.Code);
        await gateway.RestartAsync();
        Assert.Equal(370, gateway.Status.StandsInTheWay(gateway.Account.Id)?.Code);
        await gateway.SignInAsync();
        await gateway.ArrivesAsync("anna@contoso.example");
        Assert.IsType<AccountStatus.SignedIn>(gateway.Status.StatusOf(gateway.Account.Id));
    }

    [Fact]
    public async Task A_sign_in_survives_a_restart_without_a_person()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        await gateway.RestartAsync();
        await gateway.HandInAsync("after", "anna@contoso.example");
        await gateway.ArrivesAsync("anna@contoso.example");
    }

    [Fact]
    public async Task An_access_token_that_is_refused_is_refreshed_once_and_the_mail_goes_out()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.AccessTokensExpired = true;
        await gateway.HandInAsync("stale", "anna@contoso.example");
        await gateway.ArrivesAsync("anna@contoso.example");
        Assert.Equal(1, gateway.Lab.Counters.Refreshes);
    }

    [Fact]
    public async Task A_reply_lost_after_the_final_dot_is_tried_again_with_the_same_message_id()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.DropNextAfterDot = 1;
        await gateway.HandInAsync("twice", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Queue.List(new JobFilter(JobState.Waiting)).Any(job => job.Attempts == 1)
            && gateway.Queue.InLine(gateway.Account.Id) == 1);
        await gateway.Queue.TryNowAsync(1);
        await LabGateway.EventuallyAsync(() => gateway.Lab.Mailboxes["anna@contoso.example"].Count == 2);
        var ids = gateway.Lab.Mailboxes["anna@contoso.example"].Select(mail => mail.Content.Header("Message-ID")).ToList();
        Assert.Equal(ids[0], ids[1]);
    }

    [Fact]
    public async Task Smtp_auth_switched_off_holds_the_account_and_names_the_remedy()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.SmtpAuthOffForOrganisation = true;
        await gateway.HandInAsync("off", "anna@contoso.example");
        await HeldAsync(gateway, "smtp-auth-off");
        Assert.Contains("Set-CASMailbox", gateway.Status.StandsInTheWay(gateway.Account.Id)!.Remedy, StringComparison.Ordinal);
        gateway.Lab.Switches.SmtpAuthOffForOrganisation = false;
        await gateway.Queue.TryNowAsync(1);
        await gateway.ArrivesAsync("anna@contoso.example");
    }

    [Fact]
    public async Task The_wrong_mailbox_is_noticed()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync("ben@contoso.example");
        Assert.False(AccountSignIn.IsRightMailbox(gateway.Account, "ben@contoso.example"));
    }

    private static Task HeldAsync(LabGateway gateway, string problem) =>
        LabGateway.EventuallyAsync(() => gateway.Queue.List(new JobFilter(JobState.Held)).Any(job => job.Problem == problem));
}
