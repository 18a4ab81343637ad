using DeviceMail.Activity;
using DeviceMail.Printing;
using DeviceMail.Web;

namespace DeviceMail.Panel;

/// <param name="Shell">What stands around.</param>
/// <param name="Panels">By name.</param>
/// <param name="Now">The gateway's time.</param>
public sealed record PanelsModel(PageShell Shell, IReadOnlyList<PairedPanel> Panels, DateTimeOffset Now)
{
    /// <summary>What was typed, or came with the address of the panel's QR code.</summary>
    public string Code { get; init; } = "";

    public string Name { get; init; } = "";

    /// <summary>Why the last press did nothing, or null.</summary>
    public PairOutcome.Refused? Fault { get; init; }

    /// <summary>The panel that was paired just now, or null.</summary>
    public PairedPanel? Paired { get; init; }

    /// <summary>Where a browser becomes a panel.</summary>
    public required string PanelAddress { get; init; }
}

/// <summary>Device Management > Panels in Web Config: pair, list, unpair.</summary>
internal static class PanelsPage
{
    public static void MapPanels(this WebApplication app)
    {
        app.MapGet(Menu.Panels.Address, IResult (HttpContext context) => PanelsView.Create(ModelOf(context) with
        {
            Code = context.Request.Query["code"].ToString(),
            Paired = long.TryParse(context.Request.Query["paired"], out var id) ? context.Part<PanelRegister>().Find(id) : null,
        }));
        app.MapPost(Menu.Panels.Address, async Task<IResult> (HttpContext context) =>
        {
            var posted = await context.Request.ReadFormAsync();
            return posted["do"] == "unpair" ? await UnpairAsync(context, posted) : await PairAsync(context, posted);
        }).WithMetadata(new AsksPassword("to pair a panel", form => form["do"] != "unpair"));
    }

    private static async Task<IResult> PairAsync(HttpContext context, IFormCollection posted)
    {
        var (code, name) = (posted["code"].ToString().Trim(), posted["name"].ToString().Trim());
        var outcome = await context.Part<PairingDesk>().PairAsync(code, name);
        if (outcome is PairOutcome.Paired paired) return Redirects.See($"{Menu.Panels.Address}?paired={paired.Panel.Id}");
        var page = PanelsView.Create(ModelOf(context) with { Code = code, Name = name, Fault = (PairOutcome.Refused)outcome });
        page.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return page;
    }

    private static async Task<IResult> UnpairAsync(HttpContext context, IFormCollection posted)
    {
        if (long.TryParse(posted["panel"], out var id) && context.Part<PanelRegister>().Find(id) is { } panel)
        {
            await context.Part<PanelRegister>().RemoveAsync(panel);
            await context.Part<ActivityLog>().RecordAsync(Subject.Gateway, panel.Name, $"The control panel {panel.Name} was unpaired; its browser shows a pairing code again.");
        }
        return Redirects.See(Menu.Panels.Address);
    }

    private static PanelsModel ModelOf(HttpContext context) => new(
        context.Part<PageShells>().For(context, Menu.Panels, "Panels"), context.Part<PanelRegister>().All, context.Part<TimeProvider>().GetUtcNow())
    {
        PanelAddress = context.Part<StatusSheet>().WebConfig(NetworkLink.All())?.TrimEnd('/') + PanelMenu.Home,
    };
}
