using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Storage;
using DeviceMail.Web;
using Microsoft.Extensions.Primitives;

namespace DeviceMail.EmailServer;

/// <param name="Shell">What stands around.</param>
/// <param name="Form">What the fields hold.</param>
/// <param name="Account">The account as it is saved; null for a new one.</param>
public sealed record BasicModel(PageShell Shell, BasicForm Form, Account? Account)
{
    public IReadOnlyList<Account> Accounts { get; init; } = [];

    /// <summary>Null for a new account.</summary>
    public AccountLine? Status { get; init; }

    /// <summary>Null when nothing is staged.</summary>
    public StagedSignIn? Staged { get; init; }

    public bool IsWrongMailbox { get; init; }

    public bool HasPassword { get; init; }

    public bool HasClientSecret { get; init; }

    /// <summary>Whether the mailbox is the address of this gateway's administrator.</summary>
    public bool IsAdministrator { get; init; }

    public IReadOnlyList<FieldFault> Faults { get; init; } = [];

    /// <summary>Interfaces that do not take this account's mail, a sentence each.</summary>
    public IReadOnlyList<string> Refused { get; init; } = [];

    /// <summary>The address of this gateway that can be registered at a provider.</summary>
    public string OwnAddress { get; init; } = "";

    public string KnownRefusals => Providers.Find(Form.Service)?.KnownRefusals ?? "";

    /// <summary>Why OAuth2 cannot be used by the network that is chosen, or null.</summary>
    public string? OAuthObstacle { get; init; }

    public bool IsSignedIn => Status?.SignedInSince is not null;

    public string? FaultOf(string field) => Faults.FirstOrDefault(fault => fault.Field == field)?.Sentence;
}

/// <summary>Network > Email Server > Basic.</summary>
internal static class BasicPage
{
    public const string Address = "/email-server";

    public static void MapBasic(this WebApplication app)
    {
        app.MapGet(Address, IResult (HttpContext context) =>
        {
            var query = context.Request.Query;
            var account = AccountOf(context, query["account"].ToString());
            var form = account is null ? BasicForm.New : BasicForm.Of(account);
            // The page Application Registration hands over ids that it checked.
            if (query.ContainsKey("client")) form = form with { ClientId = query["client"].ToString(), TenantId = query["tenant"].ToString() };
            return Show(context, account, form, []);
        });
        app.MapGet($"{Address}/check", IResult (HttpContext context) => Check(context));
        app.MapPost(Address, async Task<IResult> (HttpContext context) => await PressAsync(context))
            .WithMetadata(new AsksPassword("to set the password of a mailbox", form => form["password"].ToString().Length > 0 || form["client-secret"].ToString().Length > 0));
    }

    public static Account? AccountOf(HttpContext context, string asked)
    {
        var accounts = context.Part<AccountRegister>();
        if (asked == "new") return null;
        return long.TryParse(asked, out var id) && accounts.Find(id) is { } account ? account : accounts.Default ?? (accounts.All is [var first, ..] ? first : null);
    }

    /// <summary>What is wrong with the fields as they stand in the browser, one a line: its name, a tab, a sentence. The password never comes here.</summary>
    private static IResult Check(HttpContext context)
    {
        var typed = new FormCollection(context.Request.Query.ToDictionary(one => one.Key, one => new StringValues(one.Value.ToString())));
        var account = AccountOf(context, typed["account"].ToString());
        var form = BasicForm.Read(typed, account is null ? BasicForm.New : BasicForm.Of(account));
        return Results.Text(string.Join('\n', BasicField.FaultsOf(form).Select(fault => $"{fault.Field}\t{fault.Sentence}")));
    }

    private static async Task<IResult> PressAsync(HttpContext context)
    {
        var posted = await context.Request.ReadFormAsync();
        var (desk, account) = (context.Part<EmailServerDesk>(), AccountOf(context, posted["account"].ToString()));
        var form = BasicForm.Read(posted, account is null ? BasicForm.New : BasicForm.Of(account));
        var (button, password, secret) = (posted["do"].ToString(), form.UsesPassword ? posted["password"].ToString() : "", form.UsesOAuth ? posted["client-secret"].ToString().Trim() : "");
        var typed = new TypedSecrets(password.Length > 0 ? new Secret(password) : null, secret.Length > 0 ? new Secret(secret) : null);
        if (button == "show-fields") return Show(context, account, form, []);
        var staged = account is null ? null : desk.Staged(account);
        var outcome = button switch
        {
            "sign-in" => await desk.BeginSignInAsync(account, form, typed),
            "use" when account is not null => await desk.UseSignedInAsync(account),
            "discard" when account is not null => await DoneAsync(account, desk.DiscardAsync(account)),
            "sign-out" when account is not null => await DoneAsync(account, desk.SignOutAsync(account)),
            _ => await desk.SaveAsync(account, form, typed),
        };
        if (outcome is DeskOutcome.Refused refused)
        {
            context.Note(new Deed("Tried to save an account; it was refused", form.Sender));
            var page = Show(context, account, form, refused.Faults);
            page.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return page;
        }
        var id = outcome is DeskOutcome.SignIn begun ? begun.AccountId : ((DeskOutcome.Done)outcome).AccountId;
        foreach (var deed in AccountDeeds.Of(new AccountPress(button, account, desk.Accounts.Find(id)!) { SignedInAs = staged?.As, SetsPassword = password.Length > 0, SetsClientSecret = secret.Length > 0 })) context.Note(deed);
        return Redirects.See(outcome is DeskOutcome.SignIn ? $"{SignInPage.Address}?account={id}" : $"{Address}?account={id}");
    }

    private static async Task<DeskOutcome> DoneAsync(Account account, Task work)
    {
        await work;
        return new DeskOutcome.Done(account.Id);
    }

    private static RazorSlices.RazorSlice<BasicModel> Show(HttpContext context, Account? account, BasicForm form, IReadOnlyList<FieldFault> faults)
    {
        var desk = context.Part<EmailServerDesk>();
        var staged = account is null ? null : desk.Staged(account);
        return BasicView.Create(new BasicModel(context.Part<PageShells>().For(context, Menu.EmailServerBasic, "Email Server: Basic"), form, account)
        {
            Accounts = desk.Accounts.All,
            Status = account is null ? null : desk.StatusOf(account),
            Staged = staged,
            IsWrongMailbox = staged is not null && !AccountSignIn.IsRightMailbox(account!, staged.As),
            HasPassword = account is not null && desk.HasPassword(account),
            HasClientSecret = account is not null && desk.HasClientSecret(account),
            IsAdministrator = SignInPage.IsAdministrator(context, staged?.As ?? form.Sender),
            Faults = faults,
            Refused = account is null ? [] : TransportWords.Of(account, desk.Accounts.SignInOf(account.Id)),
            OwnAddress = SignInAnswerPage.AddressOf(context),
            OAuthObstacle = context.Part<Network.WayOut>().OAuthObstacle,
        });
    }
}
