using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace DeviceMail.Network;

/// <summary>One network interface of this machine, as it is now.</summary>
/// <param name="Name">The system's name, such as eth0.</param>
/// <param name="Kind">Wired LAN, Wi-Fi, …</param>
public sealed record InterfaceLine(string Name, string Kind)
{
    public required IReadOnlyList<IPAddress> Addresses { get; init; }

    /// <summary>In pairs with colons; empty where it has none.</summary>
    public required string HardwareAddress { get; init; }

    public required bool IsUp { get; init; }

    /// <summary>Megabits a second; null where it is not known.</summary>
    public required long? Speed { get; init; }

    public bool IsLoopback { get; init; }
}

/// <summary>What the system says of its network: interfaces, name servers, ways to other networks.</summary>
public static class Interfaces
{
    /// <summary>What Linux's "unknown" (−1 megabits, unsigned) becomes in bits a second.</summary>
    private const long NoSpeed = uint.MaxValue * 1_000_000L;

    /// <summary>Every interface; loopback last.</summary>
    public static IReadOnlyList<InterfaceLine> All =>
        [.. NetworkInterface.GetAllNetworkInterfaces().Select(LineOf).OrderBy(line => line.IsLoopback).ThenBy(line => line.Name, StringComparer.Ordinal)];

    public static IReadOnlyList<IPAddress> NameServers => Each(properties => properties.DnsAddresses);

    /// <summary>The routers that lead to other networks.</summary>
    public static IReadOnlyList<IPAddress> Gateways => Each(properties => properties.GatewayAddresses.Select(gateway => gateway.Address))
        .Where(address => !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any)).ToList();

    /// <summary>The interface of that name, or the one that has that address; null: this machine has none such.</summary>
    public static InterfaceLine? Find(string nameOrAddress) => IPAddress.TryParse(nameOrAddress, out var address)
        ? All.FirstOrDefault(one => one.Addresses.Contains(address) || one.IsLoopback && IPAddress.IsLoopback(address))
        : All.FirstOrDefault(one => one.Name == nameOrAddress);

    private static List<IPAddress> Each(Func<IPInterfaceProperties, IEnumerable<IPAddress>> read) =>
        [.. NetworkInterface.GetAllNetworkInterfaces().SelectMany(one => read(one.GetIPProperties())).Distinct()];

    private static InterfaceLine LineOf(NetworkInterface one) => new(one.Name, KindOf(one.NetworkInterfaceType))
    {
        Addresses = [.. one.GetIPProperties().UnicastAddresses.Select(address => WithoutScope(address.Address)).OrderBy(address => address.AddressFamily != AddressFamily.InterNetwork)],
        HardwareAddress = string.Join(':', one.GetPhysicalAddress().GetAddressBytes().Select(octet => octet.ToString("x2"))) is var mac && mac.Any(digit => digit is not ('0' or ':')) ? mac : "",
        // Linux does not tell a loopback's state.
        IsUp = one.OperationalStatus == OperationalStatus.Up || one.NetworkInterfaceType == NetworkInterfaceType.Loopback,
        Speed = SpeedOf(one),
        IsLoopback = one.NetworkInterfaceType == NetworkInterfaceType.Loopback,
    };

    /// <summary>fe80::1 in place of fe80::1%4: the number behind it means something to the system alone.</summary>
    private static IPAddress WithoutScope(IPAddress address) => address.IsIPv6LinkLocal ? new IPAddress(address.GetAddressBytes()) : address;

    private static string KindOf(NetworkInterfaceType type) => type switch
    {
        NetworkInterfaceType.Ethernet or NetworkInterfaceType.GigabitEthernet or NetworkInterfaceType.FastEthernetT => "Wired LAN",
        NetworkInterfaceType.Wireless80211 => "Wi-Fi",
        NetworkInterfaceType.Loopback => "Inside this machine",
        NetworkInterfaceType.Tunnel or NetworkInterfaceType.Ppp => "Tunnel",
        _ => "Other",
    };

    private static long? SpeedOf(NetworkInterface one)
    {
        try
        {
            return one.Speed is > 0 and < NoSpeed ? one.Speed / 1_000_000 : null;
        }
        catch (PlatformNotSupportedException)
        {
            return null;
        }
    }
}
