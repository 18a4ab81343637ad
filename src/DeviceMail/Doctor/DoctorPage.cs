using DeviceMail.Accounts;
using DeviceMail.Web;

namespace DeviceMail.Doctor;

/// <param name="Shell">What stands around.</param>
/// <param name="Accounts">What can be examined.</param>
/// <param name="Run">The examination that is shown; null: none was started.</param>
public sealed record DoctorModel(PageShell Shell, IReadOnlyList<Account> Accounts, DoctorRun? Run);

/// <summary>Device Management > Doctor.</summary>
internal static class DoctorPage
{
    public const string Address = "/doctor";

    /// <summary>Most examinations are far on by then, and the page is half filled when it comes.</summary>
    private const int ReloadSeconds = 3;

    public static void MapDoctorPage(this WebApplication app)
    {
        app.MapGet(Address, IResult (HttpContext context) =>
        {
            var run = context.Part<DoctorVisits>().Latest;
            var shell = context.Part<PageShells>().For(context, Menu.Doctor, "Doctor");
            return DoctorView.Create(new DoctorModel(run is { IsFinished: false } ? shell with { ReloadAfter = ReloadSeconds } : shell, context.Part<AccountRegister>().All, run));
        });
        app.MapGet(Address + "/state", IResult (HttpContext context) => Results.Text(StateOf(context.Part<DoctorVisits>().Latest)));
        app.MapPost(Address, async Task<IResult> (HttpContext context) =>
        {
            var (visits, posted) = (context.Part<DoctorVisits>(), await context.Request.ReadFormAsync());
            if (posted["do"] == "cancel") visits.Latest?.Cancel();
            else visits.Start(visits.Find(posted["account"].ToString()));
            return Redirects.See(Address);
        });
    }

    /// <summary>What the page shows at this moment: another state is a reason to load it again.</summary>
    public static string StateOf(DoctorRun? run) => run is null ? "none" : $"{run.Id} {run.State}";
}
