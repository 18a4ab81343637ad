using System.Security.Cryptography;
using System.Text;
using DeviceMail.Queue;
using DeviceMail.Tests.Kit;
using MimeKit;

namespace DeviceMail.Tests.Sending;

/// <summary>What a server would not take is re-encoded where that breaks nothing, and refused with its own problem where it would.</summary>
public sealed class MessageFittingTests
{
    private const string Dated = "Date: Tue, 24 Nov 2026 09:00:00 +0000\r\nMessage-ID: <1@x>\r\n";

    private static readonly string[] _sevenBit = ["PIPELINING", "SIZE 100000000", "ENHANCEDSTATUSCODES"];
    private static readonly string[] _eightBit = ["8BITMIME", "SIZE 100000000"];
    private static readonly string _long = new('x', 3_000);

    public static TheoryData<string, string> Reencoded => new()
    {
        { "text", $"Subject: x\r\nContent-Type: text/plain; charset=utf-8\r\n{Dated}\r\nGrüße\r\n.\r\nend  \r\n" },
        { "text that names its encoding", $"MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n{Dated}\r\nGrüße\r\n" },
        { "a long line", $"Subject: x\r\nContent-Type: text/html\r\n{Dated}\r\n<p>{_long}</p>\r\n" },
        { "one part of two", $"Content-Type: multipart/mixed; boundary=b\r\n{Dated}\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGrüße\r\n--b\r\nContent-Type: text/plain\r\n\r\nplain\r\n--b--\r\n" },
        { "a binary part", $"Content-Type: multipart/mixed; boundary=b\r\n{Dated}\r\n--b\r\nContent-Type: application/pdf\r\n\r\n%PDF ä ö ü\r\n--b--\r\n" },
        { "a missing closing boundary", $"Content-Type: multipart/mixed; boundary=b\r\n{Dated}\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGrüße\r\n" },
        { "base64 in one long line", $"Content-Type: multipart/mixed; boundary=b\r\n{Dated}\r\n--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n{Convert.ToBase64String(new byte[2_400])}\r\n--b--\r\n" },
        { "a file name beyond ASCII", $"Content-Type: multipart/mixed; boundary=b\r\n{Dated}\r\n--b\r\nContent-Type: application/pdf; name=\"Übersicht.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA\r\n--b--\r\n" },
        { "a mail in the mail", $"Content-Type: multipart/mixed; boundary=b\r\n{Dated}\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: Grüße\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGrüße\r\n--b--\r\n" },
    };

