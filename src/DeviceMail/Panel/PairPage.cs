using DeviceMail.Printing;
using DeviceMail.Web;

namespace DeviceMail.Panel;

/// <param name="Shell">What stands around.</param>
/// <param name="Code">What the administrator types.</param>
/// <param name="WebConfig">Where the administrator types it; also the start of the QR code's address.</param>
public sealed record PairModel(PanelShell Shell, ClaimCode Code, string WebConfig)
{
    public string PairAddress => $"{WebConfig.TrimEnd('/')}{Menu.Panels.Address}?code={Code.Text}";

    public TimeSpan Left => Code.Until - Shell.Now;
}

/// <summary>/panel/pair: all that a browser sees of the panel before an administrator has paired it.</summary>
internal static class PairPage
{
    public const string Address = "/panel/pair";

    private const string IsPaired = "paired", IsOver = "over";

    public static void MapPair(this WebApplication app) =>
        app.MapGet(Address, IResult (HttpContext context) => PanelGuard.IsLive(context) ? Results.Text(StateOf(context)) : Show(context))
            .WithMetadata(new KeptBy(_ => Task.FromResult<IResult?>(null)));

    private static IResult Show(HttpContext context)
    {
        if (context.Part<PanelRegister>().FindByKey(PanelCookie.KeyIn(context, PanelCookie.Paired)) is not null) return Redirects.See(PanelMenu.Home);
        var desk = context.Part<PairingDesk>();
        var pairing = desk.Find(context) ?? desk.Begin(context);
        if (pairing.PanelKey is { } key)
        {
            PanelCookie.Set(context, PanelCookie.Paired, key);
            PanelCookie.Delete(context, PanelCookie.Asking);
            desk.End(pairing);
            return Redirects.See(PanelMenu.Home);
        }
        var shell = new PanelShell
        {
            Title = "This browser is not paired yet",
            Now = context.Part<TimeProvider>().GetUtcNow(),
            IsAdministrator = false,
            HasLock = false,
            Address = Address,
            State = pairing.Code.Text,
            Refresh = (5, Address),
        };
        return PairView.Create(new PairModel(shell, pairing.Code, context.Part<StatusSheet>().WebConfig(NetworkLink.All()) ?? $"https://{context.Request.Host}/"));
    }

    private static string StateOf(HttpContext context)
    {
        if (context.Part<PanelRegister>().FindByKey(PanelCookie.KeyIn(context, PanelCookie.Paired)) is not null) return IsPaired;
        return context.Part<PairingDesk>().Find(context) switch
        {
            null => IsOver,
            { PanelKey: not null } => IsPaired,
            { Code: var code } => code.Text,
        };
    }
}
