using DeviceMail.Receiving;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.Logging;

namespace DeviceMail.Tests.Receiving;

/// <summary>Octets in the wrong place: behind a command that changes the state, in an address, on their way to the log.</summary>
public sealed class InjectionTests(ReceivingGateway gateway) : IClassFixture<ReceivingGateway>
{
    [Theory]
    [InlineData("STARTTLS\r\nNOOP\r\n")]
    [InlineData("STARTTLS\r\nMAIL FROM:<evil@contoso.example>\r\n")]
    [InlineData("STARTTLS\r\n\r\n")]
    public async Task Nothing_in_the_clear_behind_STARTTLS_is_ever_a_command(string injected)
    {
        await using var client = await gateway.ConnectAsync();
        await client.SayAsync("EHLO printer");
        await client.SendAsync(injected);
        Assert.Equal(SmtpAnswers.TlsInjection, await client.ReplyAsync());
        Assert.Equal("", await client.RestAsync());
    }

    [Fact]
    public async Task TLS_forgets_what_was_said_before_it()
    {
        await using var client = await gateway.ConnectAsync();
        Assert.StartsWith("220 ", await client.SayAllAsync("EHLO printer", "MAIL FROM:<printer@contoso.example>", "STARTTLS"), StringComparison.Ordinal);
        await client.StartTlsAsync();
        Assert.Equal(SmtpAnswers.HelloFirst, await client.SayAsync("MAIL FROM:<printer@contoso.example>"));
        Assert.DoesNotContain("STARTTLS", await client.SayAsync("EHLO printer"), StringComparison.Ordinal);
        Assert.Equal(SmtpAnswers.MailFirst, await client.SayAsync("RCPT TO:<anna@contoso.example>"));
        Assert.Equal(SmtpAnswers.TlsNotNow, await client.SayAsync("STARTTLS"));
    }

    [Theory]
    [InlineData("EHLO\r\nNOOP\r\n")]
    [InlineData("DATA\r\nSubject: body\r\n\r\nMAIL FROM:<evil@contoso.example>\r\n.\r\n")]
    [InlineData("BDAT 30 LAST\r\nMAIL FROM:<evil@contoso.example>")]
    [InlineData("AUTH DIGEST-MD5\r\nMAIL FROM:<evil@contoso.example>\r\n")]
    public async Task Nothing_behind_a_refused_command_is_taken_for_one(string octets)
    {
        await using var client = await gateway.ConnectAsync();
        await client.SayAsync("EHLO printer");
        await client.SendAsync(octets);
        Assert.Equal(SmtpAnswers.NotPipelined, await client.ReplyAsync());
        Assert.Equal("", await client.RestAsync());
    }

    [Fact]
    public async Task A_body_that_comes_after_its_DATA_was_refused_ends_the_session()
    {
        await using var client = await gateway.ConnectAsync();
        await client.SayAsync("EHLO printer");
        Assert.Equal(SmtpAnswers.MailFirst, await client.SayAsync("DATA"));
        Assert.Equal(SmtpAnswers.NotPipelined, await client.SayAsync("Subject: body"));
        Assert.Equal("", await client.RestAsync());
    }

    [Fact]
    public async Task A_refused_DATA_alone_ends_nothing()
    {
        await using var client = await gateway.ConnectAsync();
        await client.SayAsync("EHLO printer");
        Assert.Equal(SmtpAnswers.MailFirst, await client.SayAsync("DATA"));
        Assert.Equal(SmtpAnswers.Ok, await client.SayAsync("RSET"));
        Assert.Equal(SmtpAnswers.UnknownCommand, await client.SayAsync("Subject: body"));
    }

