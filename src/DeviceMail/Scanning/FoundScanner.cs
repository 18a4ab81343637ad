using System.Net.Sockets;
using DeviceMail.Discovery;

namespace DeviceMail.Scanning;

/// <summary>A scanner that announces itself on the network.</summary>
/// <param name="Name">As its owner named it.</param>
/// <param name="Model">Empty where it does not tell.</param>
/// <param name="Place">Where it stands; empty where it does not tell.</param>
/// <param name="Address">By number, because the names of mDNS are known on the link alone; encrypted where it offers that.</param>
public sealed record FoundScanner(string Name, string Model, string Place, ScannerAddress Address)
{
    internal const string Clear = "_uscan._tcp", Encrypted = "_uscans._tcp";

    /// <summary>One line a scanner, by name, though most announce themselves twice.</summary>
    internal static IReadOnlyList<FoundScanner> Of(IEnumerable<FoundService> services) =>
    [
        .. services.OrderByDescending(service => service.Type == Encrypted).Select(Of).OfType<FoundScanner>()
            .DistinctBy(found => (found.Name, found.Address.Host)).OrderBy(found => found.Name, StringComparer.OrdinalIgnoreCase),
    ];

    private static FoundScanner? Of(FoundService service)
    {
        var address = service.Addresses.FirstOrDefault(one => one.AddressFamily == AddressFamily.InterNetwork)
            ?? service.Addresses.FirstOrDefault(one => !one.IsIPv6LinkLocal);
        var path = service.Text.GetValueOrDefault("rs", "eSCL").Trim('/');
        if (address is null || service.Port == 0) return null;
        var host = address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]" : $"{address}";
        return ScannerAddress.TryParse($"{(service.Type == Encrypted ? "https" : "http")}://{host}:{service.Port}/{path}", out var parsed)
            ? new FoundScanner(service.Instance, service.Text.GetValueOrDefault("ty", ""), service.Text.GetValueOrDefault("note", ""), parsed)
            : null;
    }
}
