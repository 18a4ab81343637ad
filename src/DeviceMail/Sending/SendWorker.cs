using System.Collections.Concurrent;
using DeviceMail.Accounts;
using DeviceMail.Network;

namespace DeviceMail.Sending;

/// <summary>Keeps one sender running for each account there is.</summary>
internal sealed class SendWorker(SendingParts parts, Outside outside, ILogger<SendWorker> log) : BackgroundService
{
    private readonly ConcurrentDictionary<long, AccountSender> _senders = new();
    private readonly ConcurrentDictionary<long, Task> _running = new();
    private readonly Lock _starting = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        void AccountChanged(long accountId)
        {
            if (parts.Accounts.Find(accountId) is null) _running.TryRemove(accountId, out _);
            else Start(accountId, stoppingToken);
            if (_senders.TryGetValue(accountId, out var sender)) sender.Wake();
        }

        void StatusChanged(long accountId)
        {
            if (_senders.TryGetValue(accountId, out var sender)) sender.StatusChanged();
        }

        void AskedNow(long accountId)
        {
            parts.Sender.Hurry(accountId);
            if (_senders.TryGetValue(accountId, out var sender)) sender.Wake();
        }

        void OutsideChanged()
        {
            foreach (var sender in _senders.Values) sender.Wake();
        }

        outside.Changed += OutsideChanged;
        parts.Queue.AskedNow += AskedNow;
        parts.Accounts.Changed += AccountChanged;
        parts.Status.Changed += StatusChanged;
        foreach (var account in parts.Accounts.All) Start(account.Id, stoppingToken);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, parts.Time, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            outside.Changed -= OutsideChanged;
            parts.Queue.AskedNow -= AskedNow;
            parts.Accounts.Changed -= AccountChanged;
            parts.Status.Changed -= StatusChanged;
            await Task.WhenAll(_running.Values);
        }
    }

    private void Start(long accountId, CancellationToken cancel)
    {
        lock (_starting)
        {
            if (_running.ContainsKey(accountId)) return;
            var sender = _senders[accountId] = new AccountSender(accountId, parts, log);
            _running[accountId] = Task.Run(() => sender.RunAsync(cancel), CancellationToken.None);
        }
    }
}
