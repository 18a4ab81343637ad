using System.Security.Cryptography;
using DeviceMail.Accounts;
using DeviceMail.Lab.Entra;
using DeviceMail.Lab.Mailboxes;
using DeviceMail.Queue;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;
using MimeKit;

namespace DeviceMail.Tests.Sending;

/// <summary>By whatever way a mail goes, it arrives as it was, at the recipients of its envelope and at nobody else.</summary>
public sealed class GraphTests
{
    private static readonly string[] _named = ["anna@contoso.example", "ben@contoso.example"];
    private static readonly string[] _blind = ["one@fabrikam.example", "two@fabrikam.example", "three@fabrikam.example"];

    public static TheoryData<int, TransportChoice, bool, string> Ways { get; } = new()
    {
        { 1_000, TransportChoice.Smtp, false, "smtp" }, { 1_000, TransportChoice.Graph, false, "graph" },
        { 2_900_000, TransportChoice.Smtp, false, "smtp" }, { 2_900_000, TransportChoice.Graph, false, "graph" },
        { 3_100_000, TransportChoice.Smtp, false, "smtp" }, { 3_100_000, TransportChoice.Graph, true, "graph" }, { 3_200_000, TransportChoice.Graph, true, "graph" }, { 4_300_000, TransportChoice.Graph, true, "graph" },
        { 30_000_000, TransportChoice.Smtp, false, "smtp" }, { 30_000_000, TransportChoice.Graph, true, "graph" },
        { 30_000_000, TransportChoice.Automatic, false, "smtp" },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_mail_of_any_size_with_three_blind_recipients_arrives_exactly(int size, TransportChoice by, bool large, string way)
    {
        await using var gateway = await LabGateway.StartAsync();
        if (large) gateway.Lab.Tenant.ConsentForOrganisation("graph/Mail.ReadWrite");
        await gateway.UseGraphAsync(account => account with { Transport = by, SendsLargeByGraph = large, SizeLimit = 60_000_000 });
        await gateway.SignInAsync();
        var scan = RandomNumberGenerator.GetBytes(size * 3 / 4 * 37 / 38);
        await HandInAsync(gateway, Mail(scan), [.. _named, .. _blind]);
        var hash = Convert.ToHexStringLower(SHA256.HashData(scan));
        foreach (var mailbox in (string[])[.. _named, .. _blind])
        {
            var mail = await gateway.ArrivesAsync(mailbox);
            Assert.Equal(way, mail.Envelope.Way);
            Assert.Equal(hash, Assert.Single(mail.Content.Attachments).Sha256);
            Assert.Equal("Scan für Anna", mail.Content.Header("Subject"));
            Assert.Contains("the words of the device", mail.Content.Text, StringComparison.Ordinal);
            Assert.Equal("scan@contoso.example", mail.Content.Header("From"));
            Assert.Equal("<1@printer.example>", mail.Content.Header("Message-ID"));
            Assert.Empty(mail.Content.Header("Bcc"));
            // SMTP has an envelope of its own and leaves the header as it came; Graph reads the recipients there.
            Assert.Equal(way == "smtp", mail.Content.Header("To").Contains("stranger@fabrikam.example", StringComparison.Ordinal));
            Assert.DoesNotContain(_blind, one => (mail.Content.Header("To") + mail.Content.Header("Cc")).Contains(one, StringComparison.Ordinal));
        }
        Assert.Empty(gateway.Lab.Mailboxes["stranger@fabrikam.example"]);
        Assert.All(gateway.Lab.Mailboxes.Addresses, address => Assert.Single(gateway.Lab.Mailboxes[address]));
        Assert.Equal(5, gateway.Lab.Mailboxes.Addresses.Count);
    }

    [Fact]
    public async Task By_Graph_a_mail_leaves_octet_by_octet_but_for_its_recipients()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.UseGraphAsync(account => account with { Transport = TransportChoice.Graph });
        await gateway.SignInAsync();
        await using var device = await RawSmtp.ConnectAsync(gateway.Smtp);
        await device.SayAsync("EHLO printer");
        await device.BeginDataAsync("anna@contoso.example");
        const string odd = "Odd  header:\r\n\tfolded\r\nX-Odd:no space\r\n";
        const string body = "\r\nline with \xff\xfe\r\n--never closed\r\n";
        Assert.StartsWith("250", await device.SayAsync($"From: printer@contoso.example\r\nTo: Anna <anna@contoso.example>,\r\n stranger@fabrikam.example\r\nMessage-ID: <2@p>\r\n{odd}{body}."), StringComparison.Ordinal);
        using var reader = new StreamReader((await gateway.ArrivesAsync("anna@contoso.example")).Body.OpenRead(), System.Text.Encoding.Latin1);
        var octets = await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.EndsWith(body, octets, StringComparison.Ordinal);
        Assert.Contains(odd, octets, StringComparison.Ordinal);
        Assert.Contains("To: Anna <anna@contoso.example>\r\n", octets, StringComparison.Ordinal);
        Assert.DoesNotContain("stranger", octets, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("=?utf-8?q?evil=40fabrikam=2Eexample=2C?= <anna@contoso.example>", "", "anna@contoso.example")]
    [InlineData("=?utf-8?q?Jos=C3=A9_=3Cx?= <anna@contoso.example>", "Cc: ben@contoso.example\r\n", "anna@contoso.example ben@contoso.example")]
    [InlineData("anna@contoso.example", "To: ben@contoso.example\r\n", "anna@contoso.example ben@contoso.example")]
    [InlineData("stranger@fabrikam.example", "", "anna@contoso.example ben@contoso.example")]
    public async Task By_a_draft_too_the_envelopes_recipients_get_it_and_nobody_else_however_the_header_is_written(string to, string more, string recipients)
    {
        await using var gateway = await LabGateway.StartAsync();
        gateway.Lab.Tenant.ConsentForOrganisation("graph/Mail.ReadWrite");
        await gateway.UseGraphAsync(account => account with { Transport = TransportChoice.Graph, SendsLargeByGraph = true });
        await gateway.SignInAsync();
        await using var device = await RawSmtp.ConnectAsync(gateway.Smtp);
        await device.SayAsync("EHLO printer");
        await device.SayAsync("MAIL FROM:<printer@contoso.example>");
        foreach (var recipient in recipients.Split(' ')) await device.SayAsync($"RCPT TO:<{recipient}>");
        await device.SayAsync("DATA");
        var scan = Convert.ToBase64String(RandomNumberGenerator.GetBytes(2_500_000), Base64FormattingOptions.InsertLineBreaks);
        Assert.StartsWith("250", await device.SayAsync($"From: printer@contoso.example\r\nTo: {to}\r\n{more}Subject: x\r\nContent-Type: application/pdf; name=scan.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n{scan}\r\n."), StringComparison.Ordinal);
        foreach (var recipient in recipients.Split(' ')) Assert.Equal("graph", (await gateway.ArrivesAsync(recipient)).Envelope.Way);
        Assert.Equal(recipients.Split(' ').Order(), gateway.Lab.Mailboxes.Addresses.Order());
    }

    [Fact]
    public async Task Without_the_right_to_drafts_only_the_large_mail_waits()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.UseGraphAsync(account => account with { Transport = TransportChoice.Graph, SendsLargeByGraph = true });
        await gateway.SignInAsync();
        await HandInAsync(gateway, Mail(RandomNumberGenerator.GetBytes(3_000_000)), ["anna@contoso.example"]);
        await LabGateway.EventuallyAsync(() => gateway.Queue.Find(1)?.State == JobState.Held);
        Assert.Equal("too-large-for-graph", gateway.Queue.Find(1)!.Problem);
        await gateway.HandInAsync("small", "ben@contoso.example");
        await gateway.ArrivesAsync("ben@contoso.example");
        Assert.Null(gateway.Status.StandsInTheWay(gateway.Account.Id));
        gateway.Lab.Tenant.ConsentForOrganisation("graph/Mail.ReadWrite");
        await gateway.Queue.TryNowAsync(1);
        await gateway.ArrivesAsync("anna@contoso.example");
    }

