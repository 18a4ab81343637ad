using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Settings;
using DeviceMail.Web;

namespace DeviceMail.EmailServer;

/// <summary>How a sign-in ended, in a sentence, with what to do and the provider's own words.</summary>
public sealed record SignInEnd(string Sentence, string Remedy, string ServerWords)
{
    /// <summary>The way that is left when this one is refused, in a sentence; empty where another try of the same is the remedy.</summary>
    public string NextWay { get; init; } = "";
}

/// <summary>The field for the address on which a browser landed.</summary>
/// <param name="Begins">How that address begins.</param>
/// <param name="Fault">What is wrong with the one that was pasted, or null.</param>
public sealed record LandedModel(string Begins, string? Fault);

/// <param name="Shell">What stands around.</param>
/// <param name="Account">Who is to sign in.</param>
/// <param name="State">What the live part compares: another text means that the page has changed.</param>
public sealed record SignInModel(PageShell Shell, Account Account, string State)
{
    /// <summary>The code to enter; null before it was asked for, and when the attempt has ended.</summary>
    public AccountStatus.WaitingForPerson? Code { get; init; }

    public TimeSpan Left { get; init; }

    /// <summary>What a browser opens to sign in; null: no sign-in in a browser is under way.</summary>
    public Uri? Browser { get; init; }

    /// <summary>What is wrong with the address that was pasted, or null.</summary>
    public string? Fault { get; init; }

    /// <summary>Null while nothing has ended.</summary>
    public SignInEnd? End { get; init; }

    /// <summary>Whether a sign-in works now, which goes on sending until OK.</summary>
    public bool Replaces { get; init; }

    /// <summary>Whether the mailbox is the address of this gateway's administrator.</summary>
    public bool IsAdministrator { get; init; }

    /// <summary>Whether the administrator's consent goes by a link of ours.</summary>
    public bool HasConsentLink => MicrosoftAuthority.ConsentOf(Account).Length > 0;

    public bool IsMicrosoft => MicrosoftAuthority.Serves(Account);

    public IReadOnlyList<SignInWay> Ways => Providers.Of(Account).Ways;

    /// <summary>Whether the browser comes back to this gateway by itself.</summary>
    public bool ComesBack => Account.RedirectAddress.Length > 0;

    /// <summary>Whose page it is that asks for the code.</summary>
    public string Owner => IsMicrosoft ? "Microsoft's" : "the provider's";

    /// <summary>The button of the guide.</summary>
    public string Start => IsMicrosoft ? "Sign in with Microsoft" : "Sign in with the provider";
}

/// <summary>Sign In: whom to sign in and by which way, then code or browser, and how it stands.</summary>
internal static class SignInPage
{
    public const string Address = "/email-server/sign-in";

    public static void MapSignIn(this WebApplication app)
    {
        app.MapGet(Address, IResult (HttpContext context) => Find(context, context.Request.Query["account"].ToString()) is { } account ? Show(context, account) : Redirects.See(BasicPage.Address));
        app.MapGet(Address + "/state", IResult (HttpContext context) => Results.Text(
            Find(context, context.Request.Query["account"].ToString()) is { } account ? StateOf(context, account) : "gone"));
        app.MapPost(Address, async Task<IResult> (HttpContext context) => await PressAsync(context))
            .WithMetadata(new AsksPassword("to start a sign-in", form => form["do"] != "cancel"));
    }

    /// <summary>Whether this is the address that the gateway's administrator gave; of the provider's roles a sign-in tells nothing.</summary>
    public static bool IsAdministrator(HttpContext context, string mailbox) =>
        mailbox.Length > 0 && mailbox.Equals(context.Part<SettingsStore>().Current.Text(SettingsCatalogue.AdministratorAddress), StringComparison.OrdinalIgnoreCase);

    private static async Task<IResult> PressAsync(HttpContext context)
    {
        var posted = await context.Request.ReadFormAsync();
        if (Find(context, posted["account"].ToString()) is not { } account) return Redirects.See(BasicPage.Address);
        var (desk, here) = (context.Part<EmailServerDesk>(), $"{Address}?account={account.Id}");
        if (account.IsApplication) return await ApplicationSignInPage.PressAsync(context, account, posted);
        switch (posted["do"].ToString())
        {
            case "cancel":
                desk.Cancel(account);
                context.Note(new Deed("Cancelled the sign-in", account.Address.ToString()));
                return Redirects.See($"{BasicPage.Address}?account={account.Id}");
            case "browser":
                await desk.OpenBrowserAsync(account, context.RequestAborted);
                context.Note(new Deed("Started a sign-in in the browser", account.Address.ToString()));
                return Redirects.See(here);
            case "landed":
                var landed = posted["landed"].ToString();
                if (desk.InBrowser(account) is not { } asked || AuthorizationCodes.Read(landed).GetValueOrDefault("state") != asked.State)
                    return Show(context, account, AuthorizationCodes.WrongAddress, StatusCodes.Status422UnprocessableEntity);
                // To its end, although the window may be closed: the code is good once.
                await desk.AnswerAsync(landed, CancellationToken.None);
                context.Note(new Deed("Finished a sign-in in the browser", account.Address.ToString()));
                return Redirects.See(here);
            default:
                await desk.NewCodeAsync(account, context.RequestAborted);
                context.Note(new Deed("Started a sign-in", account.Address.ToString()));
                return Redirects.See(here);
        }
    }

