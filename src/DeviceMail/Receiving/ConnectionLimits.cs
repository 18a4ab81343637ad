using System.Collections.Concurrent;
using System.Net;
using DeviceMail.Settings;

namespace DeviceMail.Receiving;

/// <summary>
/// How many may be connected, and for how long they may be silent. A tenth of all places is kept for known devices, so that a flood from elsewhere
/// never keeps the office's printers out.
/// </summary>
public sealed class ConnectionLimits(SettingsStore settings, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan _rateWindow = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<SmtpSession, Watch> _sessions = new();
    private readonly ConcurrentDictionary<IPAddress, int> _byAddress = new();
    private readonly ConcurrentDictionary<string, SignInFailures> _failures = new(StringComparer.OrdinalIgnoreCase);
    private int _count;

    /// <summary>Takes a place; false when there is none for this peer.</summary>
    public bool TryEnter(IPAddress peer, PeerKind kind)
    {
        var current = settings.Current;
        var most = current.Get(SettingsCatalogue.MaxConnections);
        if (kind == PeerKind.Unknown) most -= most / 10;
        if (Interlocked.Increment(ref _count) > most || _byAddress.AddOrUpdate(peer, 1, (_, n) => n + 1) > current.Get(SettingsCatalogue.MaxConnectionsPerAddress))
        {
            Leave(peer);
            return false;
        }
        return true;
    }

    public void Leave(IPAddress peer)
    {
        Interlocked.Decrement(ref _count);
        if (_byAddress.TryGetValue(peer, out var n) && n <= 1) _byAddress.TryRemove(KeyValuePair.Create(peer, n));
        else _byAddress.AddOrUpdate(peer, 0, (_, count) => Math.Max(0, count - 1));
    }

    internal void Watched(SmtpSession session) => _sessions[session] = new Watch(time.GetTimestamp(), 0);

    internal void Unwatched(SmtpSession session) => _sessions.TryRemove(session, out _);

    /// <summary>How long a failed sign-in waits for its answer: it doubles from a quarter of a second to half a minute, and is forgotten in ten minutes. The right password never waits.</summary>
    internal TimeSpan AfterFailure(string who)
    {
        var now = time.GetUtcNow();
        var failures = _failures.AddOrUpdate(who, _ => new SignInFailures(1, now), (_, former) =>
            now - former.Last > TimeSpan.FromMinutes(10) ? new SignInFailures(1, now) : new SignInFailures(former.Count + 1, now));
        if (_failures.Count > 10_000) _failures.Clear();
        return TimeSpan.FromSeconds(Math.Min(30, 0.25 * Math.Pow(2, Math.Min(failures.Count - 1, 7))));
    }

    /// <summary>Once a second ends sessions that were silent for too long, or that drip.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await timer.WaitForNextTickAsync(stoppingToken)) Sweep();
    }

    private void Sweep()
    {
        var idle = settings.Current.Get(SettingsCatalogue.IdleTimeout);
        var rate = settings.Current.Get(SettingsCatalogue.MinDataRate);
        foreach (var (session, watch) in _sessions)
        {
            if (session.WaitingSince is { } since && time.GetElapsedTime(since) > idle) session.Interrupt();
            else if (!session.IsInData) _sessions[session] = new Watch(time.GetTimestamp(), session.OctetsRead);
            else if (time.GetElapsedTime(watch.Since) >= _rateWindow)
            {
                var read = session.OctetsRead - watch.Octets;
                if (read < rate * (long)time.GetElapsedTime(watch.Since).TotalSeconds) session.Interrupt();
                else _sessions[session] = new Watch(time.GetTimestamp(), session.OctetsRead);
            }
        }
    }

    private readonly record struct Watch(long Since, long Octets);

    private readonly record struct SignInFailures(int Count, DateTimeOffset Last);
}

/// <summary>Whether the peer's address belongs to an allowed device.</summary>
public enum PeerKind
{
    Unknown,
    Known,
}
