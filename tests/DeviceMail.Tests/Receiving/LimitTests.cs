using System.Text;
using DeviceMail.Devices;
using DeviceMail.Receiving;
using DeviceMail.Settings;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Receiving;

/// <summary>Too much of anything is refused in words, costs no memory, and leaves the connection usable.</summary>
public sealed class LimitTests(ReceivingGateway gateway) : IClassFixture<ReceivingGateway>
{
    [Fact]
    public async Task A_long_command_line_is_read_to_its_end_and_refused()
    {
        await using var client = await gateway.ConnectAsync();
        await client.SayAsync("EHLO printer");
        Assert.Equal(SmtpAnswers.Ok, await client.SayAsync("NOOP " + new string('x', SmtpWire.MaxLine - 5)));
        Assert.Equal(SmtpAnswers.LineTooLong, await client.SayAsync("NOOP " + new string('x', SmtpWire.MaxLine - 4)));
        var before = GC.GetTotalAllocatedBytes();
        Assert.Equal(SmtpAnswers.LineTooLong, await client.SayAsync(new string('x', 8_000_000) + " QUIT"));
        // The test itself makes the line three times over; the gateway must not hold it as well.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 8_000_000 * 12L);
        Assert.Equal(SmtpAnswers.Ok, await client.SayAsync("NOOP"));
    }

    [Fact]
    public async Task A_line_of_a_megabyte_is_kept_as_it_is()
    {
        await using var client = await gateway.ConnectAsync();
        await client.BeginDataAsync();
        var message = $"Subject: long\r\n\r\n{new string('é', 500_000)}\r\n";
        Assert.Equal(RawSmtp.Utf8(message), gateway.StoredFor(await client.SayAsync(RawSmtp.Utf8(message) + ".")));
    }

    [Theory]
    [InlineData(120, 1_000)]
    [InlineData(1_001, 10)]
    [InlineData(1, 150_000)]
    public async Task A_header_bomb_is_refused_and_the_connection_goes_on(int fields, int length)
    {
        await using var client = await gateway.ConnectAsync();
        await client.BeginDataAsync();
        var field = $"X: {new string('y', length)}\r\n";
        Assert.Equal(SmtpAnswers.HeaderTooLarge, await client.SayAsync(string.Concat(Enumerable.Repeat(field, fields)) + "\r\nbody\r\n."));
        await client.BeginDataAsync();
        gateway.JobOf(await client.SayAsync("Subject: small\r\n\r\n."));
    }

