using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DeviceMail.Bench;

/// <summary>Hands in messages as fast as the server takes them, and says how long that took.</summary>
public static class Load
{
    private const string Sender = "printer@example.test";
    private const string Recipient = "desk@example.test";

    public static async Task<TimeSpan> RunAsync(Case what, IMailServer server, int messages, CancellationToken cancel)
    {
        var start = TimeProvider.System.GetTimestamp();
        if (what.SignIn == SignIn.Password) await SignedInAsync(what, server, messages, cancel);
        else await SmtpSourceAsync(what, server.Port, messages, cancel);
        return TimeProvider.System.GetElapsedTime(start);
    }

    private static async Task SmtpSourceAsync(Case what, int port, int messages, CancellationToken cancel)
    {
        List<string> arguments = ["-s", $"{what.Sessions}", "-l", $"{what.Octets}", "-m", $"{messages}", "-f", Sender, "-t", Recipient];
        if (what.Connections == Connections.KeptOpen) arguments.Add("-d");
        await ChildProcess.RunAsync("/usr/sbin/smtp-source", [.. arguments, $"127.0.0.1:{port}"], cancel);
    }

    /// <summary>smtp-source cannot sign in; this does the same with AUTH PLAIN, a new connection for each message.</summary>
    private static async Task SignedInAsync(Case what, IMailServer server, int messages, CancellationToken cancel)
    {
        var device = server.Device ?? throw new BenchFailedException($"{what.Title}: the server has no credentials.");
        var plain = Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{device.User}\0{device.Password}"));
        var message = Message(what.Octets);
        var left = messages;
        await Task.WhenAll(Enumerable.Range(0, what.Sessions).Select(_ => Task.Run(async () =>
        {
            while (Interlocked.Decrement(ref left) >= 0) await SendOneAsync(server.Port, plain, message, cancel);
        }, cancel)));
    }

    private static async Task SendOneAsync(int port, string plain, byte[] message, CancellationToken cancel)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port), cancel);
        var buffer = new byte[4096];
        await ExpectAsync(socket, buffer, "220", cancel);
        (string Line, string Answer)[] dialog =
            [("EHLO printer.test", "250"), ($"AUTH PLAIN {plain}", "235"), ($"MAIL FROM:<{Sender}>", "250"), ($"RCPT TO:<{Recipient}>", "250"), ("DATA", "354")];
        foreach (var (line, answer) in dialog)
        {
            await socket.SendAsync(Encoding.ASCII.GetBytes(line + "\r\n"), cancel);
            await ExpectAsync(socket, buffer, answer, cancel);
        }
        for (var sent = 0; sent < message.Length;) sent += await socket.SendAsync(message.AsMemory(sent), cancel);
        await ExpectAsync(socket, buffer, "250", cancel);
        await socket.SendAsync("QUIT\r\n"u8.ToArray(), cancel);
        await ExpectAsync(socket, buffer, "221", cancel);
    }

    /// <summary>Reads one reply, of one or more lines (RFC 5321 4.2.1).</summary>
    private static async Task ExpectAsync(Socket socket, byte[] buffer, string code, CancellationToken cancel)
    {
        var length = 0;
        while (!IsWhole(buffer.AsSpan(0, length)))
        {
            var count = length < buffer.Length ? await socket.ReceiveAsync(buffer.AsMemory(length), cancel) : 0;
            if (count == 0) break;
            length += count;
        }
        var reply = Encoding.ASCII.GetString(buffer, 0, length);
        if (!reply.StartsWith(code, StringComparison.Ordinal)) throw new BenchFailedException($"The server answered “{reply.Trim()}” instead of {code}.");
    }

    private static bool IsWhole(ReadOnlySpan<byte> reply)
    {
        if (!reply.EndsWith("\r\n"u8)) return false;
        var last = reply[(reply[..^2].LastIndexOf((byte)'\n') + 1)..];
        return last.Length > 3 && last[3] != (byte)'-';
    }

    private static byte[] Message(int octets)
    {
        var text = new StringBuilder($"From: <{Sender}>\r\nTo: <{Recipient}>\r\nSubject: Scan\r\n\r\n");
        while (text.Length < octets) text.Append(new string('X', Math.Min(78, octets - text.Length))).Append("\r\n");
        return Encoding.ASCII.GetBytes(text.Append(".\r\n").ToString());
    }
}
