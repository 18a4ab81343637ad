using DeviceMail.Web;

namespace DeviceMail.Network;

public static class NetworkSetup
{
    public static void AddNetwork(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<WayOut>();
        services.AddSingleton<GatewayClock>();
        services.AddSingleton<CaCertificates>();
        services.AddSingleton<RootCertificates>();
        services.AddSingleton<TrustedRoots>();
        services.AddSingleton<Outside>();
        services.AddSingleton<FindPageNotices>(host => () => WrongClock(host.GetRequiredService<GatewayClock>()));
    }

    public static void MapNetwork(this WebApplication app)
    {
        app.MapNetworkStatus();
        app.MapInterfaces();
        app.MapCaCertificate();
        app.MapRootCertificateUpdate();
    }

    private static IEnumerable<PageNotice> WrongClock(GatewayClock clock) => clock.Last is { IsTooMuch: true } offset
        ? [new PageNotice($"The gateway's clock is {offset.Words}. Sign-ins and certificates fail with a wrong clock: set it.", "Open Network Status", NetworkStatusPage.Address)]
        : [];
}
