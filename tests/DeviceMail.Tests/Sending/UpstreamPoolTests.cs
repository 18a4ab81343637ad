using DeviceMail.Accounts;
using DeviceMail.Queue;
using DeviceMail.Sending;
using DeviceMail.Tests.Accounts;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Sending;

/// <summary>A connection is used again while it is good, and no longer.</summary>
public sealed class UpstreamPoolTests
{
    private const string Mail = "Subject: scan\r\n\r\nhello\r\n";

    [Fact]
    public async Task One_connection_carries_one_mail_after_another_and_sends_small_packets_at_once()
    {
        await using var folder = new SenderFolder();
        await using var server = new ScriptedServer();
        var job = await folder.AcceptAsync(Mail);
        for (var count = 0; count < 3; count++) await folder.OutcomeAsync(job, SenderFolder.Plain(server.Port));
        Assert.Equal(3, server.Messages.Count);
        Assert.Equal(1, server.Connections);
        var client = folder.Pool.TryTake();
        Assert.NotNull(client);
        Assert.True(client.SendsAtOnce);
        folder.Pool.Give(client);
    }

    [Theory]
    [InlineData(59, 1)]
    [InlineData(60, 2)]
    public async Task After_60_s_of_silence_a_connection_is_not_used_again(int seconds, int connections)
    {
        await using var folder = new SenderFolder();
        await using var server = new ScriptedServer();
        var job = await folder.AcceptAsync(Mail);
        await folder.OutcomeAsync(job, SenderFolder.Plain(server.Port));
        folder.Time.Advance(TimeSpan.FromSeconds(seconds));
        await folder.OutcomeAsync(job, SenderFolder.Plain(server.Port));
        Assert.Equal(connections, server.Connections);
    }

    [Fact]
    public async Task A_silent_connection_says_goodbye_by_itself()
    {
        await using var folder = new SenderFolder();
        await using var server = new ScriptedServer();
        await folder.OutcomeAsync(await folder.AcceptAsync(Mail), SenderFolder.Plain(server.Port));
        folder.Time.Advance(TimeSpan.FromSeconds(60));
        await LabGateway.EventuallyAsync(() => server.Commands.Contains("QUIT"));
        await folder.Pool.GoodbyesAsync();
        Assert.Null(folder.Pool.TryTake());
    }

    [Fact]
    public async Task A_connection_dies_with_its_token()
    {
        await using var folder = new SenderFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        provider.ExpiresIn = 90;
        await using var server = TokenServer("235 2.7.0 welcome", "235 2.7.0 welcome");
        var account = await folder.Accounts.AddAsync(AccountFolder.Describe("scan@contoso.example", server.Port, provider));
        await folder.Accounts.SignInAsync(account);
        var job = await folder.AcceptAsync(Mail);
        await folder.OutcomeAsync(job, account);
        folder.Time.Advance(TimeSpan.FromSeconds(30));
        await folder.OutcomeAsync(job, account);
        Assert.Equal(1, server.Connections);
        folder.Time.Advance(TimeSpan.FromSeconds(31));
        Assert.IsType<SendOutcome.Sent>(await folder.OutcomeAsync(job, account));
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task A_closed_pool_keeps_nothing_that_comes_back()
    {
        await using var folder = new SenderFolder();
        await using var server = new ScriptedServer();
        await folder.OutcomeAsync(await folder.AcceptAsync(Mail), SenderFolder.Plain(server.Port));
        var client = folder.Pool.TryTake()!;
        folder.Pool.Close();
        folder.Pool.Give(client);
        Assert.False(client.IsConnected);
        Assert.Null(folder.Pool.TryTake());
    }

    internal static ScriptedServer TokenServer(params string[] replies)
    {
        var server = new ScriptedServer { Extensions = ["PIPELINING", "8BITMIME", "AUTH XOAUTH2 OAUTHBEARER"] };
        server.Say("AUTH", replies);
        return server;
    }
}
