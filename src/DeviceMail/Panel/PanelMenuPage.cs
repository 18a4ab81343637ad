namespace DeviceMail.Panel;

/// <param name="Shell">What stands around.</param>
/// <param name="Item">Whose lines are shown.</param>
public sealed record PanelMenuModel(PanelShell Shell, PanelMenuItem Item);

/// <summary>Each level of the panel's menu.</summary>
internal static class PanelMenuPage
{
    public static void MapPanelMenu(this IEndpointRouteBuilder panel)
    {
        foreach (var item in PanelMenu.Lists)
            panel.MapGet(item.Address, IResult (HttpContext context) =>
                PanelShells.Live(context, PanelShells.Of(context, item), [], shell => PanelMenuView.Create(new PanelMenuModel(shell, item))));
    }
}
