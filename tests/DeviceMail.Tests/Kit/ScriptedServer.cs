using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace DeviceMail.Tests.Kit;

/// <summary>One message as a server got it: envelope, and the octets between DATA and the final dot, unstuffed.</summary>
public sealed record Captured(string Mail, IReadOnlyList<string> Recipients, byte[] Octets);

/// <summary>
/// A plain SMTP server that keeps what it gets and answers as it is told: <see cref="Script"/> maps the start of a command (or "." for the end
/// of the data, "" for the greeting) to replies that are given once each before the usual one. A reply "drop" closes the connection instead, "reset" resets it,
/// "silent" answers nothing any more. With a certificate it offers STARTTLS.
/// </summary>
public sealed class ScriptedServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private readonly List<Captured> _messages = [];
    private readonly List<string> _commands = [];

    public ScriptedServer()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string[] Extensions { get; init; } = ["PIPELINING", "SIZE 100000000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"];

    public X509Certificate2? Certificate { get; init; }

    public Dictionary<string, Queue<string>> Script { get; } = [];

    /// <summary>Connections so far.</summary>
    public int Connections { get; private set; }

    /// <summary>From where the last connection came.</summary>
    public IPAddress? LastClient { get; private set; }

    public IReadOnlyList<Captured> Messages
    {
        get { lock (_messages) return [.. _messages]; }
    }

    public IReadOnlyList<string> Commands
    {
        get { lock (_commands) return [.. _commands]; }
    }

    public void Say(string command, params string[] replies) => Script[command] = new Queue<string>(replies);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                client.NoDelay = true;
                LastClient = ((IPEndPoint)client.Client.RemoteEndPoint!).Address;
                Connections++;
                sessions.Add(ServeAsync(client));
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or InvalidOperationException)
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                await ConverseAsync(client.GetStream(), client);
            }
            catch (Exception end) when (end is IOException or OperationCanceledException or EndOfStreamException or AuthenticationException)
            {
                // The client left, or the test ends.
            }
        }
    }

    private async Task ConverseAsync(Stream stream, TcpClient client)
    {
        var input = new BufferedStream(stream, 64 << 10);
        var (mail, recipients) = ("", new List<string>());
        var greeting = TakeScripted("") ?? "220 server.test ESMTP";
        if (greeting == "reset") client.LingerState = new LingerOption(true, 0);
        if (!await WriteAsync(stream, greeting)) return;
        while (await ReadLineAsync(input) is { } line)
        {
            var text = Encoding.UTF8.GetString(line);
            lock (_commands) _commands.Add(text);
            var verb = text.Split(' ')[0].ToUpperInvariant();
            if (verb == "MAIL") (mail, recipients) = (text, []);
            var usual = verb switch
            {
                "EHLO" => Greet([.. Extensions, .. Certificate is not null && stream is not SslStream ? (string[])["STARTTLS"] : []]),
                "STARTTLS" => "220 go ahead",
                "DATA" => "354 go on",
                "QUIT" => "221 bye",
                _ => "250 2.0.0 ok",
            };
            var reply = TakeScripted(text) ?? usual;
            if (verb == "RCPT" && reply.StartsWith('2')) recipients.Add(text);
            if (reply == "reset") client.LingerState = new LingerOption(true, 0);
            if (!await WriteAsync(stream, reply) || verb == "QUIT") return;
            if (verb == "STARTTLS" && reply.StartsWith('2'))
            {
                var secured = new SslStream(stream);
                await secured.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = Certificate }, _stop.Token);
                (stream, input) = (secured, new BufferedStream(secured, 64 << 10));
            }
            if (verb != "DATA" || !reply.StartsWith('3')) continue;
            var octets = await ReadDataAsync(input);
            lock (_messages) _messages.Add(new Captured(mail, recipients, octets));
            reply = TakeScripted(".") ?? "250 2.0.0 kept";
            if (reply == "reset") client.LingerState = new LingerOption(true, 0);
            if (!await WriteAsync(stream, reply)) return;
        }
    }

    private static string Greet(string[] extensions) =>
        string.Join("\r\n", extensions.Prepend("server.test").Select((one, i) => $"250{(i == extensions.Length ? ' ' : '-')}{one}"));

    private string? TakeScripted(string command)
    {
        foreach (var (start, replies) in Script)
            if ((start.Length == 0 ? command.Length == 0 : command.StartsWith(start, StringComparison.OrdinalIgnoreCase)) && replies.TryDequeue(out var reply)) return reply;
        return null;
    }

    private async Task<bool> WriteAsync(Stream stream, string reply)
    {
        if (reply is "drop" or "reset") return false;
        if (reply == "silent") await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token);
        await stream.WriteAsync(Encoding.UTF8.GetBytes(reply + "\r\n"), _stop.Token);
        return true;
    }

    private async Task<byte[]> ReadDataAsync(Stream input)
    {
        using var octets = new MemoryStream();
        while (await ReadLineAsync(input) is { } line)
        {
            if (line is [(byte)'.']) return octets.ToArray();
            octets.Write(line is [(byte)'.', ..] ? line.AsSpan(1) : line);
            octets.Write("\r\n"u8);
        }
        throw new EndOfStreamException();
    }

    /// <summary>A line without its CRLF; a bare CR or LF stays part of it.</summary>
    private async Task<byte[]?> ReadLineAsync(Stream input)
    {
        using var line = new MemoryStream();
        var one = new byte[1];
        while (await input.ReadAsync(one, _stop.Token) == 1)
        {
            line.Write(one);
            if (one[0] == '\n' && line.Length >= 2 && line.GetBuffer()[line.Length - 2] == '\r') return line.GetBuffer()[..(int)(line.Length - 2)];
        }
        return null;
    }
}