    private static Account? Find(HttpContext context, string asked) =>
        long.TryParse(asked, out var id) && context.Part<AccountRegister>().Find(id) is { Method: AuthenticationMethod.OAuth2 } account ? account : null;

    private static string StateOf(HttpContext context, Account account) =>
        context.Part<AccountStatusBoard>().StatusOf(account.Id) is AccountStatus.WaitingForPerson waiting
            ? $"waiting {waiting.UserCode}"
            : context.Part<EmailServerDesk>().StepOf(account)?.GetType().Name ?? "not begun";

    private static IResult Show(HttpContext context, Account account, string? fault = null, int status = StatusCodes.Status200OK)
    {
        if (account.IsApplication) return ApplicationSignInPage.Show(context, account);
        var (desk, board) = (context.Part<EmailServerDesk>(), context.Part<AccountStatusBoard>());
        var (code, browser, step) = (board.StatusOf(account.Id) as AccountStatus.WaitingForPerson, desk.InBrowser(account), desk.StepOf(account));
        if (code is null && step is SignInStep.SignedIn && desk.Staged(account) is not null) return Redirects.See($"{BasicPage.Address}?account={account.Id}");
        if (browser is { } begun && account.RedirectAddress.Length > 0) SignInAnswerPage.Bind(context, begun.State);
        var shell = context.Part<PageShells>().For(context, Menu.EmailServerBasic, "Sign In");
        // Who pastes an address must not lose it to a page that loads again.
        var reloads = code is not null || browser is not null && account.RedirectAddress.Length > 0;
        var model = new SignInModel(shell with { Path = $"{shell.Path} › Sign In", ReloadAfter = reloads ? 5 : 0 }, account, StateOf(context, account))
        {
            Code = code,
            Browser = browser?.Address,
            Fault = fault,
            Left = code is null ? TimeSpan.Zero : code.Until - context.Part<TimeProvider>().GetUtcNow(),
            End = code is null && browser is null ? EndOf(account, step, desk.WayOf(account)) : null,
            Replaces = board.SavedStatusOf(account.Id) is AccountStatus.SignedIn,
            IsAdministrator = IsAdministrator(context, account.Address.ToString()),
        };
        var view = SignInView.Create(model with { Shell = model.Shell with { Title = browser is null ? model.Start : "Sign in in this browser" } });
        view.StatusCode = status;
        return view;
    }

    internal static SignInEnd? EndOf(Account account, SignInStep? step, SignInWay? way) => step switch
    {
        null or SignInStep.SignedIn or SignInStep.Waiting or SignInStep.SlowDown => null,
        SignInStep.Declined declined => new("The sign-in was declined in the other window", "Start again and press Accept there, if that was not meant.", declined.Words),
        SignInStep.Blocked blocked => new(blocked.Problem.Code is { } code ? $"{blocked.Problem.Title} (code {code})" : blocked.Problem.Title, $"{blocked.Problem.Cause} {blocked.Problem.Remedy}", blocked.Words)
        {
            NextWay = blocked.Problem == Problems.Unreachable ? "" : NextWay(account, way),
        },
        _ => way == SignInWay.Browser
            ? new("The sign-in took too long, or was cancelled", "Start again; nothing else is lost.", "")
            : new("The code has run out", "Nobody entered it in time. Get a new code; nothing else is lost.", ""),
    };

    private static string NextWay(Account account, SignInWay? refused)
    {
        var ways = Providers.Of(account).Ways;
        if (refused == SignInWay.DeviceCode && ways.Contains(SignInWay.Browser)) return "The next way: sign in in this browser. A policy against device codes does not touch it.";
        return ways.Contains(SignInWay.Application) && refused != SignInWay.Application
            ? "The next way: let the application sign in for itself. On Basic, set Sign in as to the application; it asks for no person and no second factor." : "";
    }
}
