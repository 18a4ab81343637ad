using DeviceMail.Accounts;
using DeviceMail.Messages;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Web;

namespace DeviceMail.EmailServer;

/// <param name="Shell">What stands around.</param>
/// <param name="Accounts">What can be tested.</param>
/// <param name="Chosen">The account that is tested; null: there is none yet.</param>
/// <param name="Run">The test that is shown; null: none was started.</param>
public sealed record ConnectionTestModel(PageShell Shell, IReadOnlyList<Account> Accounts, Account? Chosen, ConnectionTestRun? Run)
{
    /// <summary>Why no test was started, or null.</summary>
    public string? Fault { get; init; }

    /// <summary>Where a test mail would go.</summary>
    public string MailTo { get; init; } = "";
}

/// <summary>Network > Email Server > Connection Test.</summary>
internal static class ConnectionTestPage
{
    public const string Address = "/email-server/connection-test";

    /// <summary>Most tests are over by then, and the page is complete when it comes.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(1);

    public static void MapConnectionTest(this WebApplication app)
    {
        app.MapGet(Address, IResult (HttpContext context) =>
        {
            var run = RunOf(context, context.Request.Query["run"].ToString());
            return Show(context, run?.Subject.Account ?? AccountOf(context, context.Request.Query["account"].ToString()), run, null);
        });
        app.MapGet(Address + "/state", IResult (HttpContext context) => Results.Text(RunOf(context, context.Request.Query["run"].ToString())?.State ?? "gone"));
        app.MapPost(Address, async Task<IResult> (HttpContext context) => await PressAsync(context, await context.Request.ReadFormAsync()));
    }

    private static Task<IResult> PressAsync(HttpContext context, IFormCollection posted)
    {
        var run = RunOf(context, posted["run"].ToString());
        return (posted["do"].ToString(), run) switch
        {
            ("test", _) => StartFormAsync(context, posted),
            ("fix", { } tested) => FixAsync(context, tested, posted["fix"].ToString()),
            ("save", { } tested) => SaveAsync(context, tested),
            _ => StartAgainAsync(context, posted, run),
        };
    }

    /// <summary>The button on the page Basic: its fields are tested as they stand.</summary>
    private static async Task<IResult> StartFormAsync(HttpContext context, IFormCollection posted)
    {
        var saved = posted["account"] == "new" ? null : AccountOf(context, posted["account"].ToString());
        var form = BasicForm.Read(posted, saved is null ? BasicForm.New : BasicForm.Of(saved));
        var (account, faults) = form.ToAccount(saved);
        if (account is null) return Show(context, saved, null, faults[0].Sentence);
        if (AccountRules.Fault(account) is { } sentence) return Show(context, saved, null, FieldFault.Of(sentence).Sentence);
        var typed = posted["password"].ToString();
        return await StartAsync(context, new ConnectionTestSubject(account, saved) { TypedPassword = form.UsesPassword && typed.Length > 0 ? new Secret(typed) : null });
    }

    /// <summary>The button of this page: what was tested before, or the account as it is saved.</summary>
    private static async Task<IResult> StartAgainAsync(HttpContext context, IFormCollection posted, ConnectionTestRun? run)
    {
        var saved = AccountOf(context, posted["account"].ToString());
        if ((run?.Subject.Account ?? saved) is not { } account) return Redirects.See(Address);
        if (posted["send"] != "on") return await StartAsync(context, new ConnectionTestSubject(account, saved));
        return MailAddress.TryParse(posted["to"].ToString().Trim(), out var to)
            ? await StartAsync(context, new ConnectionTestSubject(account, saved) { MailTo = to })
            : Show(context, account, run, "The address for the test mail needs the form name@domain.");
    }

    private static Task<IResult> FixAsync(HttpContext context, ConnectionTestRun run, string number)
    {
        ConnectionTestFix[] fixes = [.. run.Steps.SelectMany(step => step.Fault?.Fixes ?? [])];
        return int.TryParse(number, out var index) && index >= 0 && index < fixes.Length
            ? StartAsync(context, run.Subject with { Account = fixes[index].Apply(run.Subject.Account) })
            : Task.FromResult(Redirects.See($"{Address}?run={run.Id}"));
    }

    /// <summary>The settings that were tested become the account's.</summary>
    private static async Task<IResult> SaveAsync(HttpContext context, ConnectionTestRun run)
    {
        var accounts = context.Part<AccountRegister>();
        var account = accounts.All.Count == 0 ? run.Subject.Account with { IsDefault = true } : run.Subject.Account;
        return await accounts.SaveAsync(account) switch
        {
            AccountSave.Saved saved => Redirects.See($"/email-server?account={saved.Account.Id}"),
            AccountSave.Refused refused => Show(context, run.Subject.Account, run, refused.Sentence),
            var other => throw new InvalidOperationException($"{other} is no outcome."),
        };
    }

    private static async Task<IResult> StartAsync(HttpContext context, ConnectionTestSubject subject)
    {
        var (run, done) = context.Part<ConnectionTests>().Start(subject);
        await Task.WhenAny(done, Task.Delay(_patience, context.Part<TimeProvider>(), context.RequestAborted));
        return Redirects.See($"{Address}?run={run.Id}");
    }

    private static ConnectionTestRun? RunOf(HttpContext context, string id) => context.Part<ConnectionTests>().Find(id);

    private static Account? AccountOf(HttpContext context, string asked)
    {
        var accounts = context.Part<AccountRegister>();
        return long.TryParse(asked, out var id) && accounts.Find(id) is { } account ? account : accounts.Default ?? (accounts.All is [var first, ..] ? first : null);
    }

    private static RazorSlices.RazorSlice<ConnectionTestModel> Show(HttpContext context, Account? chosen, ConnectionTestRun? run, string? fault)
    {
        var shell = context.Part<PageShells>().For(context, Menu.ConnectionTest, "Email Server: Connection Test");
        var to = context.Part<SettingsStore>().Current.Get(SettingsCatalogue.AdministratorAddress)?.ToString() ?? "";
        var page = ConnectionTestView.Create(new ConnectionTestModel(shell with { ReloadAfter = run is { IsFinished: false } ? 1 : 0 }, context.Part<AccountRegister>().All, chosen, run)
        {
            Fault = fault,
            MailTo = run?.Subject.MailTo?.ToString() ?? to,
        });
        if (fault is not null) page.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return page;
    }
}
