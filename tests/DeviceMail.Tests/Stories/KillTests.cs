using System.Collections.Concurrent;
using DeviceMail.Tests.Kit;
using MailKit;
using MailKit.Net.Smtp;

namespace DeviceMail.Tests.Stories;

/// <summary>The program is killed (SIGKILL) at moments nobody chose. What it promised arrives; what it was given for good it keeps.</summary>
[Trait(ProgramFile.Trait, ProgramFile.Value)]
public sealed class KillTests
{
    private const string Anna = "anna@contoso.example";
    private const int Rounds = 10, Devices = 4;
    private static readonly string _large = string.Concat(Enumerable.Repeat("0123456789012345678901234567890123456789\r\n", 8_000));

    [Fact]
    public async Task Every_250_is_accounted_for_after_ten_kills_under_load()
    {
        await using var gateway = await Gateway.StartProcessAsync();
        await gateway.SignInAsync();
        // A killed gateway's connections linger at the server; its limit of three is not what this story is about.
        gateway.Lab.Switches.ConcurrentSends = 1_000;
        var promised = new ConcurrentQueue<string>();
        for (var round = 0; round < Rounds; round++)
        {
            // A round is as long as its count of promises, so that a slow machine is killed under load too.
            var enough = promised.Count + Random.Shared.Next(5, 40);
            var load = Enumerable.Range(0, Devices).Select(device => LoadAsync(gateway.SmtpPort, $"{round}-{device}", promised)).ToList();
            await LabGateway.EventuallyAsync(() => promised.Count >= enough || load.All(one => one.IsCompleted));
            await gateway.KillAsync();
            await Task.WhenAll(load);
            Assert.True(promised.Count >= enough, $"round {round}: {promised.Count} of {enough}");
            await gateway.StartAgainAsync();
        }
        await Gateway.EventuallyAsync(() => IsDrainedAsync(gateway));
        var arrived = gateway.Lab.Mailboxes[Anna].Select(mail => mail.Content.Header("Subject")).ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(promised, subject => !arrived.Contains(subject));
        Assert.Empty(Directory.GetFiles(Path.Combine(gateway.DataPath, "spool")));
    }

    [Fact]
    public async Task A_kill_between_a_refreshs_answer_and_its_save_keeps_the_sign_in()
    {
        await using var gateway = await Gateway.StartProcessAsync();
        await gateway.SignInAsync();
        for (var round = 1; round <= 3; round++)
        {
            // A program that has just started has no access token: its first mail asks for one.
            await gateway.RestartAsync();
            var refreshes = gateway.Lab.Counters.Refreshes;
            await gateway.HandInAsync($"round {round}", Anna);
            // The lab counts before it answers: the new token is on its way, in memory or on the disk.
            await LabGateway.EventuallyAsync(() => gateway.Lab.Counters.Refreshes > refreshes);
            await gateway.KillAsync();
            await gateway.StartAgainAsync();
            await gateway.ArrivesAsync(Anna, mail => mail.Content.Header("Subject") == $"round {round}");
        }
        Assert.Equal("SignedIn", (await gateway.AccountAsync()).GetProperty("status").GetString());
    }

    [Fact]
    public async Task What_a_killed_program_left_half_written_is_swept_at_the_next_start()
    {
        await using var gateway = await Gateway.StartProcessAsync();
        var spool = Path.Combine(gateway.DataPath, "spool");
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync("127.0.0.1", gateway.SmtpPort, TestContext.Current.CancellationToken);
        await client.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(
            $"EHLO x\r\nMAIL FROM:<{MailDevice.Address}>\r\nRCPT TO:<{Anna}>\r\nDATA\r\nSubject: half\r\n\r\n{_large}"), TestContext.Current.CancellationToken);
        await LabGateway.EventuallyAsync(() => Directory.GetFiles(spool).Length == 1);
        await gateway.KillAsync();
        Assert.Single(Directory.GetFiles(spool));
        await gateway.StartAgainAsync();
        Assert.Empty(Directory.GetFiles(spool));
        Assert.Empty((await gateway.AskAsync("jobs")).EnumerateArray());
    }

    /// <summary>Whether nothing waits or is being sent any more; what was put off when a connection broke is hurried.</summary>
    private static async Task<bool> IsDrainedAsync(Gateway gateway)
    {
        // One list: what is looked up state by state can move from one to the other meanwhile.
        var open = (await gateway.AskAsync("jobs", "--count", "500")).EnumerateArray().Where(job => job.GetProperty("state").GetString() is "Waiting" or "Sending").ToList();
        foreach (var job in open.Where(one => one.GetProperty("attempts").GetInt32() > 0)) await gateway.RunAsync("jobs", "try-now", $"{job.GetProperty("id")}");
        return open.Count == 0;
    }

    /// <summary>Hands in mail, small and large, until the connection breaks. Counted is what got its 250.</summary>
    private static async Task LoadAsync(int port, string name, ConcurrentQueue<string> promised)
    {
        try
        {
            using var device = await MailDevice.ConnectAsync(port);
            for (var i = 0; ; i++)
            {
                var subject = $"{name}-{i}";
                await MailDevice.HandInAsync(device, MailDevice.Message(subject, i % 8 == 7 ? _large : "a scan"), Anna);
                promised.Enqueue(subject);
            }
        }
        catch (Exception end) when (end is IOException or SmtpProtocolException or ServiceNotConnectedException or System.Net.Sockets.SocketException)
        {
            // Killed.
        }
    }
}
