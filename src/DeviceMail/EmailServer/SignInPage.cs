using DeviceMail.Accounts;
using DeviceMail.Web;

namespace DeviceMail.EmailServer;

/// <param name="Shell">What stands around.</param>
/// <param name="Account">Who is to sign in.</param>
/// <param name="State">What the live part compares: another text means that the page has changed.</param>
public sealed record SignInModel(PageShell Shell, Account Account, string State)
{
    /// <summary>The code to enter; null when the attempt has ended.</summary>
    public AccountStatus.WaitingForPerson? Code { get; init; }

    public TimeSpan Left { get; init; }

    /// <summary>How the attempt ended, in a sentence, and what to do.</summary>
    public (string Sentence, string Remedy, string ServerWords) End { get; init; }
}

/// <summary>The sign-in with a code: code, address, QR code, time left, and how it stands.</summary>
internal static class SignInPage
{
    public const string Address = "/email-server/sign-in";

    public static void MapSignIn(this WebApplication app)
    {
        app.MapGet(Address, IResult (HttpContext context) => Find(context, context.Request.Query["account"].ToString()) is { } account ? Show(context, account) : Redirects.See("/email-server"));
        app.MapGet(Address + "/state", IResult (HttpContext context) => Results.Text(
            Find(context, context.Request.Query["account"].ToString()) is { } account ? StateOf(context, account) : "gone"));
        app.MapPost(Address, async Task<IResult> (HttpContext context) =>
        {
            var posted = await context.Request.ReadFormAsync();
            if (Find(context, posted["account"].ToString()) is not { } account) return Redirects.See("/email-server");
            var desk = context.Part<EmailServerDesk>();
            if (posted["do"] == "new-code") await desk.NewCodeAsync(account, context.RequestAborted);
            else desk.Cancel(account);
            return Redirects.See(posted["do"] == "new-code" ? $"{Address}?account={account.Id}" : $"/email-server?account={account.Id}");
        });
    }

    private static Account? Find(HttpContext context, string asked) => long.TryParse(asked, out var id) ? context.Part<AccountRegister>().Find(id) : null;

    private static string StateOf(HttpContext context, Account account)
    {
        if (context.Part<AccountStatusBoard>().StatusOf(account.Id) is AccountStatus.WaitingForPerson waiting) return $"waiting {waiting.UserCode}";
        return context.Part<EmailServerDesk>().StepOf(account).GetType().Name;
    }

    private static IResult Show(HttpContext context, Account account)
    {
        var desk = context.Part<EmailServerDesk>();
        var code = context.Part<AccountStatusBoard>().StatusOf(account.Id) as AccountStatus.WaitingForPerson;
        var step = desk.StepOf(account);
        if (code is null && step is SignInStep.SignedIn) return Redirects.See($"/email-server?account={account.Id}");
        var title = account.Provider == "custom" ? "Sign in" : "Sign in with Microsoft";
        var shell = context.Part<PageShells>().For(context, Menu.EmailServerBasic, title);
        return SignInView.Create(new SignInModel(shell with { Path = $"{shell.Path} › Sign In", ReloadAfter = code is null ? 0 : 5 }, account, StateOf(context, account))
        {
            Code = code,
            Left = code is null ? TimeSpan.Zero : code.Until - context.Part<TimeProvider>().GetUtcNow(),
            End = EndOf(step),
        });
    }

    private static (string Sentence, string Remedy, string ServerWords) EndOf(SignInStep step) => step switch
    {
        SignInStep.Declined declined => ("The sign-in was declined in the other window", "Get a new code and press Accept there, if that was not meant.", declined.Words),
        SignInStep.Blocked blocked => (blocked.Problem.Title, $"{blocked.Problem.Cause} {blocked.Problem.Remedy}", blocked.Words),
        _ => ("The code has run out or was cancelled", "Get a new code; nothing else is lost.", ""),
    };
}
