using System.Net;
using System.Net.Sockets;

namespace DeviceMail.Tests.Kit;

/// <summary>A plain POP3 server that knows one password (RFC 1939) and keeps what it was asked.</summary>
public sealed class ScriptedPop : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private readonly List<string> _commands = [];

    public ScriptedPop()
    {
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public required string Password { get; set; }

    public IReadOnlyList<string> Commands
    {
        get { lock (_commands) return [.. _commands]; }
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
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await ConverseAsync(client.GetStream());
            }
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException or IOException)
        {
            // The test ends.
        }
    }

    private async Task ConverseAsync(NetworkStream stream)
    {
        using var reader = new StreamReader(stream);
        await using var writer = new StreamWriter(stream) { AutoFlush = true, NewLine = "\r\n" };
        await writer.WriteLineAsync("+OK POP3 server.test");
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            lock (_commands) _commands.Add(line);
            await writer.WriteLineAsync(line switch
            {
                _ when line.StartsWith("USER ", StringComparison.Ordinal) => "+OK",
                _ when line.StartsWith("PASS ", StringComparison.Ordinal) => line[5..] == Password ? "+OK" : "-ERR [AUTH] wrong",
                "STAT" => "+OK 0 0",
                "QUIT" => "+OK bye",
                _ => "-ERR not known",
            });
            if (line == "QUIT") return;
        }
    }
}
