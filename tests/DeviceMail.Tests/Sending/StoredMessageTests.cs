using System.Text;
using DeviceMail.Messages;
using DeviceMail.Sending;
using DeviceMail.Tests.Kit;
using MailKit.Security;

namespace DeviceMail.Tests.Sending;

/// <summary>What a device wrote leaves as it was, through the real client and a real socket.</summary>
public sealed class StoredMessageTests
{
    public static TheoryData<string, string> OddMessages => new()
    {
        { "plain", "Subject: x\r\n\r\nbody\r\n" },
        { "dots", "Subject: x\r\n\r\n.\r\n..\r\n.a\r\nend\r\n" },
        { "eight bit without a transfer encoding", "Subject: x\r\nContent-Type: text/plain\r\n\r\nGrüße\r\n" },
        { "eight bit in the header", "Subject: Grüße\r\n\r\nbody\r\n" },
        { "a line of 3,000 octets", $"Subject: x\r\n\r\n{new string('a', 3_000)}\r\n" },
        { "a missing closing boundary", "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n" },
        { "an mbox line", "From nobody Mon Jan 1\r\nSubject: x\r\n\r\nbody\r\n" },
        { "no body", "Subject: x\r\n\r\n" },
        { "odd folds and spaces", "Subject:   x \r\n\t y\r\nX-A :b\r\nTo:\r\n\r\nbody  \r\n\r\n" },
        { "two of each", "From: a@b.c\r\nFrom: d@e.f\r\nSubject: 1\r\nSubject: 2\r\n\r\nx\r\n" },
    };

    [Theory]
    [MemberData(nameof(OddMessages))]
    public async Task It_leaves_octet_by_octet(string what, string message)
    {
        Assert.NotEmpty(what);
        await using var server = new ScriptedServer();
        using var client = await ConnectAsync(server);
        var octets = Encoding.UTF8.GetBytes(message);
        var split = octets.AsSpan().IndexOf("\r\n\r\n"u8) + 2;
        var header = "Received: by us\r\n"u8.ToArray().Concat(octets[..split]).ToArray();
        using var body = new MemoryStream(octets);
        using var stored = new StoredMessage(header, new StoredBody(body, split + 2) { EightBit = EightBit.Yes }, EightBit.No);
        await client.SendAsync(stored, null, [MailAddress.Parse("anna@contoso.example")], TestContext.Current.CancellationToken);
        var captured = Assert.Single(server.Messages);
        Assert.Equal(Encoding.UTF8.GetString([.. "Received: by us\r\n"u8, .. octets]), Encoding.UTF8.GetString(captured.Octets));
        Assert.StartsWith("MAIL FROM:<>", captured.Mail, StringComparison.Ordinal);
        Assert.Contains("BODY=8BITMIME", captured.Mail, StringComparison.Ordinal);
        Assert.Contains($"SIZE={captured.Octets.Length}", captured.Mail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refused_recipients_are_told_and_the_others_get_it()
    {
        await using var server = new ScriptedServer();
        server.Say("RCPT TO:<ben@", "550 5.1.1 no such user");
        using var client = await ConnectAsync(server);
        using var body = new MemoryStream("x\r\n"u8.ToArray());
        using var stored = new StoredMessage("Subject: x\r\n"u8.ToArray(), new StoredBody(body, 0) { EightBit = EightBit.No }, EightBit.No);
        await client.SendAsync(stored, null, [MailAddress.Parse("anna@x.example"), MailAddress.Parse("ben@x.example")], TestContext.Current.CancellationToken);
        var refused = Assert.Single(client.Refused);
        Assert.Equal("ben@x.example", refused.Address);
        Assert.Equal(550, refused.Reply.Code);
        Assert.Single(Assert.Single(server.Messages).Recipients);
        Assert.DoesNotContain("8BITMIME", server.Messages[0].Mail, StringComparison.Ordinal);
    }

    private static async Task<UpstreamClient> ConnectAsync(ScriptedServer server)
    {
        var client = new UpstreamClient();
        await client.ConnectAsync("127.0.0.1", server.Port, SecureSocketOptions.None, TestContext.Current.CancellationToken);
        return client;
    }
}
