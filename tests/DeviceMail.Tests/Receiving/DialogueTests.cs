using DeviceMail.Queue;
using DeviceMail.Receiving;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;

namespace DeviceMail.Tests.Receiving;

/// <summary>What is said in which order, and what the gateway does not do at all.</summary>
public sealed class DialogueTests(ReceivingGateway gateway) : IClassFixture<ReceivingGateway>
{
    [Fact]
    public async Task It_announces_what_it_does_and_nothing_else()
    {
        await using var client = await gateway.ConnectAsync("127.0.8.1");
        Assert.Matches("^220 [a-z0-9.-]+ ESMTP DeviceMail$", client.Greeting);
        var offers = (await client.SayAsync("EHLO printer")).Split('\n').Skip(1).Select(line => line[4..]);
        Assert.Equal(["PIPELINING", $"SIZE {ReceivingGateway.SizeLimit}", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES", "STARTTLS"], offers);
    }

    [Theory]
    [InlineData("BDAT 10", "502")]
    [InlineData("BDAT -1 LAST", "502")]
    [InlineData("VRFY anna", "252 2.0.0")]
    [InlineData("VRFY", "252 2.0.0")]
    [InlineData("EXPN all", "502")]
    [InlineData("TURN", "502")]
    [InlineData("HELP", "502")]
    [InlineData("XCLIENT ADDR=127.0.0.1", "500")]
    [InlineData("PROXY TCP4 127.0.0.1 127.0.0.1 1 25", "500")]
    [InlineData("", "500")]
    [InlineData("MAIL FROM:<a@b.example>", "503")]
    [InlineData("EHLO", "501 5.5.4")]
    [InlineData("AUTH PLAIN", "503")]
    public async Task It_says_no_in_the_words_of_the_protocol(string command, string reply)
    {
        await using var client = await gateway.ConnectAsync();
        Assert.StartsWith(reply, await client.SayAsync(command), StringComparison.Ordinal);
        Assert.Equal(SmtpAnswers.Ok, await client.SayAsync("NOOP"));
    }

    [Theory]
    [InlineData("GET / HTTP/1.1")]
    [InlineData("POST /mail HTTP/1.1")]
    [InlineData("CONNECT mail:25 HTTP/1.1")]
    [InlineData("PRI * HTTP/2.0")]
    public async Task A_browser_is_sent_away_at_once(string request)
    {
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync($"{request}\r\nHost: gateway\r\n\r\nEHLO x\r\nMAIL FROM:<evil@contoso.example>\r\n");
        Assert.Equal(SmtpAnswers.NotSmtp, await client.ReplyAsync());
        Assert.Equal("", await client.RestAsync());
    }

    [Fact]
    public async Task Pipelined_commands_are_answered_in_order_and_the_next_mail_may_follow_the_dot()
    {
        await using var client = await gateway.ConnectAsync();
        await client.SayAsync("EHLO printer");
        await client.SendAsync("MAIL FROM:<a@contoso.example>\r\nRCPT TO:<nobody>\r\nRCPT TO:<anna@contoso.example>\r\nDATA\r\n");
        Assert.Equal(SmtpAnswers.SenderOk, await client.ReplyAsync());
        Assert.Equal(SmtpAnswers.BadRecipientAddress, await client.ReplyAsync());
        Assert.Equal(SmtpAnswers.RecipientOk, await client.ReplyAsync());
        Assert.Equal(SmtpAnswers.StartData, await client.ReplyAsync());
        await client.SendAsync("Subject: one\r\n\r\n.\r\nMAIL FROM:<b@contoso.example>\r\nRCPT TO:<ben@contoso.example>\r\nDATA\r\n");
        Assert.Equal("a@contoso.example", gateway.JobOf(await client.ReplyAsync()).Sender!.ToString());
        Assert.Equal(SmtpAnswers.SenderOk, await client.ReplyAsync());
        Assert.Equal(SmtpAnswers.RecipientOk, await client.ReplyAsync());
        Assert.Equal(SmtpAnswers.StartData, await client.ReplyAsync());
        await client.SendAsync("Subject: two\r\n\r\n.\r\nQUIT\r\n");
        Assert.Equal("b@contoso.example", gateway.JobOf(await client.ReplyAsync()).Sender!.ToString());
        Assert.Equal(SmtpAnswers.Bye, await client.ReplyAsync());
        Assert.Equal("", await client.RestAsync());
    }

    [Fact]
    public async Task Who_talks_before_the_greeting_is_answered_after_it()
    {
        await using var client = await RawSmtp.ReachAsync(gateway.Smtp);
        await client.SendAsync("HELO printer\r\nMAIL FROM:<a@contoso.example>\r\nRCPT TO:<anna@contoso.example>\r\nDATA\r\nSubject: early\r\n\r\n.\r\nQUIT\r\n");
        Assert.StartsWith("220 ", await client.ReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("250 ", await client.ReplyAsync(), StringComparison.Ordinal);
        Assert.Equal(SmtpAnswers.SenderOk, await client.ReplyAsync());
        Assert.Equal(SmtpAnswers.RecipientOk, await client.ReplyAsync());
        Assert.Equal(SmtpAnswers.StartData, await client.ReplyAsync());
        Assert.Equal("early", gateway.JobOf(await client.ReplyAsync()).Traits.Subject);
        Assert.Equal(SmtpAnswers.Bye, await client.ReplyAsync());
    }

    [Theory]
    [InlineData("RSET")]
    [InlineData("VRFY anna")]
    [InlineData("NOOP")]
    [InlineData("EHLO again")]
    public async Task Who_only_chats_is_sent_away(string command)
    {
        await using var client = await gateway.ConnectAsync();
        await client.SendAsync(string.Concat(Enumerable.Repeat($"{command}\r\n", 101)));
        for (var i = 1; i <= 101; i++) Assert.StartsWith("25", await client.ReplyAsync(), StringComparison.Ordinal);
        Assert.Equal($"{SmtpAnswers.TooManyErrors}\r\n", await client.RestAsync());
    }

    [Theory]
    [InlineData("jürgen@bücher.example", "", "553 5.6.7 ")]
    [InlineData("jürgen@bücher.example", " SMTPUTF8", "250 ")]
    [InlineData("plain@contoso.example", " SMTPUTF8 BODY=8BITMIME", "250 ")]
    [InlineData("plain@contoso.example", " SMTPUTF8=yes", "555 ")]
    public async Task An_address_beyond_ASCII_needs_SMTPUTF8(string sender, string parameters, string reply)
    {
        await using var client = await gateway.ConnectAsync();
        await client.SayAsync("EHLO printer");
        Assert.StartsWith(reply, await client.SayAsync(RawSmtp.Utf8($"MAIL FROM:<{sender}>{parameters}")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recipient_beyond_ASCII_needs_SMTPUTF8_at_MAIL_and_is_kept_as_it_is()
    {
        await using var client = await gateway.ConnectAsync();
        Assert.Equal(SmtpAnswers.NeedsSmtpUtf8, await client.SayAllAsync("EHLO printer", "MAIL FROM:<a@contoso.example>", RawSmtp.Utf8("RCPT TO:<jürgen@bücher.example>")));
        Assert.StartsWith("354 ", await client.SayAllAsync("RSET", "MAIL FROM:<a@contoso.example> SMTPUTF8", RawSmtp.Utf8("RCPT TO:<jürgen@bücher.example>"), "DATA"), StringComparison.Ordinal);
        Assert.Equal("jürgen@bücher.example", Assert.Single(gateway.JobOf(await client.SayAsync("Subject: x\r\n\r\n.")).Recipients).Address.ToString());
    }

    [Theory]
    [InlineData("MAIL FROM:<j\u00fcrgen@contoso.example> SMTPUTF8")]
    [InlineData("MAIL FROM:<\u00c0\u0080@contoso.example> SMTPUTF8")]
    [InlineData("MAIL FROM:<\u00ed\u00a0\u0080@contoso.example> SMTPUTF8")]
    public async Task Octets_that_are_no_UTF_8_are_no_command(string command)
    {
        await using var client = await gateway.ConnectAsync();
        await client.SayAsync("EHLO printer");
        Assert.StartsWith("501 5.5.4 ", await client.SayAsync(command), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eight_bit_passes_unchanged_without_being_announced()
    {
        await using var client = await gateway.ConnectAsync();
        await client.BeginDataAsync();
        var reply = await client.SayAsync("Subject: caf\u00e9\r\n\r\n\u0080\u00ff\u00c3\r\n.");
        Assert.Equal("Subject: caf\u00e9\r\n\r\n\u0080\u00ff\u00c3\r\n", gateway.StoredFor(reply));
        Assert.True(gateway.JobOf(reply).Traits is { HeaderHasEightBit: true, BodyHasEightBit: true });
    }

    [Fact]
    public async Task A_NUL_is_refused_in_a_header_and_taken_out_of_a_body()
    {
        await using var client = await gateway.ConnectAsync();
        await client.BeginDataAsync();
        Assert.Equal(SmtpAnswers.NulInHeader, await client.SayAsync("Subject: a\0b\r\n\r\nbody\r\n."));
        await client.BeginDataAsync();
        Assert.Equal(SmtpAnswers.NulInHeader, await client.SayAsync("Subject: a\r\n\0\r\n\r\nbody\r\n."));
        await client.BeginDataAsync();
        Assert.Equal("Subject: a\r\n\r\nbody\r\n", gateway.StoredFor(await client.SayAsync("Subject: a\r\n\r\nb\0od\0\0y\0\r\n.")));
    }

    [Theory]
    [InlineData(50, "250 ")]
    [InlineData(51, "554 5.4.6 ")]
    public async Task A_mail_that_goes_round_is_stopped(int hops, string reply)
    {
        await using var client = await gateway.ConnectAsync();
        await client.BeginDataAsync();
        var received = string.Concat(Enumerable.Repeat("Received: from a by b\r\n", hops));
        Assert.StartsWith(reply, await client.SayAsync($"{received}Subject: loop\r\n\r\n."), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_that_was_here_three_times_is_stopped()
    {
        var mark = gateway.Services.GetRequiredService<GatewayMark>();
        await using var client = await gateway.ConnectAsync();
        await client.BeginDataAsync();
        var received = $"Received: from a\r\n by b {mark.Text} with SMTP\r\n";
        gateway.JobOf(await client.SayAsync($"{received}{received}\r\n."));
        await client.BeginDataAsync();
        Assert.Equal(SmtpAnswers.Loop, await client.SayAsync($"{received}{received}{received}\r\n."));
    }

    [Fact]
    public async Task A_message_whose_peer_is_cut_off_leaves_nothing_behind()
    {
        for (var i = 0; i < 2; i++)
        {
            await using var client = await gateway.ConnectAsync();
            await client.BeginDataAsync();
            await client.SendAsync($"Subject: cut\r\n\r\n{new string('x', 600_000)}\r\n");
            await LabGateway.EventuallyAsync(() => Directory.EnumerateFiles(gateway.Spool).Any());
            if (i == 0) client.Reset();
            else await client.DisposeAsync();
            await LabGateway.EventuallyAsync(() => !Directory.EnumerateFiles(gateway.Spool).Any());
        }
        Assert.DoesNotContain(gateway.Queue.List(new JobFilter()), job => job.Traits.Subject == "cut");
    }

    [Fact]
    public async Task A_gateway_that_nobody_claimed_takes_no_mail()
    {
        await using var unclaimed = new ReceivingGateway { IsClaimed = false };
        await unclaimed.InitializeAsync();
        await using var client = await unclaimed.ConnectAsync();
        Assert.Equal(SmtpAnswers.NotClaimed, client.Greeting);
        Assert.Equal("", await client.RestAsync());
    }

    [Fact]
    public async Task Who_begins_with_TLS_where_it_is_not_agreed_is_let_go_and_the_log_says_what_to_set()
    {
        await using var talkative = new ReceivingGateway { LogLevel = Microsoft.Extensions.Logging.LogLevel.Information };
        await talkative.InitializeAsync();
        await using var client = await talkative.ConnectAsync();
        await client.SendAsync("\u0016\u0003\u0001\u0002");
        Assert.Equal("", await client.RestAsync());
        Assert.Contains(talkative.Log, line => line.Contains("127.0.0.1 begins with TLS", StringComparison.Ordinal));
    }
}
