using System.Text;
using CsCheck;
using DeviceMail.Accounts;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Sending;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Sending;

/// <summary>Through the queue and the real sender, a mail leaves octet by octet as it was handed in, but for the header fields that policy changes.</summary>
public sealed class ByteExactTests
{
    private const string Received = "Received: from printer ([192.0.2.7])\r\n by gateway.test mark with ESMTP id ";
    private const string Dated = "Date: Tue, 24 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@x>\r\n";

    public static TheoryData<string, string> OddMessages => new()
    {
        { "plain", $"Subject: x\r\n{Dated}\r\nbody\r\n" },
        { "eight bit without a transfer encoding", $"Subject: x\r\nContent-Type: text/plain\r\n{Dated}\r\nGrüße\r\n" },
        { "a line of 998 octets", $"Subject: x\r\n{Dated}\r\n{new string('a', 998)}\r\n" },
        { "a missing closing boundary", $"Content-Type: multipart/mixed; boundary=b\r\n{Dated}\r\n--b\r\n\r\none\r\n--b\r\n\r\ntwo\r\n" },
        { "an mbox line", $"From nobody Mon Jan 1\r\nSubject: x\r\n{Dated}\r\nbody\r\n" },
        { "dots at line starts", $"Subject: x\r\n{Dated}\r\n.\r\n..\r\n.a\r\n...\r\nend\r\n" },
        { "an empty body", $"Subject: x\r\n{Dated}\r\n" },
        { "a body of empty lines", $"Subject: x\r\n{Dated}\r\n\r\n\r\n" },
        { "odd folds and spaces", $"Subject:   x \r\n\t y\r\nX-A :b\r\nTo:\r\n{Dated}\r\nbody  \r\n\r\n" },
        { "two of each", $"From: a@b.c\r\nFrom: d@e.f\r\nSubject: 1\r\nSubject: 2\r\n{Dated}\r\nx\r\n" },
        { "a signed part", $"Content-Type: multipart/signed; boundary=b\r\n{Dated}\r\n--b\r\n\r\n  Grüße \r\n--b\r\n\r\nsig\r\n--b--\r\n" },
        { "base64 in one line of 900", $"Content-Transfer-Encoding: base64\r\n{Dated}\r\n{new string('A', 900)}\r\n" },
    };

    [Theory]
    [MemberData(nameof(OddMessages))]
    public async Task It_leaves_octet_by_octet(string what, string message)
    {
        Assert.NotEmpty(what);
        var sent = await SendAsync(message, SenderPolicy.Keep);
        Assert.Equal(message, AfterReceived(sent));
    }

    [Fact]
    public async Task Without_a_header_the_missing_fields_come_first_and_the_body_is_untouched()
    {
        var sent = await SendAsync("\r\nno header at all\r\n.\r\n", SenderPolicy.Keep);
        Assert.Matches(@"^Date: [^\r]+\r\nMessage-ID: <[^>]+@gateway\.test>\r\n\r\nno header at all\r\n\.\r\n$", AfterReceived(sent));
    }

    [Fact]
    public async Task Without_a_separator_all_is_header_and_an_empty_line_ends_it()
    {
        var sent = await SendAsync($"{Dated}Subject: x\r\nX-Last: y\r\n", SenderPolicy.Keep);
        Assert.Equal($"{Dated}Subject: x\r\nX-Last: y\r\n\r\n", AfterReceived(sent));
    }

    [Fact]
    public async Task Policy_replaces_the_senders_fields_and_nothing_else()
    {
        var sent = await SendAsync($"From: Printer <printer@contoso.example>\r\nSubject:  x\r\nBcc: secret@x.example\r\nSender: s@x.example\r\n{Dated}\r\nbody\r\n", SenderPolicy.Replace);
        Assert.Equal($"Subject:  x\r\n{Dated}From: scan@contoso.example\r\nReply-To: Printer <printer@contoso.example>\r\n\r\nbody\r\n", AfterReceived(sent));
    }

