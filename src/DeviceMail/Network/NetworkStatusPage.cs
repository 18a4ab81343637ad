using System.Net;
using DeviceMail.Web;

namespace DeviceMail.Network;

public sealed record NetworkStatusModel(PageShell Shell, IReadOnlyList<InterfaceLine> Interfaces, WayOutChoice Way)
{
    public required string HostName { get; init; }

    public required IReadOnlyList<IPAddress> NameServers { get; init; }

    public required IReadOnlyList<IPAddress> Gateways { get; init; }

    public required DateTimeOffset Now { get; init; }

    public required TimeZoneInfo Zone { get; init; }

    /// <summary>Null: not measured yet.</summary>
    public ClockOffset? Clock { get; init; }

    public string? OAuthObstacle { get; init; }
}

/// <summary>Network > Network Status: what the gateway's network is like at this moment.</summary>
internal static class NetworkStatusPage
{
    public const string Address = "/network-status";

    public static void MapNetworkStatus(this WebApplication app) => app.MapGet(Address, IResult (HttpContext context) =>
    {
        var (way, clock) = (context.Part<WayOut>(), context.Part<GatewayClock>());
        return NetworkStatusView.Create(new NetworkStatusModel(context.Part<PageShells>().For(context, Menu.NetworkStatus, "Network Status"), Interfaces.All, way.Choice)
        {
            HostName = Dns.GetHostName(),
            NameServers = Interfaces.NameServers,
            Gateways = Interfaces.Gateways,
            Now = context.Part<TimeProvider>().GetLocalNow(),
            Zone = clock.Zone,
            Clock = clock.Last,
            OAuthObstacle = way.OAuthObstacle,
        });
    });
}
