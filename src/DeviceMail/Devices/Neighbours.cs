using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;

namespace DeviceMail.Devices;

/// <summary>What the kernel knows of machines on the same link.</summary>
internal static class Neighbours
{
    private const string ArpTable = "/proc/net/arp";
    private const string RouteTable = "/proc/net/route";
    private const string RouteTableV6 = "/proc/net/ipv6_route";

    /// <summary>How the bridges of container and machine hosts are called (Docker, Podman and CNI, libvirt, LXC, Kubernetes).</summary>
    private static readonly string[] _bridges = ["docker", "br-", "podman", "cni", "virbr", "lxcbr", "lxdbr", "flannel", "cali"];

    /// <summary>The hardware address behind an IPv4 address, or null where it is not known.</summary>
    public static string? MacOf(string address)
    {
        if (!File.Exists(ArpTable)) return null;
        foreach (var line in File.ReadLines(ArpTable).Skip(1))
        {
            var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length > 3 && columns[0] == address) return columns[3];
        }
        return null;
    }

    /// <summary>
    /// Whether the address is this host's gateway or a container bridge: behind it a whole network hides, so allowing it by one click would let in
    /// everybody.
    /// </summary>
    public static bool IsGateway(string address) => IPAddress.TryParse(address, out var wanted) && (Gateways().Contains(wanted) || IsOfBridge(wanted));

    /// <summary>Why a gateway is not let in by its address, and what to do instead; null when the address is none.</summary>
    public static string? WhyNotByAddress(string address) => !IsGateway(address) ? null
        : $"{address} is a gateway or a container bridge of this machine: everything behind it would be let in, not this one device. Give the device a user name and a password instead.";

    /// <summary>The gateways in the kernel's table for IPv4: column 2 is the gateway, the octets of the address in the machine's order.</summary>
    internal static IEnumerable<IPAddress> GatewaysIn(IEnumerable<string> table)
    {
        foreach (var line in table.Skip(1))
        {
            var columns = line.Split('\t', StringSplitOptions.TrimEntries);
            if (columns.Length > 2 && uint.TryParse(columns[2], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var gateway) && gateway != 0)
                yield return new IPAddress(gateway);
        }
    }

    /// <summary>The same for IPv6: column 4 is the next hop, 32 hexadecimal digits.</summary>
    internal static IEnumerable<IPAddress> GatewaysInV6(IEnumerable<string> table)
    {
        foreach (var line in table)
        {
            var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length > 4 && columns[4].Length == 32 && columns[4].Any(digit => digit != '0')) yield return new IPAddress(Convert.FromHexString(columns[4]));
        }
    }

    internal static bool IsBridge(string card) => _bridges.Any(name => card.StartsWith(name, StringComparison.Ordinal));

    private static IEnumerable<IPAddress> Gateways() =>
        (File.Exists(RouteTable) ? GatewaysIn(File.ReadLines(RouteTable)) : []).Concat(File.Exists(RouteTableV6) ? GatewaysInV6(File.ReadLines(RouteTableV6)) : []);

    private static bool IsOfBridge(IPAddress address) => NetworkInterface.GetAllNetworkInterfaces().Where(card => IsBridge(card.Name))
        .Any(card => card.GetIPProperties().UnicastAddresses.Any(own => own.Address.Equals(address)));
}
