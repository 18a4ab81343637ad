using DeviceMail.Activity;

namespace DeviceMail.Web;

/// <param name="Shell">What stands around.</param>
/// <param name="Next">Where to go after the login, a path of this gateway.</param>
/// <param name="Fault">Why the last try failed, or null.</param>
public sealed record LoginModel(PageShell Shell, string Next, string? Fault);

/// <summary>/login and /logout.</summary>
internal static class LoginPage
{
    public static void MapLogin(this WebApplication app)
    {
        app.MapGet("/login", IResult (HttpContext context) => Show(context)).WithMetadata(new OpenPage());
        app.MapPost("/login", async Task<IResult> (HttpContext context) => await LogInAsync(context)).WithMetadata(new OpenPage());
        app.MapPost("/logout", IResult (HttpContext context) =>
        {
            context.Part<Sessions>().End(context);
            context.Note(new Deed("Logged out", "Web Config"));
            return Redirects.See("/login");
        });
    }

    private static IResult Show(HttpContext context)
    {
        if (!context.Part<Claim>().IsClaimed) return Redirects.See("/claim");
        return context.Part<Sessions>().Find(context) is not null ? Redirects.See("/") : Form(context, context.Request.Query["next"], null);
    }

    private static async Task<IResult> LogInAsync(HttpContext context)
    {
        if (!context.Part<Claim>().IsClaimed) return Redirects.See("/claim");
        var form = await context.Request.ReadFormAsync();
        var next = form["next"].ToString();
        if (await PasswordGate.RefusalAsync(context, form["password"].ToString()) is { } refusal)
        {
            // A guess that only has to wait is counted nowhere: it must not fill the log either.
            if (refusal.Status == StatusCodes.Status422UnprocessableEntity) context.Note(new Deed("Could not log in: wrong password", "Web Config"));
            return Refuse(context, next, refusal.Status, refusal.Sentence);
        }
        context.Part<Sessions>().Begin(context);
        context.Note(new Deed("Logged in", "Web Config"));
        await context.Part<LoginLog>().SucceededAsync(context.Client());
        return Redirects.See(Redirects.IsOwnPath(next) ? next : "/");
    }

    private static RazorSlices.RazorSlice<LoginModel> Refuse(HttpContext context, string next, int status, string sentence)
    {
        var page = Form(context, next, sentence);
        page.StatusCode = status;
        return page;
    }

    private static RazorSlices.RazorSlice<LoginModel> Form(HttpContext context, string? next, string? fault) =>
        LoginView.Create(new LoginModel(context.Part<PageShells>().Bare(context, "Log in"), Redirects.IsOwnPath(next) ? next! : "/", fault));
}
