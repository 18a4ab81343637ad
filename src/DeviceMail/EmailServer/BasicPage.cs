using DeviceMail.Accounts;
using DeviceMail.Web;

namespace DeviceMail.EmailServer;

/// <param name="Shell">What stands around.</param>
/// <param name="Form">What the fields hold.</param>
/// <param name="Account">The account as it is saved; null for a new one.</param>
public sealed record BasicModel(PageShell Shell, BasicForm Form, Account? Account)
{
    public IReadOnlyList<Account> Accounts { get; init; } = [];

    /// <summary>Null for a new account.</summary>
    public AccountLine? Status { get; init; }

    /// <summary>Who signed in and waits for OK; null when nothing is staged.</summary>
    public (string As, string Organisation)? Staged { get; init; }

    public bool IsWrongMailbox { get; init; }

    public bool HasPassword { get; init; }

    public FieldFault? Fault { get; init; }

    /// <summary>Why OAuth2 cannot be used by the network that is chosen, or null.</summary>
    public string? OAuthObstacle { get; init; }

    public bool IsSignedIn => Status?.SignedInSince is not null;
}

/// <summary>Network > Email Server > Basic.</summary>
internal static class BasicPage
{
    private const string Address = "/email-server";

    public static void MapBasic(this WebApplication app)
    {
        app.MapGet(Address, IResult (HttpContext context) =>
        {
            var account = AccountOf(context, context.Request.Query["account"].ToString());
            return Show(context, account, account is null ? BasicForm.New : BasicForm.Of(account), null);
        });
        app.MapPost(Address, async Task<IResult> (HttpContext context) => await PressAsync(context));
    }

    private static async Task<IResult> PressAsync(HttpContext context)
    {
        var posted = await context.Request.ReadFormAsync();
        var (desk, account) = (context.Part<EmailServerDesk>(), AccountOf(context, posted["account"].ToString()));
        var form = BasicForm.Read(posted, account is null ? BasicForm.New : BasicForm.Of(account));
        var outcome = posted["do"].ToString() switch
        {
            "sign-in" => await desk.StartSignInAsync(account, form, context.RequestAborted),
            "use" when account is not null => await desk.UseSignedInAsync(account),
            "discard" when account is not null => await DiscardAsync(desk, account),
            "sign-out" when account is not null => await SignOutAsync(desk, account),
            _ => await desk.SaveAsync(account, form, posted["password"].ToString()),
        };
        switch (outcome)
        {
            case DeskOutcome.Done done: return Redirects.See($"{Address}?account={done.AccountId}");
            case DeskOutcome.SignIn signIn: return Redirects.See($"{SignInPage.Address}?account={signIn.AccountId}");
            case DeskOutcome.Refused refused:
                var page = Show(context, account, form, refused.Fault);
                page.StatusCode = StatusCodes.Status422UnprocessableEntity;
                return page;
            default: throw new InvalidOperationException($"{outcome} is no outcome.");
        }
    }

    private static async Task<DeskOutcome> DiscardAsync(EmailServerDesk desk, Account account)
    {
        await desk.DiscardAsync(account);
        return new DeskOutcome.Done(account.Id);
    }

    private static async Task<DeskOutcome> SignOutAsync(EmailServerDesk desk, Account account)
    {
        await desk.SignOutAsync(account);
        return new DeskOutcome.Done(account.Id);
    }

    /// <summary>The account that was asked for; without a wish the default one; null is a new account.</summary>
    private static Account? AccountOf(HttpContext context, string asked)
    {
        var accounts = context.Part<EmailServerDesk>().Accounts;
        if (asked == "new") return null;
        return long.TryParse(asked, out var id) && accounts.Find(id) is { } account ? account : accounts.Default ?? (accounts.All is [var first, ..] ? first : null);
    }

    private static RazorSlices.RazorSlice<BasicModel> Show(HttpContext context, Account? account, BasicForm form, FieldFault? fault)
    {
        var desk = context.Part<EmailServerDesk>();
        var staged = account is null ? null : desk.Staged(account);
        return BasicView.Create(new BasicModel(context.Part<PageShells>().For(context, Menu.EmailServerBasic, "Email Server: Basic"), form, account)
        {
            Accounts = desk.Accounts.All,
            Status = account is null ? null : desk.StatusOf(account),
            Staged = staged,
            IsWrongMailbox = staged is { } one && !AccountSignIn.IsRightMailbox(account!, one.As),
            HasPassword = account is not null && desk.HasPassword(account),
            Fault = fault,
            OAuthObstacle = context.Part<Network.WayOut>().OAuthObstacle,
        });
    }
}
