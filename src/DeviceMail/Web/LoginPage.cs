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
        var (delay, client, next) = (context.Part<LoginDelay>(), context.Client(), form["next"].ToString());
        if (delay.WaitOf(client) is var wait && wait > TimeSpan.Zero)
        {
            context.Response.Headers.RetryAfter = $"{Math.Ceiling(wait.TotalSeconds)}";
            return Refuse(context, next, StatusCodes.Status429TooManyRequests, $"After several wrong passwords, wait {Math.Ceiling(wait.TotalSeconds)} seconds and try again.");
        }
        if (!await context.Part<Administrator>().HasPasswordAsync(form["password"].ToString()))
        {
            delay.Failed(client);
            await context.Part<LoginLog>().FailedAsync(client);
            return Refuse(context, next, StatusCodes.Status422UnprocessableEntity, "This is not the administrator's password.");
        }
        delay.Succeeded(client);
        context.Part<Sessions>().Begin(context);
        await context.Part<LoginLog>().SucceededAsync(client);
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
