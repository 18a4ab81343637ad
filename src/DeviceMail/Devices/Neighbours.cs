namespace DeviceMail.Devices;

/// <summary>What the kernel knows of machines on the same link.</summary>
internal static class Neighbours
{
    private const string ArpTable = "/proc/net/arp";
    private const string RouteTable = "/proc/net/route";

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
    public static bool IsGateway(string address)
    {
        if (!File.Exists(RouteTable) || !System.Net.IPAddress.TryParse(address, out var wanted)) return false;
        foreach (var line in File.ReadLines(RouteTable).Skip(1))
        {
            var columns = line.Split('\t', StringSplitOptions.TrimEntries);
            if (columns.Length > 2 && uint.TryParse(columns[2], System.Globalization.NumberStyles.HexNumber, null, out var gateway) && gateway != 0
                && new System.Net.IPAddress(gateway).Equals(wanted)) return true;
        }
        return false;
    }
}
