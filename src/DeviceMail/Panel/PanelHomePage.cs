using DeviceMail.EmailServer;
using DeviceMail.Web;

namespace DeviceMail.Panel;

/// <param name="Shell">What stands around.</param>
/// <param name="Alert">Null: all is well.</param>
/// <param name="Jobs">How many wait, are held and have failed.</param>
public sealed record PanelHomeModel(PanelShell Shell, PanelAlert? Alert, JobFigures Jobs)
{
    public string JobsHint => string.Join(", ", new[]
    {
        Jobs.Waiting > 0 ? $"{Jobs.Waiting} in progress" : "",
        Jobs.Held > 0 ? $"{Jobs.Held} held" : "",
    }.Where(part => part.Length > 0)) is { Length: > 0 } busy ? busy : "Nothing waits";
}

/// <summary>/panel: the panel's first page.</summary>
internal static class PanelHomePage
{
    public static void MapPanelHome(this IEndpointRouteBuilder panel) => panel.MapGet(PanelMenu.Home, IResult (HttpContext context) =>
    {
        var shell = PanelShells.Of(context, PanelGuard.PanelOf(context).Name);
        if (shell.Refresh is null) shell = shell with { Refresh = (60, PanelMenu.Home) };
        var status = context.Part<StatusReader>().Read();
        var model = new PanelHomeModel(shell, PanelAlert.Of(status, shell.Now), status.Jobs);
        return PanelShells.Live(context, shell, [$"{model.Alert}", model.JobsHint, Words.Time(shell.Now)], live => PanelHomeView.Create(model with { Shell = live }));
    });
}
