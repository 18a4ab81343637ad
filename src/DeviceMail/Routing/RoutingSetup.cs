namespace DeviceMail.Routing;

public static class RoutingSetup
{
    public static void AddRouting(this WebApplicationBuilder builder) => builder.Services.AddSingleton<Router>();
}
