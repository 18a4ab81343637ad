using DeviceMail.Activity;
using DeviceMail.Control;

namespace DeviceMail.Web;

/// <param name="Shell">What stands around.</param>
/// <param name="IsNew">Whether the gateway is new, rather than its password forgotten.</param>
/// <param name="MinutesLeft">How long the code is good, as 52:10; null when there is none.</param>
/// <param name="CodeFile">Where the code lies on the gateway's machine.</param>
public sealed record ClaimModel(PageShell Shell, bool IsNew, string? MinutesLeft, string CodeFile)
{
    public string Address { get; init; } = "";

    public string Code { get; init; } = "";

    /// <summary>What is wrong with what was typed.</summary>
    public ClaimOutcome.Refused? Fault { get; init; }

    public bool IsWrong(string field) => Fault?.Field == field;
}

/// <summary>/claim: a new gateway's first page, and the way back for who forgot the password.</summary>
internal static class ClaimPage
{
    public static void MapClaim(this WebApplication app)
    {
        app.MapGet("/claim", IResult (HttpContext context) =>
            context.Part<Claim>() is { IsClaimed: true, Code: null } ? Redirects.See("/login") : ClaimView.Create(ModelOf(context))).WithMetadata(new OpenPage());
        app.MapPost("/claim", async Task<IResult> (HttpContext context) => await PostAsync(context)).WithMetadata(new OpenPage());
        ClaimControl.Map(app.ControlGroup());
    }

    private static async Task<IResult> PostAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        var request = new ClaimRequest(form["code"].ToString().Trim(), form["address"].ToString().Trim(), form["password"].ToString(), form["again"].ToString());
        if (await context.Part<Claim>().TryAsync(request) is ClaimOutcome.Refused refused)
        {
            var page = ClaimView.Create(ModelOf(context) with { Address = request.Address, Code = request.Code, Fault = refused });
            page.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return page;
        }
        context.Note(new Deed("Claimed the gateway, or set the password anew, with a code", "Administrator") { After = request.Address });
        context.Part<Sessions>().Begin(context);
        return Redirects.See("/");
    }

    private static ClaimModel ModelOf(HttpContext context)
    {
        var claim = context.Part<Claim>();
        var left = claim.Code?.Until - context.Part<TimeProvider>().GetUtcNow();
        var text = left is { } rest ? $"{(int)rest.TotalMinutes}:{rest.Seconds:00}" : null;
        return new ClaimModel(context.Part<PageShells>().Bare(context, claim.IsClaimed ? "Set a new password" : "Claim this gateway"), !claim.IsClaimed, text, claim.CodeFile);
    }
}
