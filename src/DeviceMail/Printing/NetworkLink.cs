using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace DeviceMail.Printing;

/// <summary>A network interface of this machine that has addresses.</summary>
/// <param name="Mac">In pairs with colons; empty where it has none.</param>
/// <param name="Addresses">With the length of their network's prefix in bits; IPv4 first, then IPv6 that reaches farther than the link.</param>
public sealed record NetworkLink(string Name, string Mac, IReadOnlyList<(IPAddress Address, int Prefix)> Addresses)
{
    /// <summary>Those that are up, by name; loopback only where there is nothing else.</summary>
    public static IReadOnlyList<NetworkLink> All()
    {
        var up = NetworkInterface.GetAllNetworkInterfaces().Where(one => one.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
            .OrderBy(one => one.Name, StringComparer.Ordinal).ToList();
        var links = up.Where(one => one.NetworkInterfaceType != NetworkInterfaceType.Loopback).Select(Of).Where(link => link.Addresses.Count > 0).ToList();
        return links.Count > 0 ? links : [.. up.Select(Of).Where(link => link.Addresses.Count > 0)];
    }

    private static NetworkLink Of(NetworkInterface one)
    {
        var mac = string.Join(':', one.GetPhysicalAddress().GetAddressBytes().Select(octet => octet.ToString("x2")));
        var addresses = one.GetIPProperties().UnicastAddresses.Select(unicast => (Address: Plain(unicast.Address), Prefix: unicast.PrefixLength))
            .OrderBy(address => address.Address.AddressFamily == AddressFamily.InterNetwork ? 0 : address.Address.IsIPv6LinkLocal ? 2 : 1);
        return new NetworkLink(one.Name, mac.Trim('0', ':').Length == 0 ? "" : mac, [.. addresses]);
    }

    /// <summary>Without the interface's number, which means something on this machine only.</summary>
    private static IPAddress Plain(IPAddress address) => new(address.GetAddressBytes());
}
