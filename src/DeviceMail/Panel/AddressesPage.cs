using System.Net;
using DeviceMail.Printing;
using DeviceMail.Web;

namespace DeviceMail.Panel;

/// <param name="Shell">What stands around.</param>
/// <param name="WebConfig">Null where Web Config cannot be reached from the network.</param>
/// <param name="Rows">Name and address of this page of the list.</param>
public sealed record AddressesModel(PanelShell Shell, string? WebConfig, IReadOnlyList<(string Label, string Value)> Rows)
{
    /// <summary>The following part of the list; null: this is the last one.</summary>
    public string? More { get; init; }
}

/// <summary>Settings > General Settings > Network Settings > Network Status > Wired LAN/Wi-Fi Status.</summary>
internal static class AddressesPage
{
    private const int RowsOnAPage = 7;

    public static void MapAddresses(this IEndpointRouteBuilder panel) => panel.MapGet(PanelMenu.Addresses.Address, IResult (HttpContext context) =>
    {
        var links = NetworkLink.All();
        var rows = links.SelectMany(RowsOf).Prepend(("Host name", Dns.GetHostName())).ToList();
        var from = int.TryParse(context.Request.Query["from"], out var asked) && asked > 0 && asked < rows.Count ? asked : 0;
        var model = new AddressesModel(PanelShells.Of(context, PanelMenu.Addresses), context.Part<StatusSheet>().WebConfig(links), [.. rows.Skip(from).Take(RowsOnAPage)])
        {
            More = rows.Count <= RowsOnAPage ? null : from + RowsOnAPage < rows.Count ? $"{PanelMenu.Addresses.Address}?from={from + RowsOnAPage}" : PanelMenu.Addresses.Address,
        };
        return PanelShells.Live(context, model.Shell, model.Rows.Select(row => $"{row}").Append(model.WebConfig ?? ""), shell => AddressesView.Create(model with { Shell = shell }));
    });

    /// <summary>The first line of an interface carries its name.</summary>
    private static IEnumerable<(string Label, string Value)> RowsOf(NetworkLink link)
    {
        var values = link.Addresses.Select(one => $"{one.Address}/{one.Prefix}").ToList();
        if (link.Mac.Length > 0) values.Add($"MAC {link.Mac}");
        return values.Select((value, index) => (index == 0 ? link.Name : "", value));
    }
}
