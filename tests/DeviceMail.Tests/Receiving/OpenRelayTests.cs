using DeviceMail.Devices;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Receiving;

/// <summary>Who is not allowed gets nothing through, in whatever clothes; who is allowed has addresses taken as they stand.</summary>
public sealed class OpenRelayTests(ReceivingGateway gateway) : IClassFixture<ReceivingGateway>
{
    /// <summary>Nmap's smtp-open-relay script, and the odd spellings of the DSBL tests: sender, recipient.</summary>
    public static TheoryData<string, string> Tricks { get; } = new()
    {
        { "<>", "<relaytest@nmap.example>" },
        { "<antispambot@nmap.example>", "<relaytest@nmap.example>" },
        { "<antispambot@localhost>", "<relaytest@nmap.example>" },
        { "<antispambot@[127.0.0.1]>", "<relaytest@nmap.example>" },
        { "<antispambot@[127.0.0.1]>", "<relaytest%nmap.example@[127.0.0.1]>" },
        { "<antispambot@[127.0.0.1]>", "<relaytest%nmap.example@localhost>" },
        { "<antispambot@[127.0.0.1]>", "<\"relaytest@nmap.example\">" },
        { "<antispambot@[127.0.0.1]>", "<\"relaytest%nmap.example\">" },
        { "<antispambot@[127.0.0.1]>", "<relaytest@nmap.example@[127.0.0.1]>" },
        { "<antispambot@[127.0.0.1]>", "<\"relaytest@nmap.example\"@[127.0.0.1]>" },
        { "<antispambot@[127.0.0.1]>", "<relaytest@nmap.example@localhost>" },
        { "<antispambot@[127.0.0.1]>", "<@[127.0.0.1]:relaytest@nmap.example>" },
        { "<antispambot@[127.0.0.1]>", "<@localhost:relaytest@nmap.example>" },
        { "<antispambot@[127.0.0.1]>", "<nmap.example!relaytest>" },
        { "<antispambot@[127.0.0.1]>", "<nmap.example!relaytest@[127.0.0.1]>" },
        { "<antispambot@[127.0.0.1]>", "<nmap.example!relaytest@localhost>" },
        { "spamtest@dsbl.example", "listme@dsbl.example" },
        { "<spamtest@127.0.0.1>", "<listme@dsbl.example>" },
        { " <spamtest@dsbl.example>", " <listme@dsbl.example>" },
        { "<postmaster@localhost>", "<listme@dsbl.example>" },
    };

    [Theory]
    [MemberData(nameof(Tricks))]
    public async Task A_stranger_relays_nothing(string sender, string recipient)
    {
        await using var client = await gateway.ConnectAsync("127.0.7.1");
        Assert.StartsWith("250", await client.SayAsync("EHLO relay"), StringComparison.Ordinal);
        Assert.StartsWith("550 5.7.1 This device (127.0.7.1) is not allowed", await client.SayAsync($"MAIL FROM:{sender}"), StringComparison.Ordinal);
        Assert.StartsWith("550 5.7.1 ", await client.SayAsync($"RCPT TO:{recipient}"), StringComparison.Ordinal);
        Assert.StartsWith("503 ", await client.SayAsync("DATA"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("relaytest%nmap.example@[127.0.0.1]", "relaytest%nmap.example@[127.0.0.1]")]
    [InlineData("nmap.example!relaytest@localhost", "nmap.example!relaytest@localhost")]
    [InlineData("\"relaytest@nmap.example\"@localhost", "\"relaytest@nmap.example\"@localhost")]
    // The route is not followed: the mail goes to the mailbox it names, by the account like all others (RFC 5321 appendix F.2).
    [InlineData("@localhost,@elsewhere.example:relaytest@nmap.example", "relaytest@nmap.example")]
    public async Task A_device_has_its_addresses_taken_as_they_stand(string written, string kept)
    {
        await using var client = await gateway.ConnectAsync();
        await client.BeginDataAsync(written);
        var job = gateway.JobOf(await client.SayAsync("Subject: route\r\n\r\n."));
        Assert.Equal(kept, Assert.Single(job.Recipients).Address.ToString());
    }

    [Theory]
    [InlineData("<relaytest@nmap.example@localhost>")]
    [InlineData("<\"relaytest@nmap.example\">")]
    [InlineData("<nmap.example!relaytest>")]
    [InlineData("<>")]
    public async Task What_is_no_address_goes_nowhere(string recipient)
    {
        await using var client = await gateway.ConnectAsync();
        Assert.StartsWith("501 5.1.3 ", await client.SayAllAsync("EHLO printer", "MAIL FROM:<>", $"RCPT TO:{recipient}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_stranger_waits_under_its_address_to_be_allowed()
    {
        await using var client = await gateway.ConnectAsync("127.0.7.2");
        await client.SayAsync("EHLO new-printer");
        await client.SayAsync("MAIL FROM:<new@contoso.example>");
        var waiting = Assert.Single(gateway.Devices.Waiting, one => one.Address == "127.0.7.2");
        Assert.Equal(("new-printer", "new@contoso.example"), (waiting.Greeting, waiting.FirstSender));
        await gateway.AllowAsync("127.0.7.2", HabitWords.Printer);
        Assert.DoesNotContain(gateway.Devices.Waiting, one => one.Address == "127.0.7.2");
        await using var again = await gateway.ConnectAsync("127.0.7.2");
        await again.BeginDataAsync();
        Assert.Equal("127.0.7.2", gateway.JobOf(await again.SayAsync("Subject: in\r\n\r\n.")).Origin.ClientAddress);
    }
}
