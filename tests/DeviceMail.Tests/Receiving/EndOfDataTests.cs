using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Receiving;

/// <summary>
/// SMTP smuggling: a message that holds what some servers take for its end, and a command behind it. Only CRLF.CRLF ends the data; everything else is
/// kept as text, with line ends that no server can misread.
/// </summary>
public sealed class EndOfDataTests(ReceivingGateway gateway) : IClassFixture<ReceivingGateway>
{
    private const string Smuggled =
        "MAIL FROM:<smuggled@evil.example>\r\nRCPT TO:<victim@contoso.example>\r\nDATA\r\nSubject: smuggled\r\n\r\nhello\r\n.\r\n";

    /// <summary>The sequence on the wire, and what is kept of it.</summary>
    public static TheoryData<string, string> Sequences { get; } = new()
    {
        { "\n.\n", "\r\n.\r\n" },
        { "\n.\r\n", "\r\n.\r\n" },
        { "\r\n.\n", "\r\n.\r\n" },
        { "\r\n.\r\r\n", "\r\n.\r\n\r\n" },
        { "\r\r\n.\r\r\n", "\r\n\r\n.\r\n\r\n" },
        { "\r.\r", "\r\n.\r\n" },
        { "\r.\r\n", "\r\n.\r\n" },
        { "\r\n.\r", "\r\n.\r\n" },
        { "\r.\n", "\r\n.\r\n" },
        { "\n.\r", "\r\n.\r\n" },
        { "\n..\n", "\r\n..\r\n" },
        { "\r\n\0.\r\n", "\r\n.\r\n" },
        { "\r\n.\0\r\n", "\r\n\r\n" },
        { "\r\n. \r\n", "\r\n \r\n" },
        { "\r\n\v.\r\n", "\r\n\v.\r\n" },
        { RawSmtp.Utf8("\u0085.\u0085"), RawSmtp.Utf8("\u0085.\u0085") },
        { RawSmtp.Utf8("\u2028.\u2028"), RawSmtp.Utf8("\u2028.\u2028") },
    };

    [Theory]
    [MemberData(nameof(Sequences))]
    public async Task It_ends_no_message_and_nothing_behind_it_is_a_command(string sequence, string kept)
    {
        await using var client = await gateway.ConnectAsync();
        await client.BeginDataAsync();
        await client.SendAsync($"Subject: outer\r\n\r\nfirst{sequence}{Smuggled}");
        await IsOneMessageAsync(client, kept);
    }

    [Theory]
    [MemberData(nameof(Sequences))]
    public async Task It_ends_no_message_when_it_comes_one_octet_a_packet(string sequence, string kept)
    {
        await using var client = await gateway.ConnectAsync();
        await client.BeginDataAsync();
        await client.DripAsync($"Subject: outer\r\n\r\nfirst{sequence}{Smuggled}");
        await IsOneMessageAsync(client, kept);
    }

    [Fact]
    public async Task Seventeen_sequences_are_known()
    {
        Assert.Equal(17, Sequences.Count);
        await using var client = await gateway.ConnectAsync();
        await client.BeginDataAsync();
        await client.SendAsync("Subject: dots\r\n\r\n..one\r\n...\r\n. two\r\n.\r\n");
        Assert.Equal("Subject: dots\r\n\r\n.one\r\n..\r\n two\r\n", gateway.StoredFor(await client.ReplyAsync()));
    }

    private async Task IsOneMessageAsync(RawSmtp client, string kept)
    {
        var reply = await client.ReplyAsync();
        Assert.Equal("503 5.5.1 Say MAIL FROM first", await client.SayAsync("DATA"));
        Assert.Equal($"Subject: outer\r\n\r\nfirst{kept}{Smuggled[..^3]}", gateway.StoredFor(reply));
        var job = gateway.JobOf(reply);
        Assert.Equal("printer@contoso.example", job.Sender!.ToString());
        Assert.Equal("anna@contoso.example", Assert.Single(job.Recipients).Address.ToString());
    }
}
