using System.Collections.Concurrent;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Network;
using DeviceMail.Storage;

namespace DeviceMail.Sending;

/// <summary>Keeps one sender running for each account there is.</summary>
internal sealed partial class SendWorker(SendingParts parts, Outside outside, ILogger<SendWorker> log) : BackgroundService
{
    private readonly ConcurrentDictionary<long, AccountSender> _senders = new();
    private readonly ConcurrentDictionary<long, Task> _running = new();
    private readonly Lock _starting = new();

    private static readonly TimeSpan _orphansSought = TimeSpan.FromMinutes(1);

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
            using var timer = new PeriodicTimer(_orphansSought, parts.Time);
            do await HoldOrphansAsync();
            while (await timer.WaitForNextTickAsync(stoppingToken));
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

    /// <summary>Mail that was promised for an account which is gone waits for nobody: it is held, where a person sees it and lets another account send it.</summary>
    private async Task HoldOrphansAsync()
    {
        try
        {
            await parts.Queue.NameOrphansAsync();
        }
        catch (StorageFailedException)
        {
            // Only the words are late; the next minute tries again.
        }
        foreach (var accountId in parts.Queue.AccountsInLine.Where(id => parts.Accounts.Find(id) is null))
        {
            try
            {
                await parts.Queue.HoldAsync(accountId, Problems.AccountRemoved, "");
            }
            catch (StorageFailedException fault)
            {
                LogNotHeld(accountId, fault.Message);
            }
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

    [LoggerMessage(LogLevel.Error, "Mail of the removed account {Account} could not be held yet; tried again in a minute: {Reason}")]
    private partial void LogNotHeld(long account, string reason);
}
