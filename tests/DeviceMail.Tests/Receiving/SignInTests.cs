using System.Text;
using DeviceMail.Devices;
using DeviceMail.Receiving;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Receiving;

/// <summary>Signing in: what is asked, what is answered, and that guessing gets nowhere while the right password always works.</summary>
public sealed class SignInTests(ReceivingGateway gateway) : IClassFixture<ReceivingGateway>
{
    private static readonly double[] _growing = [0.25, 0.5, 1, 2, 4, 8, 16, 30, 30];

    [Fact]
    public async Task Without_encryption_it_is_not_offered_and_not_done()
    {
        await using var client = await gateway.ConnectAsync("127.0.9.1");
        Assert.DoesNotContain("AUTH", await client.SayAsync("EHLO printer"), StringComparison.Ordinal);
        Assert.Equal(SmtpAnswers.SignInNeedsTls, await client.SayAsync($"AUTH PLAIN {Base64("\0clear\0right password")}"));
        Assert.Equal(SmtpAnswers.SignInNeedsTls, await client.SayAsync("AUTH LOGIN"));
        await client.SayAsync("STARTTLS");
        await client.StartTlsAsync();
        Assert.Contains("AUTH PLAIN LOGIN", await client.SayAsync("EHLO printer"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PLAIN_works_with_and_without_the_answer_in_its_line(bool asks)
    {
        var user = $"plain-{asks}";
        await gateway.AddAsync(user, "right password");
        await using var client = await SecureAsync(gateway, "127.0.9.2");
        var answer = Base64($"\0{user}\0right password");
        if (asks) Assert.Equal("334 ", await client.SayAsync("AUTH PLAIN"));
        Assert.Equal(SmtpAnswers.SignedIn, await client.SayAsync(asks ? answer : $"AUTH PLAIN {answer}"));
        Assert.Equal(SmtpAnswers.SignInNotNow, await client.SayAsync($"AUTH PLAIN {answer}"));
        Assert.DoesNotContain("AUTH", await client.SayAsync("EHLO printer"), StringComparison.Ordinal);
        await client.BeginDataAsync();
        var job = gateway.JobOf(await client.SayAsync("Subject: signed in\r\n\r\n."));
        Assert.Equal((gateway.Devices.Find($"device {user}")!.Id, "ESMTPSA"), (job.Origin.DeviceId, job.Origin.Protocol));
    }

    [Fact]
    public async Task LOGIN_asks_in_the_words_that_old_devices_compare_to_the_letter()
    {
        await gateway.AddAsync("login", "right password");
        await using var client = await SecureAsync(gateway, "127.0.9.3");
        Assert.Equal("334 VXNlcm5hbWU6", await client.SayAsync("auth login"));
        Assert.Equal("334 UGFzc3dvcmQ6", await client.SayAsync(Base64("LOGIN")));
        Assert.Equal(SmtpAnswers.SignedIn, await client.SayAsync(Base64("right password")));
        await using var other = await SecureAsync(gateway, "127.0.9.3");
        Assert.Equal("334 UGFzc3dvcmQ6", await other.SayAsync($"AUTH LOGIN {Base64("login")}"));
        Assert.Equal(SmtpAnswers.SignedIn, await other.SayAsync(Base64("right password")));
    }

    [Theory]
    [InlineData("AUTH PLAIN *", "501 5.0.0")]
    [InlineData("AUTH PLAIN no-base64!", "501 5.0.0")]
    [InlineData("AUTH PLAIN =", "501 5.5.2")]
    [InlineData("AUTH PLAIN AA==", "501 5.5.2")]
    [InlineData("AUTH XOAUTH2 AA==", "504 5.5.4")]
    [InlineData("AUTH CRAM-MD5", "504 5.5.4")]
    [InlineData("AUTH", "504 5.5.4")]
    public async Task What_is_no_sign_in_is_refused_and_nobody_is_signed_in(string command, string reply)
    {
        await using var client = await SecureAsync(gateway, "127.0.9.4");
        Assert.StartsWith(reply, await client.SayAsync(command), StringComparison.Ordinal);
        Assert.StartsWith("550 5.7.1", await client.SayAsync("MAIL FROM:<a@contoso.example>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task CRAM_MD5_is_for_a_device_that_has_the_habit()
    {
        await using var old = new ReceivingGateway();
        await old.InitializeAsync();
        await old.AddAsync("modern", "right password");
        await using (var before = await SecureAsync(old))
        {
            Assert.DoesNotContain("CRAM", await before.SayAsync("EHLO printer"), StringComparison.Ordinal);
            Assert.Equal(SmtpAnswers.UnknownMechanism, await before.SayAsync("AUTH CRAM-MD5"));
        }
        await old.AddAsync("cram", "right password", Habits.CramMd5);
        Assert.Equal(SmtpAnswers.SignedIn, await CramAsync(old, "cram", "right password"));
        Assert.Equal(SmtpAnswers.SignInRefused, await CramAsync(old, "cram", "wrong password"));
        Assert.Equal(SmtpAnswers.SignInRefused, await CramAsync(old, "modern", "right password"));
        await old.AddAsync("other", "right password", Habits.CramMd5);
        var device = old.Devices.Find("device cram")!;
        await old.Devices.SaveAsync(device with { Habits = Habits.None });
        Assert.Equal(SmtpAnswers.SignInRefused, await CramAsync(old, "cram", "right password"));
        Assert.NotNull(await old.Devices.SignInAsync("cram", new("right password")));
        Assert.IsType<DeviceSave.Refused>(await old.Devices.SaveAsync(device));
    }

    [Fact]
    public async Task Guessing_is_answered_always_the_same_and_ever_later()
    {
        var time = new SteppedTime();
        await using var slow = await ReceivingGateway.StartAsync(time);
        await slow.AddAsync("known", "right password");
        foreach (var (attempt, seconds) in _growing.Index())
        {
            await using var client = await SecureAsync(slow);
            var waits = time.Waits.Count;
            await client.SendAsync($"AUTH PLAIN {Base64($"\0{(attempt % 2 == 0 ? "known" : $"stranger{attempt}")}\0guess{attempt}")}\r\n");
            await LabGateway.EventuallyAsync(() => time.Waits.Skip(waits).Contains(TimeSpan.FromSeconds(seconds)));
            Assert.False(client.HasNews);
            // Meanwhile the right password of that very user, from that very address, waits for nothing.
            await using (var right = await SecureAsync(slow))
                Assert.Equal(SmtpAnswers.SignedIn, await right.SayAsync($"AUTH PLAIN {Base64("\0known\0right password")}"));
            time.Advance(TimeSpan.FromSeconds(seconds));
            Assert.Equal(SmtpAnswers.SignInRefused, await client.ReplyAsync());
        }
    }

    [Fact]
    public async Task One_user_is_slowed_from_everywhere_one_address_for_every_user_and_all_is_forgotten()
    {
        var time = new SteppedTime();
        await using var slow = await ReceivingGateway.StartAsync(time);
        await GuessAsync(slow, time, "127.0.9.5", "anna", 0.25);
        await GuessAsync(slow, time, "127.0.9.6", "anna", 0.5);
        await GuessAsync(slow, time, "127.0.9.6", "ben", 0.5);
        await GuessAsync(slow, time, "127.0.9.7", "carl", 0.25);
        time.Advance(TimeSpan.FromMinutes(11));
        await GuessAsync(slow, time, "127.0.9.6", "anna", 0.25);
    }

    [Fact]
    public async Task The_third_wrong_password_of_a_connection_is_its_last()
    {
        var time = new SteppedTime();
        await using var slow = await ReceivingGateway.StartAsync(time);
        await using var client = await SecureAsync(slow);
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            var reply = client.SayAsync($"AUTH PLAIN {Base64("\0nobody\0guess")}");
            await time.AdvanceUntilAsync(TimeSpan.FromSeconds(1), () => reply.IsCompleted);
            Assert.Equal(SmtpAnswers.SignInRefused, await reply);
        }
        Assert.Equal($"{SmtpAnswers.TooManySignIns}\r\n", await client.RestAsync());
    }

    private static async Task GuessAsync(ReceivingGateway slow, SteppedTime time, string from, string user, double seconds)
    {
        await using var client = await SecureAsync(slow, from);
        var waits = time.Waits.Count;
        await client.SendAsync($"AUTH PLAIN {Base64($"\0{user}\0guess")}\r\n");
        // Others of the gateway wait too; the answer's wait is the one of this length.
        await LabGateway.EventuallyAsync(() => time.Waits.Skip(waits).Contains(TimeSpan.FromSeconds(seconds)));
        time.Advance(TimeSpan.FromSeconds(seconds));
        Assert.Equal(SmtpAnswers.SignInRefused, await client.ReplyAsync());
    }

    private static async Task<RawSmtp> SecureAsync(ReceivingGateway gateway, string from = "127.0.0.1")
    {
        var client = await RawSmtp.ReachAsync(gateway.SmtpOverTls, from);
        await client.StartTlsAsync();
        Assert.StartsWith("220 ", await client.ReplyAsync(), StringComparison.Ordinal);
        Assert.StartsWith("250", await client.SayAsync("EHLO printer"), StringComparison.Ordinal);
        return client;
    }

    private static async Task<string> CramAsync(ReceivingGateway gateway, string user, string password)
    {
        await using var client = await SecureAsync(gateway);
        Assert.Contains("AUTH PLAIN LOGIN CRAM-MD5", await client.SayAsync("EHLO printer"), StringComparison.Ordinal);
        var challenge = Convert.FromBase64String((await client.SayAsync("AUTH CRAM-MD5"))[4..]);
#pragma warning disable CA5351 // RFC 2195 is MD5.
        var digest = Convert.ToHexStringLower(System.Security.Cryptography.HMACMD5.HashData(Encoding.UTF8.GetBytes(password), challenge));
#pragma warning restore CA5351
        return await client.SayAsync(Base64($"{user} {digest}"));
    }

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
