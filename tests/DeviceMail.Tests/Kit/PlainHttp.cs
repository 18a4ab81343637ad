using System.Net;
using System.Net.Sockets;
using System.Text;

namespace DeviceMail.Tests.Kit;

/// <summary>An HTTP server that keeps the first line of each request and from where it came, and gives one answer to all.</summary>
public sealed class PlainHttp : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<(string Line, IPAddress From)> _requests = [];
    private readonly Task _serving;

    public PlainHttp()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    /// <summary>The whole answer, without its closing.</summary>
    public string Answer { get; set; } = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n";

    /// <summary>After an answer 200 to CONNECT, the connection leads to this port of this machine; 0: nowhere.</summary>
    public int LeadsTo { get; set; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Address => $"http://127.0.0.1:{Port}";

    public IReadOnlyList<(string Line, IPAddress From)> Requests
    {
        get { lock (_requests) return [.. _requests]; }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true) open.Add(AnswerAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var head = new StringBuilder();
                var octet = new byte[1];
                while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(octet, _stop.Token) == 1) head.Append((char)octet[0]);
                lock (_requests) _requests.Add((head.ToString().Split("\r\n")[0], ((IPEndPoint)client.Client.RemoteEndPoint!).Address));
                await stream.WriteAsync(Encoding.ASCII.GetBytes(Answer), _stop.Token);
                if (LeadsTo == 0) return;
                using var far = new TcpClient();
                await far.ConnectAsync(IPAddress.Loopback, LeadsTo, _stop.Token);
                await Task.WhenAny(stream.CopyToAsync(far.GetStream(), _stop.Token), far.GetStream().CopyToAsync(stream, _stop.Token));
            }
            catch (Exception end) when (end is IOException or OperationCanceledException or SocketException)
            {
                // The client left, or the test ends.
            }
        }
    }
}
