using DeviceMail.Activity;
using DeviceMail.Web;

namespace DeviceMail.Panel;

/// <param name="Shell">What stands around.</param>
/// <param name="Next">Where to go then, a page of the panel.</param>
/// <param name="Fault">Why the last try failed, or null.</param>
public sealed record AdministratorModel(PanelShell Shell, string Next, string? Fault);

/// <summary>The lock: the administrator signs in at the panel, and out again.</summary>
internal static class AdministratorPage
{
    public const string Address = "/panel/administrator", LogOutAddress = "/panel/log-out";

    public static void MapAdministrator(this IEndpointRouteBuilder panel)
    {
        panel.MapGet(Address, IResult (HttpContext context) => context.Part<PanelSignIns>().IsSignedIn(PanelGuard.PanelOf(context))
            ? Redirects.See(NextOf(context.Request.Query["next"]))
            : Form(context, context.Request.Query["next"], null));
        panel.MapPost(Address, async Task<IResult> (HttpContext context) => await SignInAsync(context));
        panel.MapPost(LogOutAddress, IResult (HttpContext context) =>
        {
            var panel = PanelGuard.PanelOf(context);
            context.Part<PanelSignIns>().End(panel);
            context.Note(new Deed("Signed out at the panel", panel.Name));
            return Redirects.See(PanelMenu.Home);
        });
    }

    private static async Task<IResult> SignInAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var (panel, delay, activity) = (PanelGuard.PanelOf(context), context.Part<LoginDelay>(), context.Part<ActivityLog>());
        if (delay.Begin(context.Client()) is var wait && wait > TimeSpan.Zero)
        {
            context.Response.Headers.RetryAfter = $"{Math.Ceiling(wait.TotalSeconds)}";
            return Refuse(context, form["next"], StatusCodes.Status429TooManyRequests, $"After several wrong passwords, wait {Math.Ceiling(wait.TotalSeconds)} seconds and try again.");
        }
        if (!await context.Part<Administrator>().HasPasswordAsync(form["password"].ToString()))
        {
            context.Note(new Deed("Could not sign in at the panel: wrong password", panel.Name));
            await activity.RecordAsync(Subject.Administrator, panel.Name, $"A wrong administrator password was entered at the control panel {panel.Name}.");
            return Refuse(context, form["next"], StatusCodes.Status422UnprocessableEntity, "This is not the administrator's password. It is the one that opens Web Config.");
        }
        delay.Succeeded(context.Client());
        context.Part<PanelSignIns>().Begin(panel);
        context.Note(new Deed("Signed in at the panel", panel.Name));
        await activity.RecordAsync(Subject.Administrator, panel.Name, $"The administrator signed in at the control panel {panel.Name}.");
        return Redirects.See(NextOf(form["next"]));
    }

    private static RazorSlices.RazorSlice<AdministratorModel> Refuse(HttpContext context, string? next, int status, string sentence)
    {
        var page = Form(context, next, sentence);
        page.StatusCode = status;
        return page;
    }

    private static RazorSlices.RazorSlice<AdministratorModel> Form(HttpContext context, string? next, string? fault) =>
        AdministratorView.Create(new AdministratorModel(PanelShells.Of(context, "Sign in as administrator") with { HasLock = false, Back = ("Home", PanelMenu.Home) }, NextOf(next), fault));

    /// <summary>A sign-in at the panel leads to the panel only.</summary>
    private static string NextOf(string? next) =>
        Redirects.IsOwnPath(next) && (next == PanelMenu.Home || next!.StartsWith(PanelMenu.Home + "/", StringComparison.Ordinal)) ? next! : PanelMenu.Home;
}
