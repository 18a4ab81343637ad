using DeviceMail.Activity;
using DeviceMail.Doctor;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Doctor;

public sealed class DoctorStepTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_step_without_an_answer_ends_at_its_limit()
    {
        var time = new SteppedTime();
        var step = new DoctorStep("mail-route", "Connection to the mail server", async cancel =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancel);
            throw new InvalidOperationException("It never ends by itself.");
        });

        var running = step.RunAsync(time, Cancel);
        await LabGateway.EventuallyAsync(() => time.Waits.Contains(step.Limit));
        time.Advance(step.Limit - TimeSpan.FromSeconds(1));
        Assert.False(running.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        var line = await running;
        Assert.Equal(("mail-route", DoctorMark.Failed, 20_000), (line.Key, line.Mark, line.Milliseconds));
        Assert.Equal("Connection to the mail server: no answer in 20 seconds.", line.Sentence);
    }

    [Fact]
    public async Task The_remedy_names_the_mailbox()
    {
        var line = DoctorLine.Failed(Problems.SmtpAuthOff, "");
        var step = new DoctorStep("smtp-auth", "The mail server accepts the account", _ => Task.FromResult(line)) { Account = "scan@contoso.example" };

        Assert.Contains("Set-CASMailbox 'scan@contoso.example' -Smtp", (await step.RunAsync(TimeProvider.System, Cancel)).Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled", "Organisation")]
    [InlineData("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox.", "Mailbox")]
    [InlineData("535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy. Contact your administrator.", "SecurityDefaults")]
    [InlineData("535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled.", "Mailbox,Organisation")]
    [InlineData("535 5.7.139 Authentication unsuccessful [FR0P281CA0001 2026-11-24]", "Mailbox,Organisation,SecurityDefaults")]
    [InlineData("535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.", "")]
    [InlineData("535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be authenticated successfully.", "")]
    [InlineData("535 5.7.139 Authentication unsuccessful, basic authentication is disabled.", "")]
    [InlineData("535 5.7.3 Authentication unsuccessful", "")]
    [InlineData("", "")]
    public void G1_2_the_servers_words_leave_just_these_switches_possible(string words, string switches) =>
        Assert.Equal(switches, string.Join(',', AuthSwitches.Possible(words)));

    [Theory]
    [InlineData("scan@contoso.example", "'scan@contoso.example'")]
    [InlineData("o'brien@contoso.example", "'o''brien@contoso.example'")]
    [InlineData("a’; Remove-Mailbox ‘b", "'a’’; Remove-Mailbox ‘‘b'")]
    [InlineData("a\r\nRemove-Mailbox b", "'aRemove-Mailbox b'")]
    [InlineData("$(whoami)`n", "'$(whoami)`n'")]
    public void G1_2_a_mailbox_is_one_word_of_PowerShell_whatever_it_holds(string mailbox, string quoted) => Assert.Equal(quoted, PowerShell.Quote(mailbox));
}
