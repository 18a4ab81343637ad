using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace DeviceMail.Tests.Kit;

/// <summary>
/// An SMTP client that sends exactly the octets it is told, in packets as it is told, and reads whole replies. Text is Latin-1: one character is one
/// octet; write UTF-8 with <see cref="Utf8"/>.
/// </summary>
public sealed class RawSmtp : IAsyncDisposable
{
    private readonly Socket _socket;
    private readonly List<byte> _unread = [];
    private Stream _stream;

    private RawSmtp(Socket socket) => (_socket, _stream) = (socket, new NetworkStream(socket, ownsSocket: true));

    /// <summary>What the server said when the connection came about; empty when it closed it without a word.</summary>
    public string Greeting { get; private set; } = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static string Utf8(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    /// <param name="server">Where to.</param>
    /// <param name="from">The loopback address to come from: that is who we are.</param>
    public static async Task<RawSmtp> ConnectAsync(IPEndPoint server, string from = "127.0.0.1")
    {
        var client = await ReachAsync(server, from);
        client.Greeting = await client.ReplyAsync();
        return client;
    }

    /// <summary>Connects and waits for nothing, not even the greeting.</summary>
    public static async Task<RawSmtp> ReachAsync(IPEndPoint server, string from = "127.0.0.1", int receiveBuffer = 0)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (receiveBuffer > 0) socket.ReceiveBufferSize = receiveBuffer;
        socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
        await socket.ConnectAsync(server, Cancel);
        return new RawSmtp(socket);
    }

    public Task SendAsync(string octets) => SendAsync(Encoding.Latin1.GetBytes(octets));

    public async Task SendAsync(ReadOnlyMemory<byte> octets)
    {
        await _stream.WriteAsync(octets, Cancel);
        await _stream.FlushAsync(Cancel);
    }

    /// <summary>Sends one octet a packet.</summary>
    public async Task DripAsync(string octets)
    {
        foreach (var octet in Encoding.Latin1.GetBytes(octets)) await SendAsync(new[] { octet });
    }

    /// <summary>Sends a command line and returns the whole reply to it.</summary>
    public async Task<string> SayAsync(string command)
    {
        await SendAsync($"{command}\r\n");
        return await ReplyAsync();
    }

    /// <summary>Says several commands one after the other and returns the last reply; the others must be 2xx or 3xx.</summary>
    public async Task<string> SayAllAsync(params string[] commands)
    {
        var reply = "";
        foreach (var command in commands)
        {
            Assert.True(reply is "" or ['2' or '3', ..], $"“{reply}” before “{command}”");
            reply = await SayAsync(command);
        }
        return reply;
    }

    /// <summary>EHLO, MAIL, RCPT and DATA, up to the 354.</summary>
    public async Task BeginDataAsync(string recipient = "anna@contoso.example") =>
        Assert.StartsWith("354 ", await SayAllAsync("EHLO printer", "MAIL FROM:<printer@contoso.example>", $"RCPT TO:<{recipient}>", "DATA"), StringComparison.Ordinal);

    /// <summary>The next reply with all its lines, joined by \n; empty when the connection is closed. A server that does neither fails the test.</summary>
    public async Task<string> ReplyAsync()
    {
        var lines = new List<string>();
        while (await LineAsync() is { } line)
        {
            lines.Add(line);
            if (line.Length < 4 || line[3] != '-') break;
        }
        return string.Join('\n', lines);
    }

    /// <summary>All that comes until the server closes the connection.</summary>
    public async Task<string> RestAsync()
    {
        while (await ReceiveAsync() > 0)
        {
        }
        var rest = Encoding.Latin1.GetString([.. _unread]);
        _unread.Clear();
        return rest;
    }

    /// <summary>Whether octets of the server are here that nobody read.</summary>
    public bool HasNews => _unread.Count > 0 || _socket.Available > 0;

    /// <summary>The client's half of TLS, after the server's 220, or at once for implicit TLS. Trusts whatever certificate it is shown, unless a judge is given.</summary>
    public async Task<SslStream> StartTlsAsync(RemoteCertificateValidationCallback? judge = null)
    {
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false, judge ?? ((_, shown, _, _) => shown is not null));
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost" }, Cancel);
        _stream = tls;
        return tls;
    }

    /// <summary>Ends the connection as a machine that lost its power does, with RST.</summary>
    public void Reset() => _socket.Close(0);

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async Task<string?> LineAsync()
    {
        while (true)
        {
            var end = _unread.IndexOf((byte)'\n');
            if (end >= 0)
            {
                var line = Encoding.UTF8.GetString([.. _unread[..end]]);
                _unread.RemoveRange(0, end + 1);
                Assert.EndsWith("\r", line, StringComparison.Ordinal);
                return line[..^1];
            }
            if (await ReceiveAsync() == 0) return null;
        }
    }

    private async Task<int> ReceiveAsync()
    {
        var buffer = new byte[16 << 10];
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        try
        {
            var count = await _stream.ReadAsync(buffer, limit.Token);
            _unread.AddRange(buffer.AsSpan(0, count));
            return count;
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
