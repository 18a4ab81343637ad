using System.Net;
using System.Net.Sockets;

namespace DeviceMail.Web;

/// <summary>
/// Makes guessing slow without ever locking the administrator out: each address waits longer after each wrong password, up to a
/// minute; all addresses that never logged in share a hundred guesses an hour, so one that did can log in under attack.
/// </summary>
public sealed class LoginDelay(TimeProvider time)
{
    private const int Remembered = 10_000, FreeTries = 3, StrangersAnHour = 100;
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(60);

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, (int Failures, DateTimeOffset NotBefore)> _failed = [];
    private readonly HashSet<IPAddress> _known = [];
    private readonly Queue<DateTimeOffset> _strangers = [];

    /// <summary>How long this address must wait before its next try counts; zero when it may try now.</summary>
    public TimeSpan WaitOf(IPAddress client)
    {
        var (now, from) = (time.GetUtcNow(), Network(client));
        lock (_lock)
        {
            var own = _failed.TryGetValue(from, out var entry) && entry.NotBefore > now ? entry.NotBefore - now : TimeSpan.Zero;
            while (_strangers.TryPeek(out var first) && first + TimeSpan.FromHours(1) <= now) _strangers.Dequeue();
            if (_known.Contains(from) || _strangers.Count < StrangersAnHour) return own;
            var shared = _strangers.Peek() + TimeSpan.FromHours(1) - now;
            return shared > own ? shared : own;
        }
    }

    /// <summary>
    /// How long this address must wait; zero when it may try now. Its try then counts as failed until <see cref="Succeeded"/> takes it back: the check
    /// of a password is slow, and tries that run at once must not all pass before the first has failed.
    /// </summary>
    public TimeSpan Begin(IPAddress client)
    {
        lock (_lock)
        {
            var wait = WaitOf(client);
            if (wait == TimeSpan.Zero) Failed(client);
            return wait;
        }
    }

    private void Failed(IPAddress client)
    {
        var (now, from) = (time.GetUtcNow(), Network(client));
        lock (_lock)
        {
            if (_failed.Count >= Remembered) _failed.Clear();
            var failures = _failed.GetValueOrDefault(from).Failures + 1;
            var wait = failures < FreeTries ? TimeSpan.Zero : TimeSpan.FromSeconds(Math.Pow(2, Math.Min(failures - FreeTries, 10)));
            _failed[from] = (failures, now + (wait < _longest ? wait : _longest));
            if (!_known.Contains(from)) _strangers.Enqueue(now);
        }
    }

    public void Succeeded(IPAddress client)
    {
        var from = Network(client);
        lock (_lock)
        {
            _failed.Remove(from);
            if (_known.Count < Remembered) _known.Add(from);
        }
    }

    /// <summary>An IPv6 host commands a whole /64.</summary>
    private static IPAddress Network(IPAddress client)
    {
        if (client.IsIPv4MappedToIPv6) return client.MapToIPv4();
        if (client.AddressFamily != AddressFamily.InterNetworkV6) return client;
        var octets = client.GetAddressBytes();
        octets.AsSpan(8).Clear();
        return new IPAddress(octets);
    }
}