    [Theory]
    [InlineData("MAIL FROM:<\"a\rRCPT TO:<b@c>\"@contoso.example>", "501 5.5.4 ")]
    [InlineData("MAIL FROM:<a\0b@contoso.example>", "501 5.5.4 ")]
    [InlineData("MAIL FROM:<\"a\u001bb\"@contoso.example>", "501 5.5.4 ")]
    [InlineData("MAIL FROM:<\"a\u007fb\"@contoso.example>", "501 5.5.4 ")]
    [InlineData("MAIL FROM:<\"a\tb\"@contoso.example>", "501 5.1.7 ")]
    [InlineData("MAIL FROM:<a\tb@contoso.example>", "501 5.1.7 ")]
    [InlineData("MAIL FROM:<a b@contoso.example>", "501 5.1.7 ")]
    [InlineData("MAIL FROM:<a@con toso.example>", "501 5.1.7 ")]
    [InlineData("MAIL FROM:<a@[IPv6:fe80::1%\r]>", "501 5.5.4 ")]
    [InlineData("MAIL FROM:<a@[fe80::1%x> y]>", "501 5.1.7 ")]
    [InlineData("MAIL FROM:<a@contoso.example", "501 5.5.4 ")]
    [InlineData("MAIL FROM:<a@contoso.example>SIZE=1", "501 5.5.4 ")]
    [InlineData("MAIL FROM:<a@contoso.example> BODY=BINARYMIME", "555 5.5.4 ")]
    [InlineData("MAIL FROM:<a@contoso.example> NOTIFY=NEVER", "555 5.5.4 ")]
    [InlineData("MAIL FROM:<a@contoso.example> SIZE=-1", "555 5.5.4 ")]
    [InlineData("MAIL FROM:<a\u0085b@contoso.example> SMTPUTF8", "501 5.5.4 ")]
    [InlineData("MAIL FROM:<\"a\u2028b\"@contoso.example> SMTPUTF8", "501 5.1.7 ")]
    public async Task An_address_cannot_hold_what_splits_a_line(string command, string refusal)
    {
        await using var client = await gateway.ConnectAsync();
        await client.SayAsync("EHLO printer");
        Assert.StartsWith(refusal, await client.SayAsync(RawSmtp.Utf8(command)), StringComparison.Ordinal);
        Assert.Equal(SmtpAnswers.MailFirst, await client.SayAsync("RCPT TO:<anna@contoso.example>"));
    }

    [Fact]
    public async Task No_control_character_reaches_the_log_or_a_list()
    {
        await using var talkative = new ReceivingGateway { LogLevel = LogLevel.Debug };
        await talkative.InitializeAsync();
        var evil = RawSmtp.Utf8("x\u001b[31m\u009b2J\u0085\u0000FAKE: all is well");
        foreach (var from in (string[])["127.0.0.1", "127.0.7.9"])
        {
            await using var client = await talkative.ConnectAsync(from);
            await client.SayAsync($"EHLO {evil}");
            await client.SayAsync("EHLO a\tb");
            await client.SayAsync($"{evil}");
            await client.SayAsync($"MAIL FROM:<{evil}@contoso.example>");
            await client.SayAsync("MAIL FROM:<printer@contoso.example>");
            await client.SayAsync("RCPT TO:<anna@contoso.example>");
            if ((await client.SayAsync("DATA"))[0] == '3')
            {
                var job = talkative.JobOf(await client.SayAsync(RawSmtp.Utf8("Subject: a\u001b[31m\u009b2J\tb\r\n\r\nNUL \0 in the body\r\n.")));
                Assert.Equal("a\uFFFD[31m\uFFFD2J b", job.Traits.Subject);
                Assert.Equal("a b", job.Origin.Greeting);
            }
            await client.SayAsync("STARTTLS");
            await client.SendAsync($"{evil}\r\n");
            await client.RestAsync();
        }
        Assert.Equal("a b", Assert.Single(talkative.Devices.Waiting).Greeting);
        await LabGateway.EventuallyAsync(() => talkative.Log.Count(line => line.Contains("no TLS came about", StringComparison.Ordinal)) == 2);
        Assert.Contains(talkative.Log, line => line.Contains("1 NUL octets were taken out", StringComparison.Ordinal));
        Assert.DoesNotContain(talkative.Log, line => line.Any(c => char.IsControl(c) && c is not ('\n' or '\r')) || line.Contains("FAKE", StringComparison.Ordinal));
    }
}
