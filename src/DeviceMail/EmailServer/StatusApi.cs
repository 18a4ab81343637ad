using DeviceMail.Web;

namespace DeviceMail.EmailServer;

/// <summary>/api/v1/status: what `devicemail status --json` prints.</summary>
internal static class StatusApi
{
    public static void Map(WebApplication app) => app.ApiGroup(ApiScope.Read).Get("/status",
        new ApiRoute("Whether mail goes out, and if not, what to do") { Answer = EmailServerJson.Default.GatewayStatus },
        context => Results.Json(context.Part<StatusReader>().Read(), EmailServerJson.Default.GatewayStatus));
}
