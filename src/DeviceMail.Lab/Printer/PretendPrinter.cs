using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace DeviceMail.Lab.Printer;

/// <summary>What a scan came to: the whole dialogue, the last reply, and the PDF's hash to compare with the mailbox.</summary>
public sealed record ScanResult(string Reply, IReadOnlyList<string> Dialogue, string PdfSha256, long PdfBytes)
{
    public bool Accepted => Reply.StartsWith("250", StringComparison.Ordinal);
}

/// <summary>A device on the shelf: it scans a page and hands it to the gateway by plain SMTP.</summary>
public sealed class PretendPrinter(TimeProvider time)
{
    public const string Sender = "printer@contoso.example";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The gateway's SMTP address; without it there is nobody to scan to.</summary>
    public IPEndPoint? Gateway { get; set; }

    /// <summary>With a name the printer signs in by AUTH LOGIN.</summary>
    public string UserName { get; set; } = "";

    public string Password { get; set; } = "";

    /// <summary>Never throws for trouble with the gateway: that is a result.</summary>
    public async Task<ScanResult> ScanAsync(string recipient, CancellationToken ct)
    {
        var pdf = ScanPdf.Create(time.GetUtcNow());
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(pdf));
        var dialogue = new List<string>();
        ScanResult Result(string reply) => new(reply, dialogue, sha256, pdf.Length);

        if (Gateway is not { } gateway)
            return Result("The printer knows no gateway.");
        if (recipient.Length == 0 || recipient.AsSpan().ContainsAny("\r\n<> "))
            return Result("The recipient is not an address.");
        using var late = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, ct);
        try
        {
            return Result(await TalkAsync(gateway, recipient, pdf, dialogue, either.Token));
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            return Result($"Connection to {gateway}: {e.Message}");
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return Result($"The gateway {gateway} did not answer within {Patience.TotalSeconds:0} seconds.");
        }
    }

    private async Task<string> TalkAsync(IPEndPoint gateway, string recipient, byte[] pdf, List<string> dialogue, CancellationToken ct)
    {
        using var client = new TcpClient(gateway.AddressFamily);
        await client.ConnectAsync(gateway, ct);
        await using var stream = client.GetStream();
        using var talk = new PrinterTalk(stream, dialogue);
        var reply = await talk.ReadAsync(ct);
        foreach (var line in Lines(recipient))
        {
            if (!reply.StartsWith(line.After, StringComparison.Ordinal))
                break;
            reply = await talk.SayAsync(line.Text, line.Shown, ct);
        }

        if (reply.StartsWith("354", StringComparison.Ordinal))
            reply = await talk.SendAsync(MessageOf(recipient, pdf), ct);
        try
        {
            await talk.SayAsync("QUIT", null, ct);
        }
        catch (IOException)
        {
            // What counts was said before.
        }

        return reply;
    }

    private IEnumerable<PrinterLine> Lines(string recipient)
    {
        yield return new("EHLO printer.contoso.example", "220");
        var ready = "250";
        if (UserName.Length > 0)
        {
            yield return new("AUTH LOGIN", "250");
            yield return new(Convert.ToBase64String(Encoding.UTF8.GetBytes(UserName)), "334");
            yield return new(Convert.ToBase64String(Encoding.UTF8.GetBytes(Password)), "334") { Shown = "(password)" };
            ready = "235";
        }

        yield return new($"MAIL FROM:<{Sender}>", ready);
        yield return new($"RCPT TO:<{recipient}>", "250");
        yield return new("DATA", "250");
    }

    private string MessageOf(string recipient, byte[] pdf)
    {
        var now = time.GetUtcNow();
        var boundary = $"pretend-{RandomNumberGenerator.GetHexString(16, true)}";
        var date = now.ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture);
        var text = $"""
            From: "PRETEND printer" <{Sender}>
            To: <{recipient}>
            Subject: Scan from the PRETEND printer
            Date: {date} +0000
            Message-ID: <{Guid.NewGuid():N}@printer.contoso.example>
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary="{boundary}"

            --{boundary}
            Content-Type: text/plain; charset=us-ascii

            A page scanned by the PRETEND printer.

            --{boundary}
            Content-Type: application/pdf; name="scan.pdf"
            Content-Disposition: attachment; filename="scan.pdf"
            Content-Transfer-Encoding: base64

            {Convert.ToBase64String(pdf, Base64FormattingOptions.InsertLineBreaks)}
            --{boundary}--

            """;
        return text.ReplaceLineEndings("\r\n");
    }

    /// <summary>A line, the reply it needs before it, and how the dialogue shows it when it is a secret.</summary>
    private sealed record PrinterLine(string Text, string After)
    {
        public string? Shown { get; init; }
    }
}
