using System.Net;
using DeviceMail.Control;
using DeviceMail.Settings;

namespace DeviceMail.Web;

/// <summary>How a person reaches Web Config.</summary>
public static class WebAddress
{
    /// <summary>With its final slash; null when Web Config is switched off.</summary>
    public static string? Of(IServiceProvider services)
    {
        if (services.GetRequiredService<Listeners>().Find(WebSetup.ListenerName) is not { } bound) return null;
        var everywhere = bound.Address.Equals(IPAddress.Any) || bound.Address.Equals(IPAddress.IPv6Any);
        var host = everywhere ? services.GetRequiredService<SettingsStore>().Current.GatewayName : new IPEndPoint(bound.Address, 0).ToString()[..^2];
        return bound.Port == 443 ? $"https://{host}/" : $"https://{host}:{bound.Port}/";
    }
}
