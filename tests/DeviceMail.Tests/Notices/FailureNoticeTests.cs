using System.Text;
using DeviceMail.Devices;
using DeviceMail.Messages;
using DeviceMail.Notices;
using DeviceMail.Queue;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Notices;

/// <summary>Mail that was not delivered: who learns of it, how often, and what is never answered.</summary>
public sealed class FailureNoticeTests
{
    [Fact]
    public async Task The_devices_contact_learns_of_the_first_at_once_and_of_more_after_the_hour_in_one_mail()
    {
        await using var gateway = await StartAsync();
        gateway.Relay.Say("RCPT TO:<nobody", [.. Enumerable.Repeat("550 5.1.1 no such user", 3)]);
        await FailAsync(gateway, "", 1);
        var first = await ToldAsync(gateway, 1);
        Assert.Contains("helpdesk@contoso.example", Assert.Single(first.Recipients), StringComparison.Ordinal);
        Assert.Contains(NoticeGateway.RelayAddress, first.Mail, StringComparison.Ordinal);
        var mail = await MimeKit.MimeMessage.LoadAsync(new MemoryStream(first.Octets), TestContext.Current.CancellationToken);
        Assert.Equal("auto-replied", mail.Headers["Auto-Submitted"]);
        Assert.StartsWith("Not delivered: mail 1 of", mail.Subject, StringComparison.Ordinal);
        Assert.Contains("nobody@contoso.example: not delivered. The server said: 5", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("the device “printer”", mail.TextBody, StringComparison.Ordinal);
        await FailAsync(gateway, "", 2);
        await FailAsync(gateway, "", 3);
        await gateway.PassAsync(TimeSpan.FromMinutes(50), TimeSpan.FromMinutes(10));
        Assert.Single(gateway.Told);
        await gateway.PassAsync(TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(5));
        Assert.Equal("Not delivered: 2 mails", gateway.Told[^1]);
        Assert.Equal(2, gateway.Told.Count);
    }

    [Fact]
    public async Task What_failed_in_the_hour_before_a_restart_is_told_after_it_and_nothing_else()
    {
        await using var gateway = await StartAsync();
        gateway.Relay.Say("RCPT TO:<nobody", [.. Enumerable.Repeat("550 5.1.1 no such user", 2)]);
        await FailAsync(gateway, "", 1);
        await ToldAsync(gateway, 1);
        await FailAsync(gateway, "", 2);
        await gateway.RestartAsync();
        await gateway.PassAsync(TimeSpan.FromMinutes(65), TimeSpan.FromMinutes(5));
        Assert.Equal(2, gateway.Told.Count);
        Assert.StartsWith("Not delivered: mail ", gateway.Told[1], StringComparison.Ordinal);
        await gateway.RestartAsync();
        await gateway.PassAsync(TimeSpan.FromMinutes(65), TimeSpan.FromMinutes(5));
        Assert.Equal(2, gateway.Told.Count);
    }

    [Theory]
    [InlineData("Auto-Submitted: auto-generated")]
    [InlineData("auto-submitted: Auto-Replied; owner=x")]
    [InlineData("Precedence: bulk")]
    [InlineData("List-Id: <scans.contoso.example>")]
    [InlineData("X-Loop: (DeviceMail 0123)")]
    public async Task An_automatic_mail_is_never_answered(string field)
    {
        await using var gateway = await StartAsync();
        gateway.Relay.Say("RCPT TO:<nobody", "550 5.1.1 no such user");
        await FailAsync(gateway, $"{field}\r\n", 1);
        await gateway.PassAsync(TimeSpan.FromHours(2), TimeSpan.FromMinutes(10));
        Assert.Empty(gateway.Told);
    }

    [Fact]
    public async Task A_notice_that_fails_is_not_answered_by_another()
    {
        await using var gateway = await StartAsync();
        gateway.Relay.Say("RCPT TO:<nobody", "550 5.1.1 no such user");
        gateway.Relay.Say("RCPT TO:<helpdesk", [.. Enumerable.Repeat("550 5.1.1 no such user", 5)]);
        await FailAsync(gateway, "", 1);
        await gateway.StepUntilAsync(TimeSpan.FromMilliseconds(50), () => gateway.Queue.Counts().GetValueOrDefault(JobState.Failed) == 2);
        await gateway.PassAsync(TimeSpan.FromHours(3), TimeSpan.FromMinutes(10));
        Assert.Single(gateway.Told);
    }

    [Fact]
    public void A_field_that_says_no_is_no_automatic_mail()
    {
        Assert.False(AutomaticMail.Is(MailAddress.Parse("a@b.example"), Encoding.ASCII.GetBytes("From: a@b.example\r\nAuto-Submitted: no\r\nPrecedence: first-class\r\n\r\n")));
        Assert.True(AutomaticMail.Is(null, Encoding.ASCII.GetBytes("From: a@b.example\r\n\r\n")));
    }

    /// <summary>The relay is the only route; the printer's contact is the help desk.</summary>
    private static async Task<NoticeGateway> StartAsync()
    {
        var gateway = await NoticeGateway.StartAsync();
        await gateway.AddSecondRouteAsync();
        var relay = gateway.Part<DeviceMail.Accounts.AccountRegister>().Find(MailAddress.Parse(NoticeGateway.RelayAddress))!;
        await gateway.Part<DeviceMail.Accounts.AccountRegister>().RemoveAsync(gateway.Account.Id);
        await gateway.SaveAsync(relay with { IsDefault = true });
        var devices = gateway.Part<DeviceRegister>();
        Assert.IsType<DeviceSave.Saved>(await devices.SaveAsync(devices.Find("printer")! with { Contact = MailAddress.Parse("helpdesk@contoso.example") }));
        await gateway.LookAsync();
        return gateway;
    }

    private static async Task FailAsync(NoticeGateway gateway, string fields, int failed)
    {
        await gateway.HandInAsync("nobody@contoso.example", fields);
        await gateway.StepUntilAsync(TimeSpan.FromMilliseconds(50), () => gateway.Queue.Counts().GetValueOrDefault(JobState.Failed) >= failed);
    }

    private static async Task<Captured> ToldAsync(NoticeGateway gateway, int count)
    {
        await gateway.StepUntilAsync(TimeSpan.FromMilliseconds(50), () => gateway.Relay.Messages.Count == count);
        return gateway.Relay.Messages[count - 1];
    }
}
