using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;

namespace DeviceMail.Lab.Exchange;

/// <summary>Listens as smtp.office365.com:587 would, and gives each connection a session of its own.</summary>
public sealed class ExchangeFrontEnd(PretendCloud cloud) : IAsyncDisposable
{
    private readonly SubmissionDesk _desk = new(cloud, new(cloud.Time), cloud.Limits);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _sessions = [];
    private TcpListener? _listener;
    private Task _accepting = Task.CompletedTask;

    public IPEndPoint Start(IPAddress address, int port)
    {
        _listener = new TcpListener(address, port);
        _listener.Start(512);
        _accepting = AcceptAsync(_listener);
        return (IPEndPoint)_listener.LocalEndpoint;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener?.Dispose();
        await _accepting;
        Task[] open;
        lock (_gate)
            open = [.. _sessions];
        await Task.WhenAll(open);
        _stop.Dispose();
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            TcpClient client;
            try
            {
                client = await listener.AcceptTcpClientAsync(_stop.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                continue;
            }

            cloud.Counters.CountConnection();
            client.NoDelay = true;
            var session = ServeAsync(client);
            lock (_gate)
            {
                _sessions.RemoveWhere(task => task.IsCompleted);
                _sessions.Add(session);
            }
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            await using var connection = new SmtpConnection(client, cloud.Time);
            await new SmtpSession(cloud, _desk, connection).RunAsync(_stop.Token);
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or OperationCanceledException or ObjectDisposedException)
        {
            // The client went away, did not trust us, or the lab is closing: nothing is left to say to it.
        }
    }
}
