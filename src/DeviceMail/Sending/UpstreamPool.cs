using MailKit;

namespace DeviceMail.Sending;

/// <summary>
/// Open connections to one account's server, used again while they are good: not past their token's end, not after 60 s of silence, not
/// across a change of the account or its sign-in.
/// </summary>
internal sealed class UpstreamPool
{
    private static readonly TimeSpan _idleLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan _tokenMargin = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _goodbyeLimit = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    // The youngest stands last.
    private readonly List<UpstreamClient> _idle = [];
    private readonly ITimer _trim;
    private Task _goodbyes = Task.CompletedTask;
    private bool _closed;

    public UpstreamPool(TimeProvider time)
    {
        _time = time;
        _trim = time.CreateTimer(_ => Trim(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public UpstreamClient? TryTake()
    {
        lock (_lock)
        {
            while (_idle.Count > 0)
            {
                var client = _idle[^1];
                _idle.RemoveAt(_idle.Count - 1);
                if (IsGood(client)) return client;
                client.Dispose();
            }
            return null;
        }
    }

    public void Give(UpstreamClient client)
    {
        lock (_lock)
        {
            client.LastUsed = _time.GetUtcNow();
            if (client.IsConnected && !_closed)
            {
                _idle.Add(client);
                PlanTrim();
                return;
            }
        }
        client.Dispose();
    }

    /// <summary>Completes when no connection is being closed any more: until then the server may count it beside a new one.</summary>
    public Task GoodbyesAsync()
    {
        lock (_lock) return _goodbyes;
    }

    /// <summary>Drops all connections; those in use are dropped when they come back.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _closed = true;
            foreach (var client in _idle) client.Dispose();
            _idle.Clear();
            _trim.Dispose();
        }
    }

    private bool IsGood(UpstreamClient client)
    {
        var now = _time.GetUtcNow();
        return client.IsConnected && now - client.LastUsed < _idleLimit && now < client.UsableUntil - _tokenMargin;
    }

    /// <summary>Says QUIT on connections that were silent for too long.</summary>
    private void Trim()
    {
        lock (_lock)
        {
            if (_closed) return;
            var stale = _idle.Where(client => !IsGood(client)).ToList();
            _idle.RemoveAll(stale.Contains);
            if (stale.Count > 0) _goodbyes = Task.WhenAll([_goodbyes, .. stale.Select(SayGoodbyeAsync)]);
            PlanTrim();
        }
    }

    private void PlanTrim()
    {
        if (_idle.Count == 0) return;
        var left = _idle[0].LastUsed + _idleLimit - _time.GetUtcNow();
        _trim.Change(left > TimeSpan.Zero ? left : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    private async Task SayGoodbyeAsync(UpstreamClient client)
    {
        await Task.Yield();
        using (client)
        using (var limit = new CancellationTokenSource(_goodbyeLimit, _time))
        {
            try
            {
                await client.DisconnectAsync(quit: true, limit.Token);
            }
            catch (Exception fault) when (fault is IOException or ProtocolException or CommandException or ServiceNotConnectedException or OperationCanceledException or TimeoutException)
            {
                // The server was quicker; there is nothing left to say goodbye to.
            }
        }
    }
}
