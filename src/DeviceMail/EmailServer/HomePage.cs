using DeviceMail.Activity;
using DeviceMail.Web;

namespace DeviceMail.EmailServer;

public sealed record HomeModel(PageShell Shell, Answer Answer, GatewayStatus Status, IReadOnlyList<ActivityEntry> Latest);

/// <summary>The first page: is mail going out, and if not, what do I do?</summary>
internal static class HomePage
{
    public static void MapHome(this WebApplication app) => app.MapGet("/", IResult (HttpContext context) =>
    {
        var status = context.Part<StatusReader>().Read();
        return HomeView.Create(new HomeModel(context.Part<PageShells>().For(context, Menu.Home, "Home"), Answer.Of(status), status, context.Part<ActivityLog>().Latest(8)));
    });
}
