using DeviceMail.Queue;
using DeviceMail.Receiving;
using DeviceMail.Settings;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Receiving;

/// <summary>Too many connections, and connections that do nothing: they cost a place for a while, and never the printers' places.</summary>
public sealed class FloodTests
{
    private static readonly TimeSpan _overIdle = TimeSpan.FromSeconds(301);

    [Fact]
    public async Task A_tenth_of_the_places_is_kept_for_known_devices()
    {
        await using var gateway = new ReceivingGateway();
        await gateway.InitializeAsync();
        await gateway.SetAsync(SettingsCatalogue.MaxConnections, "10");
        await using var crowd = new Crowd(gateway);
        for (var i = 1; i <= 9; i++) Assert.StartsWith("220 ", await crowd.JoinAsync($"127.0.10.{i}"), StringComparison.Ordinal);
        Assert.Equal(SmtpAnswers.TooManyConnections, await crowd.JoinAsync("127.0.10.10"));
        Assert.StartsWith("220 ", await crowd.JoinAsync("127.0.0.1"), StringComparison.Ordinal);
        Assert.Equal(SmtpAnswers.TooManyConnections, await crowd.JoinAsync("127.0.0.1"));
        await crowd.LeaveAsync(0);
        while ((await crowd.JoinAsync("127.0.0.1"))[0] != '2') TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
    }

