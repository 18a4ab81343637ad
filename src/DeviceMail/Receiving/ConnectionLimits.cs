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
    private const int MostNames = 10_000;
    private const int LongestName = 64;

    private static readonly TimeSpan _rateWindow = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _farewell = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _forgetFailures = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<SmtpSession, Watch> _sessions = new();
    private readonly ConcurrentDictionary<string, SignInFailures> _failures = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<IPAddress, long> _byAddress = [];
    private readonly Lock _places = new();
    private long _taken;

    /// <summary>Takes a place, to be given back by <see cref="Leave"/>; false when there is none for this peer.</summary>
    public bool TryEnter(IPAddress peer, PeerKind kind)
    {
        var current = settings.Current;
        var most = current.Get(SettingsCatalogue.MaxConnections);
        if (kind == PeerKind.Unknown) most -= most / 10;
        lock (_places)
        {
            var ofPeer = _byAddress.GetValueOrDefault(peer);
            if (_taken >= most || ofPeer >= current.Get(SettingsCatalogue.MaxConnectionsPerAddress)) return false;
            _taken++;
            _byAddress[peer] = ofPeer + 1;
            return true;
        }
    }

    public void Leave(IPAddress peer)
    {
        lock (_places)
        {
            _taken--;
            if (--_byAddress[peer] == 0) _byAddress.Remove(peer);
        }
    }

    internal void Watched(SmtpSession session) => _sessions[session] = new Watch(TimeSpan.Zero, 0, null);

    internal void Unwatched(SmtpSession session) => _sessions.TryRemove(session, out _);

    /// <summary>How long a failed sign-in waits for its answer: it doubles from a quarter of a second to half a minute, and is forgotten in ten minutes. The right password never waits.</summary>
    internal TimeSpan AfterFailure(string who)
    {
        var now = time.GetUtcNow();
        if (who.Length > LongestName) who = who[..LongestName];
        if (_failures.Count >= MostNames) ForgetFailures(now);
        var failures = _failures.AddOrUpdate(who, _ => new SignInFailures(1, now), (_, former) =>
            now - former.Last > _forgetFailures ? new SignInFailures(1, now) : new SignInFailures(former.Count + 1, now));
        return TimeSpan.FromSeconds(Math.Min(30, 0.25 * Math.Pow(2, Math.Min(failures.Count - 1, 7))));
    }

    /// <summary>Once a second ends sessions that were silent for too long, or that drip.</summary>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken)) Sweep();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // A start that fails ends here too; a host that never ran would call it a crash.
        }
    }

    private void Sweep()
    {
        var idle = settings.Current.Get(SettingsCatalogue.IdleTimeout);
        var rate = settings.Current.Get(SettingsCatalogue.MinDataRate);
        foreach (var (session, watch) in _sessions)
        {
            if (watch.InterruptedAt is { } at)
            {
                if (time.GetElapsedTime(at) > _farewell) session.Abort();
            }
            else if (session.WaitingSince is { } since && time.GetElapsedTime(since) > idle || session.IsInData && Drips(watch, session, rate))
            {
                _sessions.TryUpdate(session, watch with { InterruptedAt = time.GetTimestamp() }, watch);
                session.Interrupt();
            }
            else if (!session.IsInData || session.Waited - watch.Waited >= _rateWindow)
            {
                _sessions.TryUpdate(session, new Watch(session.Waited, session.OctetsRead, null), watch);
            }
        }
    }

    /// <summary>Measured over the time in which the peer was waited for: a slow disk of ours is not held against it.</summary>
    private static bool Drips(Watch watch, SmtpSession session, long rate) =>
        session.Waited - watch.Waited is var waited && waited >= _rateWindow && session.OctetsRead - watch.Octets < rate * waited.TotalSeconds;

    private void ForgetFailures(DateTimeOffset now)
    {
        foreach (var (who, failures) in _failures)
            if (now - failures.Last > _forgetFailures) _failures.TryRemove(who, out _);
        if (_failures.Count >= MostNames) _failures.Clear();
    }

    /// <param name="Waited">What the session had waited for its peer when this stretch began.</param>
    /// <param name="Octets">What it had read by then.</param>
    /// <param name="InterruptedAt">When it was told to end; null while it may go on.</param>
    private sealed record Watch(TimeSpan Waited, long Octets, long? InterruptedAt);

    private readonly record struct SignInFailures(int Count, DateTimeOffset Last);
}

/// <summary>Whether the peer's address belongs to an allowed device.</summary>
public enum PeerKind
{
    Unknown,
    Known,
}
