using DeviceMail.Storage;
using DeviceMail.Web;

namespace DeviceMail.Panel;

/// <summary>Marks a page of the panel that only the administrator opens.</summary>
internal sealed class AdministratorItem;

/// <summary>Who may ask for a page of the panel: a paired browser; for administrator items, with the administrator signed in at it.</summary>
internal static class PanelGuard
{
    /// <summary>Null when the request may go on, otherwise what is answered in its place.</summary>
    public static async Task<IResult?> CheckAsync(HttpContext context)
    {
        var (request, isLive) = (context.Request, IsLive(context));
        var key = PanelCookie.KeyIn(context, PanelCookie.Paired);
        if (context.Part<PanelRegister>().FindByKey(key) is not { } panel) return isLive ? Results.StatusCode(StatusCodes.Status401Unauthorized) : Redirects.See(PairPage.Address);
        context.Features.Set(panel);
        await SeenAsync(context, panel, key!);
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method) && !await HasTokenAsync(context, panel))
            return Results.Text("This page is older than the gateway's last start, and nothing was done. Go back, load the page again, and press once more.", "text/plain; charset=utf-8", statusCode: StatusCodes.Status403Forbidden);
        var signIns = context.Part<PanelSignIns>();
        var isItem = context.GetEndpoint()?.Metadata.GetMetadata<AdministratorItem>() is not null;
        if (isItem && !signIns.IsSignedIn(panel))
            return isLive ? Results.StatusCode(StatusCodes.Status401Unauthorized) : Redirects.See($"{AdministratorPage.Address}?next={Uri.EscapeDataString(request.Path + request.QueryString)}");
        if (!isLive) signIns.Use(panel);
        return null;
    }

    /// <summary>Whether the page itself asks whether it is still true.</summary>
    public static bool IsLive(HttpContext context) => context.Request.Headers.ContainsKey("X-Live");

    /// <summary>The panel that asks; behind the guard there is one.</summary>
    public static PairedPanel PanelOf(HttpContext context) => context.Features.Get<PairedPanel>()!;

    /// <summary>Goes into every form of this panel.</summary>
    public static string FormToken(HttpContext context, PairedPanel panel) => context.Part<Sessions>().FormToken(TokenSession(panel));

    private static async Task<bool> HasTokenAsync(HttpContext context, PairedPanel panel) => context.Request.HasFormContentType
        && context.Part<Sessions>().IsFormToken(TokenSession(panel), (await context.Request.ReadFormAsync())[PageGuard.TokenField]);

    /// <summary>Stands for the panel where form tokens are made, and opens nothing.</summary>
    private static Session TokenSession(PairedPanel panel) => new($"panel {panel.KeyHash}", panel.PairedAt, panel.PairedAt);

    private static async Task SeenAsync(HttpContext context, PairedPanel panel, string key)
    {
        try
        {
            if (await context.Part<PanelRegister>().SeenAsync(panel, PanelCookie.ClientOf(context)) && !IsLive(context)) PanelCookie.Set(context, PanelCookie.Paired, key);
        }
        catch (StorageFailedException)
        {
            // The panel is where people learn that the disk does not keep what is written.
        }
    }
}
