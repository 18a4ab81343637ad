namespace DeviceMail.Discovery;

public static class DiscoverySetup
{
    public static void AddDiscovery(this WebApplicationBuilder builder) =>
        builder.Services.AddSingleton(host => new MdnsBrowser(host.GetRequiredService<TimeProvider>()));
}
