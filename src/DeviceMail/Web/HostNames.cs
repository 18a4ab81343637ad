using System.Net;
using DeviceMail.Settings;

namespace DeviceMail.Web;

/// <summary>
/// The names under which a browser may reach Web Config. A page of the Internet can point a name of its own at an address of this
/// network (DNS rebinding); such a name is none of ours, and gets no page.
/// </summary>
public sealed class HostNames(SettingsStore settings)
{
    public bool Allow(string host)
    {
        if (IPAddress.TryParse(host.Trim('[', ']'), out _)) return true;
        var machine = Environment.MachineName;
        return ((string[])["localhost", machine, $"{machine}.local", settings.Current.GatewayName]).Contains(host.TrimEnd('.'), StringComparer.OrdinalIgnoreCase);
    }
}
