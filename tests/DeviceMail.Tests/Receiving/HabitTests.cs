using DeviceMail.Activity;
using DeviceMail.Devices;
using DeviceMail.Receiving;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;

namespace DeviceMail.Tests.Receiving;

/// <summary>What old devices do differently: each is let through where it is allowed, and refused by its name where it is not.</summary>
public sealed class HabitTests(ReceivingGateway gateway) : IClassFixture<ReceivingGateway>
{
    private static int _lastAddress;

    /// <summary>A habit, and a dialogue that shows it; the last line is the one that is refused without it.</summary>
    public static TheoryData<Habits, string[]> Ways { get; } = new()
    {
        { Habits.NoTls, ["EHLO printer", "MAIL FROM:<a@contoso.example>"] },
        { Habits.NoAuth, ["EHLO printer", "MAIL FROM:<a@contoso.example>"] },
        { Habits.HeloOnly, ["HELO printer", "MAIL FROM:<a@contoso.example>"] },
        { Habits.SpaceAfterColon, ["EHLO printer", "MAIL FROM: <a@contoso.example>"] },
        { Habits.SpaceAfterColon, ["EHLO printer", "MAIL FROM:<a@contoso.example>", "RCPT TO: <anna@contoso.example>"] },
        { Habits.NoBrackets, ["EHLO printer", "MAIL FROM:a@contoso.example"] },
        { Habits.NoBrackets, ["EHLO printer", "MAIL FROM:a@contoso.example SIZE=100"] },
        { Habits.NoBrackets, ["EHLO printer", "MAIL FROM:<a@contoso.example>", "RCPT TO:anna@contoso.example"] },
        { Habits.SpaceAfterColon | Habits.NoBrackets, ["EHLO printer", "MAIL FROM: a@contoso.example"] },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task It_is_let_through_where_it_is_allowed_and_named_where_it_is_not(Habits habit, string[] dialogue)
    {
        await using (var allowed = await gateway.ConnectAsync(await AllowAsync(HabitWords.Printer)))
            Assert.StartsWith("250 ", await allowed.SayAllAsync(dialogue), StringComparison.Ordinal);
        var address = await AllowAsync(HabitWords.Printer & ~habit);
        await using var client = await gateway.ConnectAsync(address);
        Assert.StartsWith($"550 5.7.1 The device at {address} is not allowed to do this: {HabitWords.Of(habit)}.", await client.SayAllAsync(dialogue), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_modern_device_needs_no_habit()
    {
        await gateway.AddAsync("modern", "right password");
        await using var client = await gateway.ConnectAsync(await AllowAsync(Habits.None));
        await client.SayAllAsync("EHLO printer", "STARTTLS");
        await client.StartTlsAsync();
        Assert.Equal(SmtpAnswers.SignedIn, await client.SayAllAsync("EHLO printer", $"AUTH PLAIN {Convert.ToBase64String("\0modern\0right password"u8)}"));
        await client.BeginDataAsync();
        Assert.Equal("ESMTPSA", gateway.JobOf(await client.SayAsync("Subject: x\r\n\r\n.")).Origin.Protocol);
    }

    [Fact]
    public async Task A_device_that_may_send_in_the_clear_may_also_sign_in_there()
    {
        await gateway.AddAsync("clear", "right password");
        await using var client = await gateway.ConnectAsync(await AllowAsync(Habits.NoTls));
        Assert.Contains("AUTH PLAIN LOGIN", await client.SayAsync("EHLO printer"), StringComparison.Ordinal);
        Assert.Equal(SmtpAnswers.SignedIn, await client.SayAsync($"AUTH PLAIN {Convert.ToBase64String("\0clear\0right password"u8)}"));
        await client.BeginDataAsync();
        Assert.Equal("ESMTPA", gateway.JobOf(await client.SayAsync("Subject: x\r\n\r\n.")).Origin.Protocol);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public async Task A_device_with_LF_lines_delivers_whole_in_LF_or_whole_in_CRLF(string end)
    {
        await using var client = await gateway.ConnectAsync(await AllowAsync(HabitWords.Printer | Habits.LfLines));
        foreach (var line in (string[])["HELO printer", "MAIL FROM: <a@contoso.example>", "RCPT TO: <anna@contoso.example>", "DATA"])
        {
            await client.SendAsync($"{line}{end}");
            Assert.Matches("^(250|354) ", await client.ReplyAsync());
        }
        await client.SendAsync($"Subject: lf{end}{end}..dot{end}line{end}.{end}");
        Assert.Equal("Subject: lf\r\n\r\n.dot\r\nline\r\n", gateway.StoredFor(await client.ReplyAsync()));
        await client.SendAsync($"QUIT{end}");
        Assert.Equal(SmtpAnswers.Bye, await client.ReplyAsync());
    }

    [Fact]
    public async Task Its_LF_dot_LF_ends_nothing_once_it_spoke_in_CRLF()
    {
        await using var client = await gateway.ConnectAsync(await AllowAsync(HabitWords.Printer | Habits.LfLines));
        await client.BeginDataAsync();
        await client.SendAsync("Subject: lf\n\none\n.\nMAIL FROM:<evil@contoso.example>\r\n");
        Assert.Equal("Subject: lf\r\n\r\none\r\n.\r\nMAIL FROM:<evil@contoso.example>\r\n", gateway.StoredFor(await client.SayAsync(".")));
    }

    [Fact]
    public async Task A_device_without_the_habit_is_told_before_it_waits_for_an_end_that_never_comes()
    {
        var address = await AllowAsync(HabitWords.Printer);
        await using var client = await gateway.ConnectAsync(address);
        await client.SendAsync("HELO printer\nMAIL FROM:<a@contoso.example>\n");
        Assert.StartsWith("250 ", await client.ReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith($"550 5.7.1 The device at {address} is not allowed to do this: ends its lines with LF alone (lf).", await client.ReplyAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("EHLO printer\nMAIL FROM:<a@contoso.example>\r\n")]
    [InlineData("EHLO printer\nMAIL FROM:<a@contoso.example>\nRCPT TO:<anna@contoso.example>\r\nDATA\n")]
    [InlineData("EHLO printer\nMAIL FROM:<a@contoso.example>\nRCPT TO:<anna@contoso.example>\nDATA\nSubject: x\r\n\n.\n")]
    [InlineData("EHLO printer\nMAIL FROM:<a@contoso.example>\nRCPT TO:<anna@contoso.example>\nDATA\nSubject: x\n\n.\r\n")]
    public async Task A_session_that_mixes_line_ends_is_refused_and_closed(string octets)
    {
        await using var client = await gateway.ConnectAsync(await AllowAsync(HabitWords.Printer | Habits.LfLines));
        await client.SendAsync(octets);
        var all = await client.RestAsync();
        Assert.EndsWith($"{SmtpAnswers.MixedLineEnds}\r\n", all, StringComparison.Ordinal);
        Assert.DoesNotContain("Kept", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lower_case_one_octet_a_packet_and_leaving_without_QUIT_need_no_permission()
    {
        var client = await gateway.ConnectAsync();
        foreach (var line in (string[])["ehlo printer", "mail from:<a@contoso.example> size=40", "rcpt to:<anna@contoso.example>", "data"])
        {
            await client.DripAsync($"{line}\r\n");
            Assert.Matches("^(250|354)", await client.ReplyAsync());
        }
        await client.DripAsync("Subject: drip\r\n\r\none octet a packet\r\n.\r\n");
        var reply = await client.ReplyAsync();
        client.Reset();
        Assert.Equal("Subject: drip\r\n\r\none octet a packet\r\n", gateway.StoredFor(reply));
        await client.DisposeAsync();
    }

    private async Task<string> AllowAsync(Habits habits)
    {
        var address = $"127.0.11.{Interlocked.Increment(ref _lastAddress)}";
        await gateway.AllowAsync(address, habits);
        return address;
    }

    [Fact]
    public async Task That_a_device_was_refused_for_a_habit_stands_in_activity_once()
    {
        await using var lab = await LabGateway.StartAsync();
        var devices = lab.Services.GetRequiredService<DeviceRegister>();
        await devices.SaveAsync(devices.All[0] with { Habits = HabitWords.Printer & ~Habits.NoTls });
        for (var time = 0; time < 3; time++) await Assert.ThrowsAnyAsync<Exception>(() => lab.HandInAsync("scan", "anna@contoso.example"));
        var told = Assert.Single(lab.Services.GetRequiredService<ActivityLog>().Latest(20), entry => entry.Sentence.Contains("was refused", StringComparison.Ordinal));
        Assert.Contains("no-tls", told.Sentence, StringComparison.Ordinal);
    }
}
