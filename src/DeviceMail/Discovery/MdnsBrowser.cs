using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace DeviceMail.Discovery;

/// <summary>From where to where questions go.</summary>
/// <param name="Group">224.0.0.251, port 5353 (RFC 6762 3).</param>
/// <param name="Own">Addresses of this machine, one an interface that reaches others; read anew for each search.</param>
internal sealed record MdnsGround(IPEndPoint Group, Func<IReadOnlyList<IPAddress>> Own)
{
    public static readonly MdnsGround Network = new(new IPEndPoint(new IPAddress([224, 0, 0, 251]), 5353), Usable);

    /// <summary>Loopback only where there is nothing else.</summary>
    private static List<IPAddress> Usable()
    {
        var up = NetworkInterface.GetAllNetworkInterfaces()
            .Where(one => one.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown && one.SupportsMulticast).ToList();
        var others = up.Where(one => one.NetworkInterfaceType != NetworkInterfaceType.Loopback).Select(AddressOf).OfType<IPAddress>().ToList();
        return others.Count > 0 ? others : [.. up.Select(AddressOf).OfType<IPAddress>()];
    }

    private static IPAddress? AddressOf(NetworkInterface one) =>
        one.GetIPProperties().UnicastAddresses.Select(unicast => unicast.Address).FirstOrDefault(address => address.AddressFamily == AddressFamily.InterNetwork);
}

/// <summary>
/// Asks the local network which services are there (RFC 6762, RFC 6763), from a port of its own on every interface; the answers come to that port alone. Nothing
/// is announced, and nobody's question is answered.
/// </summary>
public sealed class MdnsBrowser
{
    private const int LongestMessage = 9_000, MostMessages = 2_000, TimeToLive = 255;

    /// <summary>After the start; those that miss one hear the next.</summary>
    private static readonly TimeSpan[] _askAt = [TimeSpan.Zero, TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(1.5)];

    private readonly TimeProvider _time;
    private readonly MdnsGround _ground;

    public MdnsBrowser(TimeProvider time)
        : this(time, MdnsGround.Network)
    {
    }

    internal MdnsBrowser(TimeProvider time, MdnsGround ground) => (_time, _ground) = (time, ground);

    /// <param name="types">As _uscan._tcp.</param>
    /// <param name="time">How long to listen.</param>
    /// <param name="cancel">Ends the search.</param>
    /// <returns>Services whose host and port are known, by name.</returns>
    public async Task<IReadOnlyList<FoundService>> BrowseAsync(IReadOnlyList<string> types, TimeSpan time, CancellationToken cancel)
    {
        var search = new MdnsSearch(types);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var timer = _time.CreateTimer(_ => end.Cancel(), null, time, Timeout.InfiniteTimeSpan);
        await Task.WhenAll(_ground.Own().Select(own => AskAsync(own, search, end.Token)));
        cancel.ThrowIfCancellationRequested();
        return search.Services;
    }

    /// <summary>An interface that takes no multicast finds nothing.</summary>
    private async Task AskAsync(IPAddress own, MdnsSearch search, CancellationToken end)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastInterface, own.GetAddressBytes());
            socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.MulticastTimeToLive, TimeToLive);
            socket.Bind(new IPEndPoint(own, 0));
            var id = (ushort)RandomNumberGenerator.GetInt32(1, ushort.MaxValue);
            var listening = ListenAsync(socket, id, search, end);
            for (var round = 0; round < _askAt.Length; round++)
            {
                if (round > 0) await Task.Delay(_askAt[round] - _askAt[round - 1], _time, end);
                await socket.SendToAsync(DnsWriter.Write(id, search.Questions), _ground.Group, end);
            }
            await listening;
        }
        catch (Exception fault) when (fault is SocketException or OperationCanceledException)
        {
        }
    }

    private async Task ListenAsync(Socket socket, ushort id, MdnsSearch search, CancellationToken end)
    {
        var buffer = new byte[LongestMessage];
        for (var count = 0; count < MostMessages; count++)
        {
            var heard = await socket.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), end);
            if (!DnsReader.TryRead(buffer.AsSpan(0, heard.ReceivedBytes), out var message) || message.Id != id && message.Id != 0) continue;
            // What an answer leaves open is asked for at once, once.
            if (search.Hear(message) is { Count: > 0 } open) await socket.SendToAsync(DnsWriter.Write(id, open), _ground.Group, end);
        }
    }
}