    [Fact]
    public async Task What_Graph_cannot_carry_waits_for_SMTP_and_does_not_fail()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.UseGraphAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.SmtpAuthOffForOrganisation = true;
        await HandInAsync(gateway, MailDevice.Message("umlaut", "words"), ["j\u00f6rg@contoso.example"]);
        await LabGateway.EventuallyAsync(() => gateway.Queue.Find(1)?.State == JobState.Held);
        Assert.Equal("needs-utf8", gateway.Queue.Find(1)!.Problem);
        gateway.Lab.Switches.SmtpAuthOffForOrganisation = false;
        await gateway.Queue.TryNowAsync(1);
        Assert.Equal("smtp", (await gateway.ArrivesAsync("j\u00f6rg@contoso.example")).Envelope.Way);
    }

    [Fact]
    public async Task A_user_name_that_is_the_accounts_own_address_is_no_shared_mailbox()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.UseGraphAsync(account => account with { Transport = TransportChoice.Graph, UserName = account.Address.ToString() });
        await gateway.SignInAsync();
        await gateway.HandInAsync("scan", "anna@contoso.example");
        await gateway.ArrivesAsync("anna@contoso.example");
    }

    [Fact]
    public async Task A_second_press_on_OK_leaves_the_sign_in_as_the_first_one_made_it()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.UseGraphAsync(account => account with { Transport = TransportChoice.Graph });
        var (signIn, accounts) = (gateway.Services.GetRequiredService<AccountSignIn>(), gateway.Services.GetRequiredService<AccountRegister>());
        var begun = Assert.IsType<SignInStart.InBrowser>(await signIn.StartInBrowserAsync(gateway.Account, "http://localhost:1", TestContext.Current.CancellationToken));
        await signIn.AnswerAsync(gateway.Lab.Authorizations.Approve(begun.Address, "scan@contoso.example").ToString(), TestContext.Current.CancellationToken);
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => signIn.ConfirmAsync(gateway.Account)));
        var record = accounts.SignInOf(gateway.Account.Id);
        Assert.Equal((Transport.Graph, SignInWay.Browser, "scan@contoso.example"), (record.For, record.By, record.SignedInAs));
        await gateway.HandInAsync("scan", "anna@contoso.example");
        await gateway.ArrivesAsync("anna@contoso.example");
    }

    [Fact]
    public async Task An_answer_to_a_sign_in_that_began_for_other_addresses_is_not_taken()
    {
        await using var gateway = await LabGateway.StartAsync();
        var signIn = gateway.Services.GetRequiredService<AccountSignIn>();
        var begun = Assert.IsType<SignInStart.InBrowser>(await signIn.StartInBrowserAsync(gateway.Account, "http://localhost:1", TestContext.Current.CancellationToken));
        var landed = gateway.Lab.Authorizations.Approve(begun.Address, "scan@contoso.example").ToString();
        await gateway.ChangeAsync(account => account with { Host = "localhost" });
        Assert.IsType<SignInStep.Expired>((await signIn.AnswerAsync(landed, TestContext.Current.CancellationToken)).Step);
        Assert.IsType<AccountStatus.NotSignedIn>(gateway.Status.StatusOf(gateway.Account.Id));
    }

    [Fact]
    public async Task A_signed_mail_that_is_too_large_is_held_alone_and_says_why_and_goes_out_when_SMTP_opens()
    {
        await using var gateway = await LabGateway.StartAsync();
        gateway.Lab.Switches.SmtpAuthOffForOrganisation = true;
        gateway.Lab.Tenant.ConsentForOrganisation("graph/Mail.ReadWrite");
        await gateway.UseGraphAsync(account => account with { SendsLargeByGraph = true });
        await gateway.SignInAsync();
        var signed = Mail(RandomNumberGenerator.GetBytes(3_000_000));
        signed.Body = new Multipart("signed") { signed.Body! };
        await HandInAsync(gateway, signed, ["anna@contoso.example"]);
        await LabGateway.EventuallyAsync(() => gateway.Queue.Find(1)?.State == JobState.Held);
        Assert.Equal("too-large-for-graph", gateway.Queue.Find(1)!.Problem);
        Assert.Contains("signed", gateway.Queue.Find(1)!.ServerWords, StringComparison.Ordinal);
        Assert.Null(gateway.Status.StandsInTheWay(gateway.Account.Id));
        await gateway.HandInAsync("small", "ben@contoso.example");
        Assert.Equal("graph", (await gateway.ArrivesAsync("ben@contoso.example")).Envelope.Way);
        gateway.Lab.Switches.SmtpAuthOffForOrganisation = false;
        await gateway.Queue.TryNowAsync(1);
        Assert.Equal("smtp", (await gateway.ArrivesAsync("anna@contoso.example")).Envelope.Way);
    }

    [Fact]
    public async Task A_lost_answer_is_tried_again_with_the_same_Message_ID()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.UseGraphAsync(account => account with { Transport = TransportChoice.Graph });
        await gateway.SignInAsync();
        gateway.Lab.Switches.GraphLoseNextAnswers = 1;
        await gateway.HandInAsync("twice", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Queue.Find(1) is { State: JobState.Waiting, Attempts: 1 });
        await gateway.Queue.TryNowAsync(1);
        await LabGateway.EventuallyAsync(() => gateway.Queue.Find(1)?.State == JobState.Sent);
        Assert.Single(gateway.Lab.Mailboxes["anna@contoso.example"].Select(mail => mail.Content.Header("Message-ID")).Distinct());
    }

    [Fact]
    public async Task Graph_never_sees_more_than_four_at_once()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.UseGraphAsync(account => account with { Transport = TransportChoice.Graph, Budget = new Budget(20, 0, 0) });
        await gateway.SignInAsync();
        gateway.Lab.Switches.SlowMilliseconds = 50;
        using (var device = await MailDevice.ConnectAsync(gateway.Smtp.Port))
            for (var i = 0; i < 40; i++) await MailDevice.HandInAsync(device, MailDevice.Message($"mail {i}", "words"), "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Lab.Mailboxes["anna@contoso.example"].Count == 40);
        Assert.InRange(gateway.Lab.Counters.PeakGraphSends, 2, 4);
    }

    [Fact]
    public async Task No_mail_is_lost_or_doubled_as_the_interface_changes_under_load()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.UseGraphAsync(account => account with { Budget = new Budget(3, 0, 0) });
        await gateway.SignInAsync();
        const int count = 300;
        var handing = Task.Run(async () =>
        {
            using var device = await MailDevice.ConnectAsync(gateway.Smtp.Port);
            for (var i = 0; i < count; i++) await MailDevice.HandInAsync(device, MailDevice.Message($"mail {i}", "words"), "anna@contoso.example");
        }, TestContext.Current.CancellationToken);
        int Arrived() => gateway.Lab.Mailboxes["anna@contoso.example"].Count;
        TransportChoice[] choices = [TransportChoice.Graph, TransportChoice.Smtp, TransportChoice.Automatic];
        for (var turn = 1; turn <= 12; turn++)
        {
            // Whatever has arrived by then: each turn begins with mail under way.
            await LabGateway.EventuallyAsync(() => Arrived() >= turn * count / 15);
            gateway.Lab.Switches.SmtpAuthOffForOrganisation = turn % 2 == 1;
            await gateway.ChangeAsync(account => account with { Transport = turn % 2 == 1 ? turn % 4 == 1 ? TransportChoice.Automatic : TransportChoice.Graph : choices[turn % 3] });
        }
        gateway.Lab.Switches.SmtpAuthOffForOrganisation = false;
        await handing;
        await LabGateway.EventuallyAsync(() => gateway.Queue.Counts().GetValueOrDefault(JobState.Sent) == count);
        var subjects = gateway.Lab.Mailboxes["anna@contoso.example"].Select(mail => mail.Content.Header("Subject")).ToList();
        Assert.Equal(count, subjects.Distinct().Count());
        Assert.Equal(count, subjects.Count);
        Assert.Equal(["graph", "smtp"], gateway.Lab.Mailboxes["anna@contoso.example"].Select(mail => mail.Envelope.Way).Distinct().Order());
    }

    [Fact]
    public async Task One_sign_in_serves_both_interfaces_and_a_missing_permission_ends_neither_it_nor_the_other()
    {
        await using var gateway = await LabGateway.StartAsync();
        // Nobody agreed to Mail.Send: SMTP sends, and the sign-in is as good as it was.
        await gateway.ChangeAsync(account => account with { GraphAddress = SendingAccount.WithGraphAt(gateway.Lab).GraphAddress });
        await gateway.SignInAsync();
        gateway.Lab.Switches.SmtpAuthOffForOrganisation = true;
        await gateway.HandInAsync("held", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Queue.Find(1)?.State == JobState.Held);
        Assert.Equal("smtp-auth-off", gateway.Queue.Find(1)!.Problem);
        Assert.IsType<AccountStatus.SignedIn>(gateway.Status.SavedStatusOf(gateway.Account.Id));
        // The administrator agrees, and nobody signs in again.
        gateway.Lab.Tenant.ConsentForOrganisation("graph/Mail.Send");
        await gateway.Queue.TryNowAsync(1);
        var mail = await gateway.ArrivesAsync("anna@contoso.example");
        Assert.Equal(("graph", SessionOrigin.DeviceCode), (mail.Envelope.Way, mail.Envelope.Origin));
    }

    private static MimeMessage Mail(byte[] scan)
    {
        var message = new MimeMessage();
        message.From.Add(MailboxAddress.Parse(MailDevice.Address));
        message.To.Add(new MailboxAddress("Anna", _named[0]));
        message.To.Add(MailboxAddress.Parse("stranger@fabrikam.example"));
        message.Cc.Add(MailboxAddress.Parse(_named[1]));
        message.MessageId = "1@printer.example";
        message.Subject = "Scan für Anna";
        var builder = new BodyBuilder { TextBody = "the words of the device" };
        builder.Attachments.Add("scan.pdf", scan, new ContentType("application", "pdf"));
        message.Body = builder.ToMessageBody();
        return message;
    }

    private static async Task HandInAsync(LabGateway gateway, MimeMessage message, string[] recipients)
    {
        using var device = await MailDevice.ConnectAsync(gateway.Smtp.Port);
        await MailDevice.HandInAsync(device, message, recipients);
    }
}
