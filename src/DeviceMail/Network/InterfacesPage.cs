using DeviceMail.Settings;
using DeviceMail.Web;

namespace DeviceMail.Network;

/// <param name="Shell">What stands around.</param>
/// <param name="All">The interfaces there are.</param>
/// <param name="Way">What is set.</param>
public sealed record InterfacesModel(PageShell Shell, IReadOnlyList<InterfaceLine> All, WayOutChoice Way)
{
    /// <summary>The proxy's field as it was typed.</summary>
    public required string Proxy { get; init; }

    public string? OAuthObstacle { get; init; }

    public string? Fault { get; init; }

    public bool IsSaved { get; init; }
}

/// <summary>Network > Interfaces: standard and additional networks, by which one connections leave, and the proxy.</summary>
internal static class InterfacesPage
{
    public const string Address = "/network-interfaces";

    public static void MapInterfaces(this WebApplication app)
    {
        app.MapGet(Address, IResult (HttpContext context) => Show(context, null, null));
        app.MapPost(Address, async Task<IResult> (HttpContext context) =>
        {
            var posted = await context.Request.ReadFormAsync();
            var proxy = posted["proxy"].ToString().Trim();
            var way = context.Part<WayOut>();
            // An interface that is not there at this moment has no field, and keeps its mark.
            var missing = way.Choice.Additional.Where(name => Interfaces.Find(name) is null);
            var additional = Interfaces.All.Select(one => one.Name).Where(name => posted[$"network-{name}"] == "additional").Concat(missing);
            var save = await context.Part<SettingsStore>().SaveAsync(new Dictionary<string, string>
            {
                [SettingsCatalogue.OutgoingInterface.Name] = posted["outgoing"].ToString(),
                [SettingsCatalogue.AdditionalInterfaces.Name] = string.Join(',', additional),
                [SettingsCatalogue.Proxy.Name] = proxy,
                [SettingsCatalogue.ProxyForMail.Name] = posted["proxy-for-mail"] == "on" ? "on" : "off",
            });
            return save is SettingsSave.Refused ? Show(context, proxy, "Proxy must have the form http://host:port, without a user name. Empty means none.") : Redirects.See($"{Address}?saved=1");
        }).WithMetadata(new AsksPassword("to change the way by which sign-ins leave"));
    }

    private static RazorSlices.RazorSlice<InterfacesModel> Show(HttpContext context, string? proxy, string? fault)
    {
        var way = context.Part<WayOut>();
        var page = InterfacesView.Create(new InterfacesModel(context.Part<PageShells>().For(context, Menu.Interfaces, "Interfaces"), Interfaces.All, way.Choice)
        {
            Proxy = proxy ?? way.Choice.Proxy?.OriginalString ?? "",
            OAuthObstacle = way.OAuthObstacle,
            Fault = fault,
            IsSaved = fault is null && context.Request.Query["saved"] == "1",
        });
        if (fault is not null) page.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return page;
    }
}
