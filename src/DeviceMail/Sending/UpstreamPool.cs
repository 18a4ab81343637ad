using System.Collections.Concurrent;

namespace DeviceMail.Sending;

/// <summary>
/// Open connections to one account's server, used again while they are good: not past their token's end, not after 60 s of silence, not
/// across a change of the account or its sign-in.
/// </summary>
internal sealed class UpstreamPool(TimeProvider time)
{
    private static readonly TimeSpan _idleLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _tokenMargin = TimeSpan.FromSeconds(30);

    private readonly ConcurrentStack<UpstreamClient> _idle = new();
    private volatile bool _closed;

    public UpstreamClient? TryTake()
    {
        while (_idle.TryPop(out var client))
        {
            var now = time.GetUtcNow();
            if (client.IsConnected && now - client.LastUsed < _idleLimit && now < client.UsableUntil - _tokenMargin) return client;
            client.Dispose();
        }
        return null;
    }

    public void Give(UpstreamClient client)
    {
        client.LastUsed = time.GetUtcNow();
        if (client.IsConnected && !_closed) _idle.Push(client);
        else client.Dispose();
    }

    /// <summary>Says QUIT on connections that were silent for too long.</summary>
    public async Task TrimAsync(CancellationToken cancel)
    {
        var kept = new List<UpstreamClient>();
        while (_idle.TryPop(out var client))
        {
            if (time.GetUtcNow() - client.LastUsed < _idleLimit) kept.Add(client);
            else await CloseAsync(client, cancel);
        }
        foreach (var client in kept) _idle.Push(client);
    }

    /// <summary>Drops all connections; those in use are dropped when they come back.</summary>
    public void Close()
    {
        _closed = true;
        while (_idle.TryPop(out var client)) client.Dispose();
    }

    private static async Task CloseAsync(UpstreamClient client, CancellationToken cancel)
    {
        using (client)
        {
            try
            {
                await client.DisconnectAsync(quit: true, cancel);
            }
            catch (Exception fault) when (fault is IOException or MailKit.ProtocolException or OperationCanceledException)
            {
                // The server was quicker; there is nothing left to say goodbye to.
            }
        }
    }
}