    [Fact]
    public async Task The_recipients_before_the_1001st_are_kept()
    {
        await using var client = await gateway.ConnectAsync();
        await client.SayAllAsync("EHLO printer", "MAIL FROM:<printer@contoso.example>");
        await client.SendAsync(string.Concat(Enumerable.Range(1, 1_100).Select(i => $"RCPT TO:<r{i}@contoso.example>\r\n")));
        for (var i = 1; i <= 1_100; i++) Assert.Equal(i <= 1_000 ? SmtpAnswers.RecipientOk : SmtpAnswers.TooManyRecipients, await client.ReplyAsync());
        await client.SayAsync("DATA");
        var job = gateway.JobOf(await client.SayAsync("Subject: many\r\n\r\n."));
        Assert.Equal(Enumerable.Range(1, 1_000).Select(i => $"r{i}@contoso.example"), job.Recipients.Select(one => one.Address.ToString()));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task The_announced_size_is_the_accounts_and_holds_to_the_octet(int over)
    {
        await using var client = await gateway.ConnectAsync();
        Assert.Contains($"250-SIZE {ReceivingGateway.SizeLimit}\n", await client.SayAsync("EHLO printer"), StringComparison.Ordinal);
        Assert.Equal(over > 0 ? SmtpAnswers.TooLarge : SmtpAnswers.SenderOk, await client.SayAsync($"MAIL FROM:<a@contoso.example> SIZE={ReceivingGateway.SizeLimit + over}"));
        await client.SayAsync("RSET");
        await client.BeginDataAsync();
        var head = "Subject: size\r\n\r\n.";
        // Dots that are stuffed in, and the final one, do not count (RFC 1870 3).
        var message = head + new string('x', (int)ReceivingGateway.SizeLimit + over - head.Length - 2) + "\r\n";
        var reply = await client.SayAsync(head[..^1] + "." + message[(head.Length - 1)..] + ".");
        if (over == 0) Assert.Equal(message, gateway.StoredFor(reply));
        else Assert.Equal(SmtpAnswers.TooLarge, reply);
        await client.BeginDataAsync();
        gateway.JobOf(await client.SayAsync("Subject: next\r\n\r\n."));
    }

    [Fact]
    public async Task A_device_and_a_sender_with_an_account_of_their_own_have_its_size()
    {
        await using var two = new ReceivingGateway();
        await two.InitializeAsync();
        var small = await two.AddAccountAsync("small@contoso.example", 100_000);
        await two.AllowAsync("127.0.13.1", HabitWords.Printer, small.Id);
        await using var device = await two.ConnectAsync("127.0.13.1");
        Assert.Contains("250-SIZE 100000\n", await device.SayAsync("EHLO printer"), StringComparison.Ordinal);
        Assert.Equal(SmtpAnswers.TooLarge, await device.SayAsync("MAIL FROM:<a@contoso.example> SIZE=100001"));
        await using var sender = await two.ConnectAsync();
        Assert.StartsWith("354 ", await sender.SayAllAsync("EHLO printer", "MAIL FROM:<small@contoso.example>", "RCPT TO:<anna@contoso.example>", "DATA"), StringComparison.Ordinal);
        Assert.Equal(SmtpAnswers.TooLarge, await sender.SayAsync($"Subject: x\r\n\r\n{new string('x', 100_000)}\r\n."));
    }

    [Theory]
    [InlineData("99999999999")]
    [InlineData("18446744073709551615")]
    [InlineData("99999999999999999999")]
    public async Task A_size_beyond_all_bounds_is_too_large(string size)
    {
        await using var client = await gateway.ConnectAsync();
        await client.SayAsync("EHLO printer");
        Assert.Equal(SmtpAnswers.TooLarge, await client.SayAsync($"MAIL FROM:<a@contoso.example> SIZE={size}"));
    }

    [Fact]
    public async Task Who_lies_about_the_size_is_refused_at_the_end_and_fills_no_memory()
    {
        await using var client = await gateway.ConnectAsync();
        Assert.StartsWith("354", await client.SayAllAsync("EHLO printer", "MAIL FROM:<a@contoso.example> SIZE=10", "RCPT TO:<anna@contoso.example>", "DATA"), StringComparison.Ordinal);
        await client.SendAsync("Subject: lie\r\n\r\n");
        var piece = Encoding.ASCII.GetBytes(new string('x', 998) + "\r\n");
        var large = Enumerable.Repeat(piece, 1_000).SelectMany(line => line).ToArray();
        var before = GC.GetTotalAllocatedBytes();
        for (var i = 0; i < 64; i++) await client.SendAsync(large);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 32_000_000);
        Assert.Equal(SmtpAnswers.TooLarge, await client.SayAsync("."));
        Assert.DoesNotContain(Directory.EnumerateFiles(gateway.Spool), file => new FileInfo(file).Length > ReceivingGateway.SizeLimit);
        Assert.Equal(SmtpAnswers.Ok, await client.SayAsync("NOOP"));
    }

    [Fact]
    public async Task A_sign_in_line_may_be_long_but_not_endless()
    {
        await gateway.AddAsync("long", "right password");
        await using var client = await RawSmtp.ReachAsync(gateway.SmtpOverTls);
        await client.StartTlsAsync();
        await client.ReplyAsync();
        await client.SayAllAsync("EHLO printer", "AUTH LOGIN");
        Assert.Equal(SmtpAnswers.SignInStopped, await client.SayAsync(new string('A', SmtpWire.MaxSignInLine + 4)));
        Assert.StartsWith("334", await client.SayAllAsync("AUTH LOGIN", "bG9uZw=="), StringComparison.Ordinal);
        Assert.Equal(SmtpAnswers.SignedIn, await client.SayAsync(Convert.ToBase64String("right password"u8)));
    }

    [Fact]
    public async Task Without_room_on_the_disk_mail_is_put_off_before_its_data()
    {
        await using var full = new ReceivingGateway();
        await full.InitializeAsync();
        await full.SetAsync(SettingsCatalogue.MinFreeSpace, "1099511627776");
        await using var client = await full.ConnectAsync();
        await client.SayAsync("EHLO printer");
        Assert.Equal(SmtpAnswers.DiskFull, await client.SayAsync("MAIL FROM:<a@contoso.example>"));
        await full.SetAsync(SettingsCatalogue.MinFreeSpace, "1048576");
        Assert.Equal(SmtpAnswers.SenderOk, await client.SayAsync("MAIL FROM:<a@contoso.example>"));
    }
}
