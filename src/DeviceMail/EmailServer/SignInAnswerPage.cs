using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Web;

namespace DeviceMail.EmailServer;

/// <param name="Shell">What stands around.</param>
/// <param name="Title">What is.</param>
/// <param name="Sentence">What to do.</param>
/// <param name="Next">Where it goes on.</param>
public sealed record SignInAnswerModel(PageShell Shell, string Title, string Sentence, string Next);

/// <summary>
/// Where a provider leads a browser back after a sign-in or an agreement. It comes from another site, so the browser shows no login here; it is let
/// in by what nobody else has: the state of a request that this gateway made, and for a sign-in the cookie of the browser that began it.
/// </summary>
internal static class SignInAnswerPage
{
    private static readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    private const string CookieName = "__Host-devicemail-sign-in";

    public static void MapSignInAnswer(this WebApplication app) =>
        app.MapGet(AccountRules.AnswerPath, async Task<IResult> (HttpContext context) => await TakeAsync(context)).WithMetadata(new OpenPage());

    /// <summary>This page's address, as the browser of this request would be led to it.</summary>
    public static string AddressOf(HttpContext context) => $"https://{context.Request.Host}{AccountRules.AnswerPath}";

    /// <summary>Binds a sign-in to this browser. It comes back from another site, which a stricter cookie would not survive.</summary>
    public static void Bind(HttpContext context, string state) =>
        context.Response.Cookies.Append(CookieName, MarkOf(state), Cookie(TimeSpan.FromMinutes(15)));

    /// <summary>What the browser that began a sign-in has, and what the state alone does not tell.</summary>
    private static string MarkOf(string state) => Base64Url.EncodeToString(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(state)));

    private static CookieOptions Cookie(TimeSpan? age) => new() { Secure = true, HttpOnly = true, SameSite = SameSiteMode.Lax, Path = "/", MaxAge = age };

    private static async Task<IResult> TakeAsync(HttpContext context)
    {
        var landed = context.Request.QueryString.Value ?? "";
        var state = context.Request.Query["state"].ToString();
        if (context.Part<ConsentDesk>().Take(landed, context.Part<AccountRegister>().Find) is { } consented)
            return Show(context, "Thank you", "The answer is shown on the page Application Registration.", $"{Menu.EmailServerRegistration.Address}?account={consented}#consent");
        if (state.Length == 0 || context.Request.Cookies[CookieName] != MarkOf(state))
            return Show(context, "This answer belongs to no sign-in of this browser", "Begin the sign-in again in Web Config, and finish it in the same browser.", BasicPage.Address);
        context.Response.Cookies.Delete(CookieName, Cookie(null));
        // To its end, although the window may be closed: the code is good once.
        var (account, step) = await context.Part<EmailServerDesk>().AnswerAsync(landed, CancellationToken.None);
        if (account is null) return Show(context, "This sign-in is over", "It was finished already, cancelled, or it took too long. Begin it again in Web Config.", BasicPage.Address);
        await context.Part<AuditLog>().RecordAsync(new Actor("the provider's answer", context.ClientName()), new Deed(step is SignInStep.SignedIn ? "Finished a sign-in in the browser" : "A sign-in in the browser ended without success", account.Address.ToString()));
        var next = $"{SignInPage.Address}?account={account.Id}";
        // The browser goes on by itself, as from this page: then it shows its login again.
        context.Response.Headers["Refresh"] = $"0; url={next}";
        return Show(context, "Back to DeviceMail", "Web Config goes on with the sign-in by itself.", next);
    }

    private static RazorSlices.RazorSlice<SignInAnswerModel> Show(HttpContext context, string title, string sentence, string next) =>
        SignInAnswerView.Create(new SignInAnswerModel(context.Part<PageShells>().Bare(context, title), title, sentence, next));
}
