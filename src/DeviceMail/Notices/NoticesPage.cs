using DeviceMail.Accounts;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Settings;
using DeviceMail.Web;

namespace DeviceMail.Notices;

/// <param name="Shell">What stands around.</param>
/// <param name="Report">Who is told what.</param>
/// <param name="Now">The gateway's time.</param>
public sealed record NoticesModel(PageShell Shell, NoticeReport Report, DateTimeOffset Now)
{
    /// <summary>What the field for the administrator's address holds.</summary>
    public string Reader { get; init; } = "";

    /// <summary>What the choice of the second route holds; empty: none.</summary>
    public string Second { get; init; } = "";

    /// <summary>The accounts that can be the second route.</summary>
    public IReadOnlyList<Account> Others { get; init; } = [];

    public bool IsSaved { get; init; }

    /// <summary>Why the last press did nothing, with the field it is about; null: it did.</summary>
    public (string Field, string Sentence)? Fault { get; init; }

    /// <summary>The test mail that was sent last from this page, as it is now.</summary>
    public TestLine? Test { get; init; }
}

/// <summary>How a test mail stands.</summary>
/// <param name="Job">Its number.</param>
/// <param name="By">The account by which it goes.</param>
/// <param name="Route">first or second.</param>
public sealed record TestLine(long Job, string By, string Route)
{
    /// <summary>ok, bad, held or wait.</summary>
    public required string Mark { get; init; }

    public required string State { get; init; }
}

/// <summary>Device Management > Notices.</summary>
internal static class NoticesPage
{
    private const string Address = "/notices";

    public static void MapNoticesPage(this WebApplication app)
    {
        app.MapGet(Address, IResult (HttpContext context) => Show(context, null, null));
        app.MapPost(Address, async Task<IResult> (HttpContext context) =>
        {
            var posted = await context.Request.ReadFormAsync();
            return posted["do"].ToString() switch
            {
                "test" => await TestAsync(context, null),
                "test-second" => await TestAsync(context, context.Part<NoticeOffice>().SecondRoute),
                _ => await SaveAsync(context, posted),
            };
        });
    }

    private static async Task<IResult> SaveAsync(HttpContext context, IFormCollection posted)
    {
        var (reader, second) = (posted["reader"].ToString().Trim(), posted["second"].ToString());
        if (!MailAddress.TryParse(reader, out _))
            return Show(context, posted, ("reader", "Administrator's Email Address needs the form name@domain: without it nobody is told."));
        if (second.Length > 0 && (!MailAddress.TryParse(second, out var address) || context.Part<AccountRegister>().Find(address) is not { } account || account.Id == context.Part<NoticeRoutes>().First?.Id))
            return Show(context, posted, ("second", "The second route must be another account than the first. Choose one from the list, or add an account under Network › Email Server › Basic."));
        var save = await context.Part<SettingsStore>().SaveAsync(new Dictionary<string, string>
        {
            [SettingsCatalogue.AdministratorAddress.Name] = reader,
            [SettingsCatalogue.NoticesSecondRoute.Name] = second,
        });
        return save is SettingsSave.Refused refused ? Show(context, posted, ("reader", refused.Sentence)) : Redirects.See($"{Address}?saved");
    }

    private static async Task<IResult> TestAsync(HttpContext context, NoticeRoute? wanted) => await context.Part<NoticeOffice>().TestAsync(wanted) switch
    {
        TestMail.HandedIn handedIn => Redirects.See($"{Address}?test={handedIn.JobId}#test"),
        TestMail.Refused refused => Show(context, null, ("test", refused.Sentence)),
        _ => throw new InvalidOperationException("A test mail is handed in or refused."),
    };

    private static RazorSlices.RazorSlice<NoticesModel> Show(HttpContext context, IFormCollection? posted, (string Field, string Sentence)? fault)
    {
        var (routes, settings) = (context.Part<NoticeRoutes>(), context.Part<SettingsStore>().Current);
        var test = TestOf(context, routes);
        var shell = context.Part<PageShells>().For(context, Menu.Notices, "Notices") with { ReloadAfter = test is { Mark: "wait" } ? 3 : 0 };
        var page = NoticesView.Create(new NoticesModel(shell, context.Part<NoticeOffice>().Report(), context.Part<TimeProvider>().GetUtcNow())
        {
            Reader = posted?["reader"].ToString() ?? settings.Text(SettingsCatalogue.AdministratorAddress),
            Second = posted?["second"].ToString() ?? settings.Text(SettingsCatalogue.NoticesSecondRoute),
            Others = [.. context.Part<AccountRegister>().All.Where(account => account.Id != routes.First?.Id)],
            IsSaved = context.Request.Query.ContainsKey("saved"),
            Fault = fault,
            Test = test,
        });
        if (fault is not null) page.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return page;
    }

    private static TestLine? TestOf(HttpContext context, NoticeRoutes routes)
    {
        if (!long.TryParse(context.Request.Query["test"], out var id) || context.Part<MailQueue>().Find(id) is not { Origin.Protocol: "local" } job) return null;
        var by = context.Part<AccountRegister>().Find(job.AccountId)?.Address.ToString() ?? "an account that is gone";
        var (mark, state) = job.State switch
        {
            JobState.Sent => ("ok", "sent"),
            JobState.Failed => ("bad", "not delivered"),
            JobState.Held => ("held", "held"),
            JobState.Cancelled => ("off", "cancelled"),
            _ => ("wait", "on its way"),
        };
        return new TestLine(id, by, job.AccountId == routes.Second?.Id ? "second" : "first") { Mark = mark, State = state };
    }
}
