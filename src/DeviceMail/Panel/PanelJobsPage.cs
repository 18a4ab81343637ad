using System.Globalization;
using DeviceMail.Activity;
using DeviceMail.EmailServer;
using DeviceMail.Queue;
using DeviceMail.Web;

namespace DeviceMail.Panel;

/// <param name="Shell">What stands around.</param>
/// <param name="Jobs">One page of jobs, newest first.</param>
public sealed record PanelJobsModel(PanelShell Shell, IReadOnlyList<JobView> Jobs)
{
    /// <summary>Where older jobs are; null: these are the oldest.</summary>
    public string? Older { get; init; }

    /// <summary>Whether newer jobs than these are known.</summary>
    public bool HasNewer { get; init; }
}

/// <param name="Shell">What stands around.</param>
/// <param name="Job">The job, its problem explained.</param>
/// <param name="Alert">What a person does about its problem; null: it has none.</param>
public sealed record PanelJobModel(PanelShell Shell, JobView Job, PanelAlert? Alert);

/// <summary>
/// Job/Status > Job Status. Everybody sees when a job came, from which device, and what stands in its way; subjects and addresses are other
/// people's, so only the administrator sees them here.
/// </summary>
internal static class PanelJobsPage
{
    private const int RowsOnAPage = 4;

    public static void MapPanelJobs(this IEndpointRouteBuilder panel)
    {
        panel.MapGet(PanelMenu.JobStatus.Address, IResult (HttpContext context) => List(context));
        panel.MapGet(PanelMenu.JobStatus.Address + "/{id:long}", IResult (HttpContext context, long id) => One(context, id));
    }

    /// <summary>What everybody may read as the job's name.</summary>
    public static string NameOf(JobView job, PanelShell shell) => !shell.IsAdministrator ? $"Mail from {job.Origin}" : job.Subject.Length > 0 ? job.Subject : "No subject";

    public static string RecipientsOf(JobView job, PanelShell shell) =>
        shell.IsAdministrator ? string.Join(", ", job.To.Take(3).Select(one => one.Address)) + (job.To.Count > 3 ? $" and {job.To.Count - 3} more" : "")
        : job.To.Count == 1 ? "1 recipient" : $"{job.To.Count} recipients";

    public static string MarkOf(JobView job) => job.State switch
    {
        nameof(JobState.Sent) => "ok",
        nameof(JobState.Failed) => "bad",
        nameof(JobState.Held) => "held",
        nameof(JobState.Sending) => "work",
        nameof(JobState.Cancelled) => "off",
        _ => "wait",
    };

    private static IResult List(HttpContext context)
    {
        long? before = long.TryParse(context.Request.Query["before"], out var number) ? number : null;
        var jobs = context.Part<MailQueue>().List(new JobFilter(Before: before, Count: RowsOnAPage + 1));
        IReadOnlyList<JobView> shown = [.. jobs.Take(RowsOnAPage).Select(context.Part<JobViews>().Of)];
        var model = new PanelJobsModel(PanelShells.Of(context, PanelMenu.JobStatus), shown)
        {
            Older = jobs.Count > RowsOnAPage ? string.Create(CultureInfo.InvariantCulture, $"{PanelMenu.JobStatus.Address}?before={shown[^1].Id}") : null,
            HasNewer = before is not null,
        };
        return PanelShells.Live(context, model.Shell, shown.Select(FactsOf), shell => PanelJobsView.Create(model with { Shell = shell }));
    }

    private static IResult One(HttpContext context, long id)
    {
        if (context.Part<MailQueue>().Find(id) is not { } job) return Redirects.See(PanelMenu.JobStatus.Address);
        var view = context.Part<JobViews>().Of(job);
        var alert = Problems.Find(job.Problem, job.ServerWords) is { Scope: ProblemScope.Account } problem ? PanelAlert.Of(ProblemLine.Of(problem, "", "")) : null;
        var shell = PanelShells.Of(context, $"Job {id}") with { Back = (PanelMenu.JobStatus.Name, PanelMenu.JobStatus.Address) };
        return PanelShells.Live(context, shell, [FactsOf(view)], live => PanelJobView.Create(new PanelJobModel(live, view, alert)));
    }

    private static string FactsOf(JobView job) => string.Create(CultureInfo.InvariantCulture, $"{job.Id} {job.State} {job.Problem} {job.Attempts} {job.NextTryAt}");
}
