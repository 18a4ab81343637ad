using System.Text;
using DeviceMail.Accounts;
using DeviceMail.Devices;
using DeviceMail.EmailServer;
using DeviceMail.Notices;
using DeviceMail.Queue;
using DeviceMail.Tests.Kit;
using DeviceMail.Web;

namespace DeviceMail.Tests.Notices;

/// <summary>What is told by mail, when and by which route: the gateway in front of the pretend Microsoft 365 and a plain relay.</summary>
public sealed class NoticeTests
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _tenMinutes = TimeSpan.FromMinutes(10);

    [Fact]
    public async Task Revoking_the_only_sign_in_brings_its_notice_by_the_second_route_within_60_s()
    {
        await using var gateway = await NoticeGateway.StartAsync();
        await gateway.AddSecondRouteAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.TokenRevoked = true;
        var revoked = gateway.Time.GetUtcNow();
        await gateway.HandInAsync("anna@contoso.example");
        await gateway.StepUntilAsync(TimeSpan.FromMilliseconds(50), () => gateway.Relay.Messages.Count > 0);
        Assert.True(gateway.Time.GetUtcNow() - revoked <= TimeSpan.FromSeconds(60), "It took longer than a minute.");
        var notice = Assert.Single(gateway.Relay.Messages);
        Assert.Contains(NoticeGateway.RelayAddress, notice.Mail, StringComparison.Ordinal);
        Assert.Contains(NoticeGateway.Administrator, Assert.Single(notice.Recipients), StringComparison.Ordinal);
        var mail = await MimeKit.MimeMessage.LoadAsync(new MemoryStream(notice.Octets), TestContext.Current.CancellationToken);
        Assert.StartsWith("(+) The sign-in of scan@contoso.example does not work", mail.Subject, StringComparison.Ordinal);
        Assert.Contains("(370)", mail.Subject, StringComparison.Ordinal);
        Assert.Equal("auto-generated", mail.Headers["Auto-Submitted"]);
        Assert.Contains("DeviceMail", mail.Headers["X-Loop"], StringComparison.Ordinal);
        Assert.Contains("by the second route", mail.TextBody, StringComparison.Ordinal);
        Assert.Contains("What to do:", mail.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mail_that_is_held_because_its_account_was_removed_is_told()
    {
        await using var gateway = await NoticeGateway.StartAsync();
        await gateway.AddSecondRouteAsync();
        await gateway.HandInAsync("anna@contoso.example");
        await gateway.RemoveAccountAsync();
        await gateway.PassAsync(TimeSpan.FromHours(2), _tenMinutes);
        Assert.Contains("(+) Mail of an account that was removed is held: The account was removed", gateway.Told);
    }

    [Fact]
    public async Task A_server_that_closes_its_connections_for_hours_is_told_and_so_is_its_end()
    {
        await using var gateway = await NoticeGateway.StartAsync();
        await gateway.AddSecondRouteAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.SmtpThrottle = DeviceMail.Lab.Switches.SmtpThrottle.Closing;
        await gateway.HandInAsync("anna@contoso.example");
        var began = gateway.Time.GetUtcNow();
        await gateway.StepUntilAsync(_minute / 2, () => gateway.Told.Count > 0);
        Assert.InRange(gateway.Time.GetUtcNow() - began, TimeSpan.FromHours(1), TimeSpan.FromHours(1.2));
        Assert.Equal("(+) Mail of scan@contoso.example waits: The server is closing its connections", Assert.Single(gateway.Told));
        gateway.Lab.Switches.SmtpThrottle = DeviceMail.Lab.Switches.SmtpThrottle.Off;
        await gateway.StepUntilAsync(_minute / 2, () => gateway.Told.Count > 1);
        Assert.Equal("(-) Mail of scan@contoso.example goes out again", gateway.Told[1]);
    }

    [Fact]
    public async Task What_went_is_told_with_a_minus_by_the_first_route_and_a_cause_tells_once_an_hour_at_most()
    {
        await using var gateway = await RevokedAsync();
        await gateway.PassAsync(TimeSpan.FromHours(5), _tenMinutes);
        Assert.Single(gateway.Told, subject => subject.StartsWith("(+) The sign-in", StringComparison.Ordinal));
        await gateway.SignInAsync();
        await gateway.PassAsync(_tenMinutes, _minute);
        var minus = Assert.Single(gateway.Told, subject => subject.StartsWith("(-) The sign-in", StringComparison.Ordinal));
        Assert.Equal("(-) The sign-in of scan@contoso.example works again", minus);
        await LabGateway.EventuallyAsync(() => gateway.Lab.Mailboxes[NoticeGateway.Administrator].Any(mail => mail.Content.Header("Subject") == minus));
        // It ends again at once: not told before the hour is over.
        gateway.Lab.Switches.TokenRevoked = false;
        gateway.Lab.Switches.TokenRevoked = true;
        await gateway.HandInAsync("anna@contoso.example");
        await gateway.StepUntilAsync(_minute / 60, () => gateway.Status.StatusOf(gateway.Account.Id) is AccountStatus.SignInAgain);
        await gateway.PassAsync(TimeSpan.FromMinutes(30), _tenMinutes);
        Assert.Single(gateway.Told, subject => subject.StartsWith("(+) The sign-in", StringComparison.Ordinal));
        await gateway.PassAsync(TimeSpan.FromMinutes(40), _tenMinutes);
        Assert.Equal(2, gateway.Told.Count(subject => subject.StartsWith("(+) The sign-in", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_restart_tells_nothing_twice()
    {
        await using var gateway = await RevokedAsync();
        await gateway.PassAsync(TimeSpan.FromHours(3), _tenMinutes);
        var told = gateway.Told;
        await gateway.RestartAsync();
        await gateway.PassAsync(TimeSpan.FromHours(3), _tenMinutes);
        Assert.Equal(told, gateway.Told);
        await gateway.SignInAsync();
        await gateway.RestartAsync();
        await gateway.LookAsync();
        await gateway.PassAsync(_tenMinutes, _minute);
        Assert.Contains("(-) The sign-in of scan@contoso.example works again", gateway.Told);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(-200)]
    public async Task A_jump_of_the_clock_tells_nothing_and_silences_nothing(int days)
    {
        await using var gateway = await RevokedAsync();
        await gateway.PassAsync(TimeSpan.FromHours(3), _tenMinutes);
        var told = gateway.Told.Count;
        gateway.Time.Jump(TimeSpan.FromDays(days));
        await gateway.LookAsync();
        Assert.Equal(told, gateway.Told.Count);
        await gateway.SignInAsync();
        await gateway.PassAsync(_tenMinutes, _minute);
        Assert.Contains("(-) The sign-in of scan@contoso.example works again", gateway.Told);
    }

    [Fact]
    public async Task Without_a_second_route_pages_and_status_warn_and_nothing_is_put_behind_the_trouble()
    {
        await using var gateway = await NoticeGateway.StartAsync();
        await gateway.SignInAsync();
        const string warning = "There is no second route for notices";
        Assert.Contains(gateway.Part<StatusReader>().Read().NeedsPerson, sentence => sentence.StartsWith(warning, StringComparison.Ordinal));
        gateway.Lab.Switches.TokenRevoked = true;
        await gateway.HandInAsync("anna@contoso.example");
        await gateway.StepUntilAsync(_minute / 60, () => gateway.Status.StatusOf(gateway.Account.Id) is AccountStatus.SignInAgain);
        await gateway.PassAsync(TimeSpan.FromHours(2), _tenMinutes);
        Assert.Empty(gateway.Told);
        await gateway.AddSecondRouteAsync();
        await gateway.LookAsync();
        Assert.Contains(gateway.Told, subject => subject.StartsWith("(+) The sign-in", StringComparison.Ordinal));
        Assert.DoesNotContain(gateway.Part<StatusReader>().Read().NeedsPerson, sentence => sentence.StartsWith(warning, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_notice_that_falls_behind_the_trouble_of_its_account_goes_by_the_second_route()
    {
        await using var gateway = await NoticeGateway.StartAsync();
        await gateway.AddSecondRouteAsync();
        await gateway.SignInAsync();
        await gateway.LookAsync();
        // Nobody knows yet that the sign-in is revoked when the notice of the new device is handed in.
        gateway.Lab.Switches.TokenRevoked = true;
        await gateway.Part<DeviceRegister>().NoteUnknownAsync(System.Net.IPAddress.Parse("192.0.2.9"), "copier", null);
        await gateway.StepUntilAsync(TimeSpan.FromMilliseconds(50), () => gateway.Relay.Messages.Count == 2);
        Assert.Contains(gateway.Relay.Messages, one => Encoding.UTF8.GetString(one.Octets).Contains("Subject: (+) A new device waits to be let in: 192.0.2.9", StringComparison.Ordinal));
        Assert.Contains(gateway.Relay.Messages, one => Encoding.UTF8.GetString(one.Octets).Contains("Subject: (+) The sign-in of scan@contoso.example", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sign_in_that_will_end_is_told_14_7_and_1_days_before_and_its_end_is_told_once()
    {
        await using var gateway = await NoticeGateway.StartAsync();
        await gateway.AddSecondRouteAsync();
        await gateway.SignInAsync();
        await gateway.Status.ReportSignInAsync(gateway.Account, _ => new SignInRecord
        {
            Since = gateway.Time.GetUtcNow(),
            LastRefreshed = gateway.Time.GetUtcNow(),
            LearntEnd = new LearntEnd(SignInForecast.SignInFrequency, TimeSpan.FromDays(30)),
        });
        await gateway.PassAsync(TimeSpan.FromDays(15), TimeSpan.FromHours(6));
        Assert.Empty(gateway.Told);
        await gateway.PassAsync(TimeSpan.FromDays(14.5), TimeSpan.FromHours(6));
        Assert.Equal(3, gateway.Told.Count(subject => subject.StartsWith("(+) The sign-in of scan@contoso.example will end", StringComparison.Ordinal)));
        gateway.Lab.Switches.SignInFrequency = true;
        await gateway.StepUntilAsync(TimeSpan.FromHours(1), () => gateway.Status.StatusOf(gateway.Account.Id) is AccountStatus.Expired);
        await gateway.PassAsync(TimeSpan.FromHours(3), _tenMinutes);
        Assert.Single(gateway.Told, subject => subject.Contains("does not work", StringComparison.Ordinal) && subject.Contains("(361)", StringComparison.Ordinal));
        Assert.DoesNotContain(gateway.Told, subject => subject.Contains("no longer ends soon", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_sign_in_service_that_does_not_answer_is_told_only_when_it_lasts()
    {
        await using var gateway = await NoticeGateway.StartAsync();
        await gateway.AddSecondRouteAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.AccessTokensExpired = true;
        gateway.Lab.Switches.EntraUnreachable = true;
        await gateway.HandInAsync("anna@contoso.example");
        await gateway.StepUntilAsync(_minute / 60, () => gateway.Status.StatusOf(gateway.Account.Id) is AccountStatus.Unreachable);
        await gateway.LookAsync();
        await gateway.PassAsync(TimeSpan.FromMinutes(25), TimeSpan.FromMinutes(5));
        Assert.Empty(gateway.Told);
        await gateway.PassAsync(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(5));
        Assert.Single(gateway.Told, subject => subject.Contains("does not work", StringComparison.Ordinal) && subject.Contains("(360)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Held_mail_is_told_after_an_hour_and_again_each_day()
    {
        await using var gateway = await NoticeGateway.StartAsync();
        await gateway.AddSecondRouteAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.SmtpAuthOffForOrganisation = true;
        await gateway.HandInAsync("anna@contoso.example");
        await gateway.StepUntilAsync(_minute / 60, () => gateway.Queue.Counts().GetValueOrDefault(JobState.Held) == 1);
        await gateway.PassAsync(TimeSpan.FromMinutes(50), _tenMinutes);
        Assert.Empty(Held(gateway));
        await gateway.PassAsync(TimeSpan.FromMinutes(20), _tenMinutes);
        Assert.Single(Held(gateway));
        await gateway.PassAsync(TimeSpan.FromHours(26), TimeSpan.FromMinutes(30));
        Assert.Equal(2, Held(gateway).Count);
        Assert.Contains("SMTP AUTH", Held(gateway)[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_server_that_does_not_answer_is_told_by_the_second_route()
    {
        await using var gateway = await NoticeGateway.StartAsync();
        await gateway.AddSecondRouteAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.SmtpUnreachable = true;
        await gateway.HandInAsync("anna@contoso.example");
        await gateway.StepUntilAsync(_minute / 60, () => gateway.Queue.List(new JobFilter(JobState.Held)).Any(job => job.Problem == "server-unreachable"));
        await gateway.LookAsync();
        await gateway.PassAsync(TimeSpan.FromMinutes(20), _minute);
        // In steps in which the gateway looks by itself too, should a probe have hidden the trouble from each look so far.
        await gateway.StepUntilAsync(_minute / 60, () => gateway.Relay.Messages.Any(one =>
            Encoding.UTF8.GetString(one.Octets).Contains("Subject: (+) The mail server of scan@contoso.example does not answer", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_disk_with_little_room_is_told_and_so_is_its_end()
    {
        await using var gateway = await NoticeGateway.StartAsync();
        await gateway.AddSecondRouteAsync();
        await gateway.SignInAsync();
        await gateway.LookAsync();
        Assert.Empty(gateway.Told);
        await gateway.SetAsync("queue.min-free-space", "1099511627776");
        await gateway.LookAsync();
        Assert.Single(gateway.Told, subject => subject.StartsWith("(+) The disk is almost full", StringComparison.Ordinal));
        await gateway.SetAsync("queue.min-free-space", "1048576");
        await gateway.LookAsync();
        await gateway.PassAsync(TimeSpan.FromHours(2), _tenMinutes);
        Assert.Equal(["(-) The disk has room again"], gateway.Told.Skip(1));
    }

    [Fact]
    public async Task A_certificate_that_ends_is_told_when_the_date_has_settled()
    {
        await using var gateway = await NoticeGateway.StartAsync();
        await gateway.SignInAsync();
        await gateway.LookAsync();
        gateway.Time.Jump(gateway.Part<ServerCertificate>().Certificate.NotAfter.ToUniversalTime() - gateway.Time.GetUtcNow() - TimeSpan.FromDays(20));
        await gateway.LookAsync();
        await gateway.PassAsync(TimeSpan.FromMinutes(20), _tenMinutes);
        Assert.Empty(gateway.Told);
        gateway.Time.Advance(TimeSpan.FromMinutes(20));
        await gateway.LookAsync();
        Assert.Equal(["(+) The gateway's certificate ends in 19 days"], gateway.Told);
    }

    private static List<string> Held(NoticeGateway gateway) => [.. gateway.Told.Where(subject => subject.StartsWith("(+) Mail of scan@contoso.example is held", StringComparison.Ordinal))];

    /// <summary>The only sign-in is revoked, and that has been told.</summary>
    private static async Task<NoticeGateway> RevokedAsync()
    {
        var gateway = await NoticeGateway.StartAsync();
        await gateway.AddSecondRouteAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.TokenRevoked = true;
        await gateway.HandInAsync("anna@contoso.example");
        await gateway.StepUntilAsync(TimeSpan.FromMilliseconds(50), () => gateway.Relay.Messages.Count > 0);
        return gateway;
    }
}