    [Theory]
    [MemberData(nameof(Reencoded))]
    public async Task Unsigned_mail_is_reencoded_and_holds_what_it_held(string what, string message)
    {
        Assert.NotEmpty(what);
        var sent = await SendAsync(message, _sevenBit);
        Assert.DoesNotContain("8BITMIME", sent.Mail, StringComparison.Ordinal);
        Assert.True(Ascii.IsValid(sent.Octets), Encoding.UTF8.GetString(sent.Octets));
        Assert.All(Encoding.ASCII.GetString(sent.Octets).Split("\r\n"), line => Assert.InRange(line.Length, 0, 998));
        Assert.Contains($"SIZE={sent.Octets.Length}", sent.Mail, StringComparison.Ordinal);
        Assert.Equal(Content(Encoding.UTF8.GetBytes(message)), Content(sent.Octets));
        Assert.StartsWith("1.0", Read(sent.Octets).Headers["MIME-Version"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Long_lines_are_reencoded_for_a_server_that_takes_eight_bits_too_and_other_parts_stay_eight_bit()
    {
        var sent = await SendAsync($"Content-Type: multipart/mixed; boundary=b\r\n{Dated}\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nGrüße\r\n--b\r\nContent-Type: text/html\r\n\r\n{_long}\r\n--b--\r\n", _eightBit);
        var text = Encoding.UTF8.GetString(sent.Octets);
        Assert.Contains("BODY=8BITMIME", sent.Mail, StringComparison.Ordinal);
        Assert.Contains("\r\n\r\nGrüße\r\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain(_long, text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_large_attachment_comes_out_as_it_went_in()
    {
        var file = RandomNumberGenerator.GetBytes(400_000);
        var oneLine = Convert.ToBase64String(file);
        var sent = await SendAsync($"Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n{Dated}\r\n{oneLine}\r\n", _eightBit);
        using var decoded = new MemoryStream();
        var part = Assert.IsType<MimePart>(Read(sent.Octets).Body);
        await part.Content!.DecodeToAsync(decoded, TestContext.Current.CancellationToken);
        Assert.Equal(SHA256.HashData(file), SHA256.HashData(decoded.ToArray()));
    }

    public static TheoryData<string, string, string> Refused => new()
    {
        { "needs-eight-bit", "Content-Type: multipart/signed; boundary=b", "--b\r\nContent-Type: text/plain\r\n\r\nGrüße\r\n--b--\r\n" },
        { "line-too-long", "Content-Type: multipart/signed; boundary=b", $"--b\r\n\r\n{_long}\r\n--b--\r\n" },
        { "line-too-long", "Content-Type: application/pkcs7-mime", $"{_long}\r\n" },
        { "needs-eight-bit", "Content-Type: multipart/mixed; boundary=o", "--o\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nGrüße\r\n--b--\r\n--o--\r\n" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Signed_mail_is_refused_rather_than_broken(string problem, string type, string body)
    {
        var refused = Assert.IsType<SendOutcome.Refused>(await OutcomeAsync($"{type}\r\n{Dated}\r\n{body}", _sevenBit));
        Assert.Equal(problem, refused.Problem.Key);
    }

    [Theory]
    [InlineData("needs-eight-bit", "Grüße aus dem Scanner\r\n", false)]
    [InlineData("line-too-long", null, true)]
    public async Task Mail_over_25_MB_is_refused_rather_than_reencoded(string problem, string? line, bool takesEightBit)
    {
        var piece = Encoding.UTF8.GetBytes(line ?? _long + "\r\n");
        byte[] message = [.. Encoding.ASCII.GetBytes($"Subject: x\r\n{Dated}\r\n"), .. Enumerable.Repeat(piece, 26_214_400 / piece.Length + 1).SelectMany(one => one)];
        var refused = Assert.IsType<SendOutcome.Refused>(await OutcomeAsync(message, takesEightBit ? _eightBit : _sevenBit));
        Assert.Equal(problem, refused.Problem.Key);
        Assert.Contains("25 MB", refused.ServerWords, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Utf8_in_the_header_is_asked_for_where_the_server_announces_it()
    {
        var sent = await SendAsync($"Subject: Grüße\r\n{Dated}\r\nx\r\n", ["8BITMIME", "SMTPUTF8"]);
        Assert.Contains(" SMTPUTF8", sent.Mail, StringComparison.Ordinal);
        Assert.Contains("Subject: Grüße\r\n", Encoding.UTF8.GetString(sent.Octets), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ascii_mail_does_not_ask_for_utf8() =>
        Assert.DoesNotContain("SMTPUTF8", (await SendAsync($"Subject: x\r\n{Dated}\r\nx\r\n", ["8BITMIME", "SMTPUTF8"])).Mail, StringComparison.Ordinal);

    [Fact]
    public async Task Words_in_the_header_are_encoded_where_the_server_does_not_announce_utf8()
    {
        var sent = await SendAsync($"Subject: Grüße\r\nTo: Jörg <joerg@x.example>\r\n{Dated}\r\nx\r\n", _eightBit);
        Assert.True(Ascii.IsValid(sent.Octets));
        var message = Read(sent.Octets);
        Assert.Equal("Grüße", message.Subject);
        Assert.Equal("Jörg", Assert.Single(message.To.Mailboxes).Name);
    }

    [Theory]
    [InlineData("jörg@x.example", "MAIL")]
    [InlineData("joerg@höfe.example", "RCPT TO:<joerg@höfe.example>")]
    public async Task An_address_beyond_ascii_asks_for_utf8(string recipient, string command)
    {
        await using var folder = new SenderFolder();
        await using var server = new ScriptedServer();
        var job = await folder.AcceptAsync($"Subject: x\r\n{Dated}\r\nx\r\n", recipient);
        Assert.IsType<SendOutcome.Sent>(await folder.OutcomeAsync(job, SenderFolder.Plain(server.Port)));
        Assert.Contains(" SMTPUTF8", server.Messages[0].Mail, StringComparison.Ordinal);
        Assert.Contains(server.Commands, one => one.StartsWith(command, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_address_beyond_ascii_is_refused_without_utf8_and_the_others_are_served()
    {
        await using var folder = new SenderFolder();
        await using var server = new ScriptedServer { Extensions = _eightBit };
        var job = await folder.AcceptAsync($"Subject: x\r\n{Dated}\r\nx\r\n", "jörg@x.example", "anna@x.example", "ben@höfe.example");
        var result = await folder.SendAsync(job, SenderFolder.Plain(server.Port));
        Assert.Equal("needs-utf8", Assert.IsType<SendOutcome.Refused>(result.Recipients[0].Outcome).Problem.Key);
        Assert.IsType<SendOutcome.Sent>(result.Recipients[1].Outcome);
        // A domain beyond ASCII has a form in ASCII.
        Assert.IsType<SendOutcome.Sent>(result.Recipients[2].Outcome);
        Assert.Equal(["RCPT TO:<anna@x.example>", "RCPT TO:<ben@xn--hfe-sna.example>"], server.Messages[0].Recipients);
    }

    [Fact]
    public async Task An_address_beyond_ascii_in_the_header_is_refused_without_utf8()
    {
        var refused = Assert.IsType<SendOutcome.Refused>(await OutcomeAsync($"To: Jörg <jörg@x.example>\r\n{Dated}\r\nx\r\n", _eightBit));
        Assert.Equal("needs-utf8", refused.Problem.Key);
    }

    [Fact]
    public async Task A_long_header_line_is_folded_and_a_signed_body_stays_as_it_is()
    {
        var signed = "--b\r\n\r\n  Grüße \r\n--b\r\n\r\nsig\r\n--b--\r\n";
        var many = string.Join(", ", Enumerable.Range(0, 100).Select(i => $"someone{i}@contoso.example"));
        var sent = await SendAsync($"To: {many}\r\nContent-Type: multipart/signed; boundary=b\r\n{Dated}\r\n{signed}", _eightBit);
        var text = Encoding.UTF8.GetString(sent.Octets);
        Assert.All(text.Split("\r\n"), line => Assert.InRange(line.Length, 0, 998));
        Assert.EndsWith("\r\n\r\n" + signed, text, StringComparison.Ordinal);
        Assert.Equal(100, Read(sent.Octets).To.Count);
    }

    [Fact]
    public async Task A_long_word_in_the_header_is_cut_into_encoded_words()
    {
        var sent = await SendAsync($"Subject: {_long}\r\n{Dated}\r\nx\r\n", _eightBit);
        Assert.All(Encoding.UTF8.GetString(sent.Octets).Split("\r\n"), line => Assert.InRange(line.Length, 0, 998));
        Assert.Equal(_long, Read(sent.Octets).Subject);
    }

    [Fact]
    public async Task A_header_line_that_cannot_be_folded_is_refused() =>
        Assert.Equal("line-too-long", Assert.IsType<SendOutcome.Refused>(await OutcomeAsync($"References: <{_long}@x>\r\n{Dated}\r\nx\r\n", _eightBit)).Problem.Key);

    [Fact]
    public async Task Mail_over_the_servers_size_is_refused_before_it_is_sent()
    {
        var refused = Assert.IsType<SendOutcome.Refused>(await OutcomeAsync($"Subject: x\r\n{Dated}\r\n{new string('a', 900)}\r\n", ["SIZE 500"]));
        Assert.Equal("message-too-large", refused.Problem.Key);
    }

    private static async Task<Captured> SendAsync(string message, string[] extensions)
    {
        await using var folder = new SenderFolder();
        await using var server = new ScriptedServer { Extensions = extensions };
        Assert.IsType<SendOutcome.Sent>(await folder.OutcomeAsync(await folder.AcceptAsync(message), SenderFolder.Plain(server.Port)));
        return Assert.Single(server.Messages);
    }

    private static Task<SendOutcome> OutcomeAsync(string message, string[] extensions) => OutcomeAsync(Encoding.UTF8.GetBytes(message), extensions);

    private static async Task<SendOutcome> OutcomeAsync(byte[] message, string[] extensions)
    {
        await using var folder = new SenderFolder();
        await using var server = new ScriptedServer { Extensions = extensions };
        var outcome = await folder.OutcomeAsync(await folder.AcceptAsync(message), SenderFolder.Plain(server.Port));
        Assert.DoesNotContain("DATA", server.Commands);
        return outcome;
    }

    private static MimeMessage Read(byte[] octets) => MimeMessage.Load(new MemoryStream(octets), TestContext.Current.CancellationToken);

    /// <summary>What a reader sees of a message: each part's type, name and decoded content.</summary>
    private static List<string> Content(byte[] message)
    {
        var parts = new List<string>();
        using var iterator = new MimeIterator(Read(message));
        while (iterator.MoveNext())
        {
            using var octets = new MemoryStream();
            (iterator.Current as MimePart)?.Content?.DecodeTo(octets, TestContext.Current.CancellationToken);
            var subject = (iterator.Current as MessagePart)?.Message?.Subject;
            parts.Add($"{iterator.Current.ContentType.MimeType} {(iterator.Current as MimePart)?.FileName} {subject} {Encoding.UTF8.GetString(octets.ToArray()).TrimEnd()}");
        }
        return parts;
    }
}