    [Fact]
    public async Task Any_body_of_any_octets_leaves_as_it_is()
    {
        await using var folder = new SenderFolder();
        await using var server = new ScriptedServer();
        var account = SenderFolder.Plain(server.Port);
        // Lines as the receiver hands them on: no CR, LF or NUL in them, at most 998 octets.
        var octets = Gen.Byte.Where(octet => octet is not (0 or 10 or 13)).Array[0, 80];
        var bodies = Gen.OneOf(octets, Gen.Const("."u8.ToArray()), Gen.Const("..x"u8.ToArray())).Array[0, 20];
        await bodies.SampleAsync(async lines =>
        {
            byte[] message = [.. "Subject: x\r\nDate: y\r\nMessage-ID: <1@x>\r\n\r\n"u8, .. lines.SelectMany(line => (byte[])[.. line, 13, 10])];
            var job = await folder.AcceptAsync(message);
            var before = server.Messages.Count;
            if (await folder.OutcomeAsync(job, account) is not SendOutcome.Sent) return false;
            var sent = server.Messages[before].Octets;
            return sent.AsSpan(sent.AsSpan().IndexOf("Subject"u8)).SequenceEqual(message);
        }, iter: 60, threads: 1);
    }

    [Fact]
    public async Task The_envelope_is_exact()
    {
        await using var folder = new SenderFolder();
        await using var server = new ScriptedServer();
        var job = await folder.AcceptAsync("To: shown@x.example\r\nCc: copy@x.example\r\n\r\nx\r\n", "a@x.example", "b@y.example", "\"c d\"@z.example");
        await folder.SendAsync(job, SenderFolder.Plain(server.Port));
        var captured = Assert.Single(server.Messages);
        Assert.Equal(["RCPT TO:<a@x.example>", "RCPT TO:<b@y.example>", "RCPT TO:<\"c d\"@z.example>"], captured.Recipients);
        Assert.StartsWith($"MAIL FROM:<printer@contoso.example> SIZE={captured.Octets.Length}", captured.Mail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_recipient_who_has_the_mail_already_does_not_get_it_again()
    {
        await using var folder = new SenderFolder();
        await using var server = new ScriptedServer();
        var job = await folder.AcceptAsync("Subject: x\r\n\r\nx\r\n", "a@x.example", "b@x.example");
        await folder.SendAsync(job with { Recipients = [job.Recipients[0] with { State = RecipientState.Sent }, job.Recipients[1]] }, SenderFolder.Plain(server.Port));
        Assert.Equal(["RCPT TO:<b@x.example>"], Assert.Single(server.Messages).Recipients);
    }

    [Fact]
    public async Task A_second_attempt_sends_the_same_octets()
    {
        await using var folder = new SenderFolder();
        await using var server = new ScriptedServer();
        server.Say(".", "drop");
        var job = await folder.AcceptAsync("Subject: x\r\n\r\nx\r\n");
        Assert.IsType<SendOutcome.TryLater>(await folder.OutcomeAsync(job, SenderFolder.Plain(server.Port)));
        folder.Time.Advance(TimeSpan.FromHours(1));
        Assert.IsType<SendOutcome.Sent>(await folder.OutcomeAsync(job, SenderFolder.Plain(server.Port)));
        Assert.Equal(server.Messages[0].Octets, server.Messages[1].Octets);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_that_is_gone_or_cut_short_is_refused_and_says_so(bool isCut)
    {
        await using var folder = new SenderFolder();
        await using var server = new ScriptedServer();
        var job = await folder.AcceptAsync($"Subject: x\r\n\r\n{string.Concat(Enumerable.Repeat("a line\r\n", 50_000))}");
        var file = Assert.Single(Directory.GetFiles(folder.Accounts.Folder.Spool));
        if (isCut) await File.WriteAllBytesAsync(file, File.ReadAllBytes(file)[..1_000], TestContext.Current.CancellationToken);
        else File.Delete(file);
        var refused = Assert.IsType<SendOutcome.Refused>(await folder.OutcomeAsync(job, SenderFolder.Plain(server.Port)));
        Assert.Equal("body-gone", refused.Problem.Key);
        Assert.DoesNotContain(folder.Accounts.Folder.Data.Path, refused.ServerWords, StringComparison.Ordinal);
        Assert.Equal(0, server.Connections);
    }

    private static async Task<string> SendAsync(string message, SenderPolicy policy)
    {
        await using var folder = new SenderFolder();
        await using var server = new ScriptedServer();
        var job = await folder.AcceptAsync(message);
        Assert.IsType<SendOutcome.Sent>(await folder.OutcomeAsync(job, SenderFolder.Plain(server.Port) with { SenderPolicy = policy }));
        return Encoding.UTF8.GetString(Assert.Single(server.Messages).Octets);
    }

    private static string AfterReceived(string sent)
    {
        Assert.StartsWith(Received, sent, StringComparison.Ordinal);
        var second = sent.IndexOf("\r\n", Received.Length, StringComparison.Ordinal);
        return sent[(sent.IndexOf("\r\n", second + 2, StringComparison.Ordinal) + 2)..];
    }
}