    [Fact]
    public async Task One_address_has_its_share_and_being_refused_gives_it_no_more()
    {
        await using var gateway = new ReceivingGateway();
        await gateway.InitializeAsync();
        await gateway.SetAsync(SettingsCatalogue.MaxConnectionsPerAddress, "2");
        await using var crowd = new Crowd(gateway);
        Assert.StartsWith("220 ", await crowd.JoinAsync("127.0.0.1"), StringComparison.Ordinal);
        Assert.StartsWith("220 ", await crowd.JoinAsync("127.0.0.1"), StringComparison.Ordinal);
        for (var i = 0; i < 4; i++) Assert.Equal(SmtpAnswers.TooManyConnections, await crowd.JoinAsync("127.0.0.1"));
        for (var i = 1; i <= 8; i++) Assert.StartsWith("220 ", await crowd.JoinAsync($"127.0.10.{i}"), StringComparison.Ordinal);
        // Now the total refuses it, which must not be counted as its leaving.
        await gateway.SetAsync(SettingsCatalogue.MaxConnections, "10");
        for (var i = 0; i < 4; i++) Assert.Equal(SmtpAnswers.TooManyConnections, await crowd.JoinAsync("127.0.0.1"));
        await gateway.SetAsync(SettingsCatalogue.MaxConnections, "2000");
        Assert.Equal(SmtpAnswers.TooManyConnections, await crowd.JoinAsync("127.0.0.1"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("EHLO printer\r\n")]
    [InlineData("EHLO printer\r\nMAIL FROM:<a@contoso.example>\r\nRCPT TO:<anna@contoso.example>\r\nDATA\r\nSubject: sile")]
    public async Task Silence_is_ended_with_a_word(string beginning)
    {
        var time = new SteppedTime();
        await using var gateway = await ReceivingGateway.StartAsync(time);
        await using var client = await gateway.ConnectAsync();
        foreach (var line in beginning.Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
        {
            if (beginning.EndsWith(line, StringComparison.Ordinal)) await client.SendAsync(line);
            else await client.SayAsync(line);
        }
        time.Advance(_overIdle);
        Assert.Equal(SmtpAnswers.TooSlow, await client.ReplyAsync());
        Assert.Equal("", await client.RestAsync());
        Assert.Empty(gateway.Queue.List(new JobFilter()));
    }

    [Fact]
    public async Task A_command_that_drips_has_one_deadline_not_one_an_octet()
    {
        var time = new SteppedTime();
        await using var gateway = await ReceivingGateway.StartAsync(time);
        await using var client = await gateway.ConnectAsync();
        var end = client.RestAsync();
        for (var sent = 0; !end.IsCompleted; sent++)
        {
            Assert.InRange(sent, 0, 60);
            await client.SendAsync("x");
            time.Advance(TimeSpan.FromSeconds(10));
            await Task.WhenAny(end, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken));
        }
        Assert.Equal($"{SmtpAnswers.TooSlow}\r\n", await end);
    }

    [Fact]
    public async Task A_message_that_drips_is_ended_in_half_a_minute_and_a_quick_one_never()
    {
        var time = new SteppedTime();
        await using var gateway = await ReceivingGateway.StartAsync(time);
        await using var slow = await gateway.ConnectAsync();
        await using var quick = await gateway.ConnectAsync();
        await slow.BeginDataAsync();
        await quick.BeginDataAsync();
        await slow.SendAsync("Subject: slow\r\n");
        var end = slow.RestAsync();
        var passed = 0;
        for (; !end.IsCompleted; passed += 5)
        {
            await slow.SendAsync("x");
            await quick.SendAsync(new string('q', 5_000) + "\r\n");
            time.Advance(TimeSpan.FromSeconds(5));
            await Task.WhenAny(end, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken));
        }
        Assert.InRange(passed, 30, 120);
        Assert.Equal($"{SmtpAnswers.TooSlow}\r\n", await end);
        gateway.JobOf(await quick.SayAsync("\r\n."));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_handshake_that_never_comes_is_ended(bool implicitly)
    {
        var time = new SteppedTime();
        await using var gateway = await ReceivingGateway.StartAsync(time);
        await using var client = implicitly ? await RawSmtp.ReachAsync(gateway.SmtpOverTls) : await gateway.ConnectAsync();
        if (implicitly) await client.SendAsync("\u0016\u0003\u0001");
        else await client.SayAsync("STARTTLS");
        var end = client.RestAsync();
        await time.AdvanceUntilAsync(_overIdle, () => end.IsCompleted);
        Assert.Equal("", await end);
    }

    [Fact]
    public async Task A_peer_that_talks_and_reads_nothing_is_cut_off()
    {
        var time = new SteppedTime();
        await using var gateway = await ReceivingGateway.StartAsync(time);
        await using var client = await RawSmtp.ReachAsync(gateway.Smtp, receiveBuffer: 4_096);
        await client.SendAsync("EHLO printer\r\nMAIL FROM:<a@contoso.example>\r\n");
        var commands = string.Concat(Enumerable.Repeat("RCPT TO:<anna@contoso.example>\r\n", 2_000));
        var talking = TalkAsync();
        await time.AdvanceUntilAsync(TimeSpan.FromSeconds(30), () => talking.IsCompleted);
        await Assert.ThrowsAnyAsync<IOException>(() => talking);

        async Task TalkAsync()
        {
            while (true) await client.SendAsync(commands);
        }
    }

    [Fact]
    public async Task A_gateway_that_stops_says_so_at_once_and_still_takes_what_is_under_way()
    {
        var gateway = new ReceivingGateway();
        await gateway.InitializeAsync();
        await using var idle = await gateway.ConnectAsync();
        await using var busy = await gateway.ConnectAsync();
        await busy.BeginDataAsync();
        await busy.SendAsync("Subject: under way\r\n\r\n");
        var stopping = gateway.DisposeAsync().AsTask();
        Assert.Equal(SmtpAnswers.Stopping, await idle.ReplyAsync());
        Assert.Equal("", await idle.RestAsync());
        Assert.StartsWith("250 2.0.0 Kept as job ", await busy.SayAsync("."), StringComparison.Ordinal);
        Assert.Equal($"{SmtpAnswers.Stopping}\r\n", await busy.RestAsync());
        await stopping;
    }

    [Fact]
    public async Task Errors_are_answered_slowly_and_then_no_more()
    {
        var time = new SteppedTime();
        await using var gateway = await ReceivingGateway.StartAsync(time);
        await using var client = await gateway.ConnectAsync();
        for (var i = 1; i <= 10; i++) Assert.Equal(SmtpAnswers.UnknownCommand, await client.SayAsync("JUNK"));
        for (var i = 11; i <= 20; i++)
        {
            var reply = client.SayAsync("JUNK");
            await LabGateway.EventuallyAsync(() => time.Waits.Count(wait => wait == TimeSpan.FromSeconds(1)) >= i - 10);
            Assert.False(client.HasNews);
            time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(SmtpAnswers.UnknownCommand, await reply);
        }
        Assert.Equal(SmtpAnswers.UnknownCommand, await client.SayAsync("JUNK"));
        Assert.Equal($"{SmtpAnswers.TooManyErrors}\r\n", await client.RestAsync());
    }

    [Fact]
    public async Task A_queue_that_gives_up_in_the_middle_does_not_stop_the_session()
    {
        await using var gateway = new ReceivingGateway();
        await gateway.InitializeAsync();
        await using var client = await gateway.ConnectAsync();
        await client.BeginDataAsync();
        // No spool folder, so a message over 256 KB cannot be kept; half a megabyte more than the window follows.
        Directory.Delete(gateway.Spool, recursive: true);
        await client.SendAsync($"Subject: nowhere\r\n\r\n{string.Concat(Enumerable.Repeat(new string('x', 998) + "\r\n", 1_500))}");
        Assert.Equal(SmtpAnswers.NotKept, await client.SayAsync("."));
        Directory.CreateDirectory(gateway.Spool);
        await client.BeginDataAsync();
        gateway.JobOf(await client.SayAsync("Subject: next\r\n\r\n."));
    }

    private sealed class Crowd(ReceivingGateway gateway) : IAsyncDisposable
    {
        private readonly List<RawSmtp> _all = [];

        public async Task<string> JoinAsync(string from)
        {
            var one = await gateway.ConnectAsync(from);
            _all.Add(one);
            return one.Greeting;
        }

        public ValueTask LeaveAsync(int which) => _all[which].DisposeAsync();

        public async ValueTask DisposeAsync()
        {
            foreach (var one in _all) await one.DisposeAsync();
        }
    }
}
