using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Settings;
using DeviceMail.Web;

namespace DeviceMail.EmailServer;

/// <summary>How a sign-in ended, in a sentence, with what to do and the provider's own words.</summary>
public sealed record SignInEnd(string Sentence, string Remedy, string ServerWords);

/// <param name="Shell">What stands around.</param>
/// <param name="Account">Who is to sign in.</param>
/// <param name="State">What the live part compares: another text means that the page has changed.</param>
public sealed record SignInModel(PageShell Shell, Account Account, string State)
{
    /// <summary>The code to enter; null before it was asked for, and when the attempt has ended.</summary>
    public AccountStatus.WaitingForPerson? Code { get; init; }

    public TimeSpan Left { get; init; }

    /// <summary>Null while nothing has ended.</summary>
    public SignInEnd? End { get; init; }

    /// <summary>Whether a sign-in works now, which goes on sending until OK.</summary>
    public bool Replaces { get; init; }

    /// <summary>Whether the mailbox is the address of this gateway's administrator.</summary>
    public bool IsAdministrator { get; init; }

    /// <summary>Whether the administrator's consent goes by a link of ours.</summary>
    public bool HasConsentLink => Account.Provider != "custom";

    public bool IsMicrosoft => Registration.IsMicrosoft(Account);

    /// <summary>Whose page it is that asks for the code.</summary>
    public string Owner => IsMicrosoft ? "Microsoft's" : "the provider's";

    /// <summary>The button of the guide.</summary>
    public string Start => IsMicrosoft ? "Sign in with Microsoft" : "Sign in with the provider";
}

/// <summary>Sign In: whom to sign in, then code, address, QR code and time left, and how it stands.</summary>
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
        var desk = context.Part<EmailServerDesk>();
        if (posted["do"] == "cancel")
        {
            desk.Cancel(account);
            context.Note(new Deed("Cancelled the sign-in", account.Address.ToString()));
            return Redirects.See($"{BasicPage.Address}?account={account.Id}");
        }
        await desk.NewCodeAsync(account, context.RequestAborted);
        context.Note(new Deed("Started a sign-in", account.Address.ToString()));
        return Redirects.See($"{Address}?account={account.Id}");
    }

    private static Account? Find(HttpContext context, string asked) =>
        long.TryParse(asked, out var id) && context.Part<AccountRegister>().Find(id) is { Method: AuthenticationMethod.OAuth2 } account ? account : null;

    private static string StateOf(HttpContext context, Account account) =>
        context.Part<AccountStatusBoard>().StatusOf(account.Id) is AccountStatus.WaitingForPerson waiting
            ? $"waiting {waiting.UserCode}"
            : context.Part<EmailServerDesk>().StepOf(account)?.GetType().Name ?? "not begun";

    private static IResult Show(HttpContext context, Account account)
    {
        var (desk, board) = (context.Part<EmailServerDesk>(), context.Part<AccountStatusBoard>());
        var code = board.StatusOf(account.Id) as AccountStatus.WaitingForPerson;
        var step = desk.StepOf(account);
        if (code is null && step is SignInStep.SignedIn && desk.Staged(account) is not null) return Redirects.See($"{BasicPage.Address}?account={account.Id}");
        var shell = context.Part<PageShells>().For(context, Menu.EmailServerBasic, "Sign In");
        var model = new SignInModel(shell with { Path = $"{shell.Path} › Sign In", ReloadAfter = code is null ? 0 : 5 }, account, StateOf(context, account))
        {
            Code = code,
            Left = code is null ? TimeSpan.Zero : code.Until - context.Part<TimeProvider>().GetUtcNow(),
            End = code is null ? EndOf(step) : null,
            Replaces = board.SavedStatusOf(account.Id) is AccountStatus.SignedIn,
            IsAdministrator = IsAdministrator(context, account.Address.ToString()),
        };
        return SignInView.Create(model with { Shell = model.Shell with { Title = model.Start } });
    }

    private static SignInEnd? EndOf(SignInStep? step) => step switch
    {
        null or SignInStep.SignedIn or SignInStep.Waiting or SignInStep.SlowDown => null,
        SignInStep.Declined declined => new("The sign-in was declined in the other window", "Get a new code and press Accept there, if that was not meant.", declined.Words),
        SignInStep.Blocked blocked => new(blocked.Problem.Code is { } code ? $"{blocked.Problem.Title} (code {code})" : blocked.Problem.Title, $"{blocked.Problem.Cause} {blocked.Problem.Remedy}", blocked.Words),
        _ => new("The code has run out", "Nobody entered it in time. Get a new code; nothing else is lost.", ""),
    };
}
