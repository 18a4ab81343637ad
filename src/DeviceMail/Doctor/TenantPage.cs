using DeviceMail.Accounts;
using DeviceMail.EmailServer;
using DeviceMail.Web;

namespace DeviceMail.Doctor;

/// <param name="Shell">What stands around.</param>
/// <param name="Request">What the fields hold, where nothing goes on.</param>
/// <param name="Facts">The set-up that goes on or is over; null: none.</param>
public sealed record TenantModel(PageShell Shell, TenantRequest Request, TenantFacts? Facts)
{
    public IReadOnlyList<FieldFault> Faults { get; init; } = [];

    /// <summary>Until the code runs out.</summary>
    public TimeSpan Left { get; init; }

    /// <summary>The account that sends as the mailbox; null: none yet.</summary>
    public Account? Account { get; init; }

    public string? FaultOf(string field) => Faults.FirstOrDefault(fault => fault.Field == field)?.Sentence;
}

/// <summary>Device Management > Tenant Set-up.</summary>
internal static class TenantPage
{
    private const int ReloadSeconds = 5;

    /// <summary>How the address begins on which the administrator's browser lands.</summary>
    public const string Loopback = "http://localhost";

    public static string Address => Menu.TenantSetUp.Address;

    public static void MapTenantPage(this WebApplication app)
    {
        app.MapGet(Address, IResult (HttpContext context) => Show(context, context.Part<TenantVisits>().Latest, Usual(context), []));
        app.MapGet(Address + "/state", IResult (HttpContext context) => Results.Text(StateOf(context.Part<TenantVisits>().Latest?.Facts)));
        app.MapPost(Address, async Task<IResult> (HttpContext context) => await PressAsync(context))
            .WithMetadata(new AsksPassword("to set the organisation up", form => form["do"] == "start" || form["do"] == "browser" || form["do"] == "yes"));
    }

    /// <summary>What the page shows at this moment: another state is a reason to load it again.</summary>
    public static string StateOf(TenantFacts? facts) => facts?.State ?? "none";

    private static async Task<IResult> PressAsync(HttpContext context)
    {
        var (visits, posted) = (context.Part<TenantVisits>(), await context.Request.ReadFormAsync());
        var visit = visits.Find(posted["visit"].ToString());
        switch (posted["do"].ToString())
        {
            case "start" or "browser":
                var request = (visit?.Facts.Request ?? Read(posted)) with { InBrowser = posted["do"] == "browser", LoopbackPort = null };
                if (request.Faults() is { Count: > 0 } faults) return Show(context, null, request, faults);
                context.Note(TenantDeeds.Began(request));
                await visits.StartAsync(request);
                break;
            case "forget":
                visits.Forget();
                break;
            case "landed" when visit is not null:
                if (!await visit.AnswerAsync(posted["landed"].ToString())) return Show(context, visit, visit.Facts.Request, [new FieldFault("landed", AuthorizationCodes.WrongAddress)]);
                context.Note(TenantDeeds.Answered(visit.Facts));
                break;
            case "yes" when visit is { Facts.Stage: TenantStage.Preview }:
                context.Note(TenantDeeds.Agreed(visit.Facts));
                visit.Yes();
                break;
            case "yes" or "cancel" when visit is not null:
                context.Note(TenantDeeds.Ended(visit.Facts));
                visit.End();
                break;
        }
        return Redirects.See(Address);
    }

    private static TenantRequest Read(IFormCollection posted)
    {
        string Field(string name) => posted[name].ToString().Trim();
        return new TenantRequest(Field("mailbox"))
        {
            Reach = Field("reach") == nameof(ConsentReach.Organisation) ? ConsentReach.Organisation : ConsentReach.Mailbox,
            SignInApplication = Field("application") is { Length: > 0 } application ? application : TenantRequest.UsualSignInApplication,
            Directory = Field("directory") is { Length: > 0 } directory ? directory : TenantRequest.AnyDirectory,
            Redirect = Field("redirect"),
            Cloud = Field("cloud"),
            Authority = Field("authority"),
            Graph = Field("graph"),
        };
    }

    private static TenantRequest Usual(HttpContext context) => new($"{BasicPage.AccountOf(context, context.Request.Query["account"].ToString())?.Address}");

    private static RazorSlices.RazorSlice<TenantModel> Show(HttpContext context, TenantVisit? visit, TenantRequest request, IReadOnlyList<FieldFault> faults)
    {
        var facts = visit?.Facts;
        var shell = context.Part<PageShells>().For(context, Menu.TenantSetUp, "Tenant Set-up");
        // Who pastes an address must not lose it to a page that loads again.
        var reloads = facts is { IsOver: false, Stage: not TenantStage.Preview, SignInAddress: "" };
        var model = new TenantModel(reloads ? shell with { ReloadAfter = ReloadSeconds } : shell, facts?.Request ?? request, facts)
        {
            Faults = faults,
            Left = facts?.CodeUntil is { } until ? until - context.Part<TimeProvider>().GetUtcNow() : TimeSpan.Zero,
            Account = context.Part<DoctorVisits>().Find((facts?.Request ?? request).Mailbox),
        };
        var page = TenantView.Create(model);
        page.StatusCode = faults.Count > 0 ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK;
        return page;
    }
}
