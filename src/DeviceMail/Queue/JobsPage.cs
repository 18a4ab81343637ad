using DeviceMail.Web;

namespace DeviceMail.Queue;

/// <param name="Shell">What stands around.</param>
/// <param name="Jobs">One page of jobs, newest first.</param>
public sealed record JobsModel(PageShell Shell, IReadOnlyList<JobView> Jobs)
{
    /// <summary>Only jobs in this state; null: all.</summary>
    public JobState? State { get; init; }

    public required IReadOnlyDictionary<JobState, long> Counts { get; init; }

    /// <summary>The job whose row is open; null: none.</summary>
    public long? Open { get; init; }

    public required bool HasOlder { get; init; }

    public required DateTimeOffset Now { get; init; }

    public string Query(string more) => State is { } state ? $"/jobs?state={state.ToString().ToLowerInvariant()}&{more}" : $"/jobs?{more}";
}

/// <summary>Job/Status > Job Status.</summary>
internal static class JobsPage
{
    private const int RowsOnAPage = 50;

    public static void MapJobs(this WebApplication app)
    {
        app.MapGet("/jobs", IResult (HttpContext context) => Show(context));
        app.MapPost("/jobs", async Task<IResult> (HttpContext context) =>
        {
            var posted = await context.Request.ReadFormAsync();
            var queue = context.Part<MailQueue>();
            if (!long.TryParse(posted["job"], out var id)) return Redirects.See("/jobs");
            if (posted["do"] == "try-now") await queue.TryNowAsync(id);
            else if (posted["do"] == "cancel") await queue.CancelAsync(id);
            return Redirects.See($"/jobs?open={id}#job-{id}");
        });
    }

    private static RazorSlices.RazorSlice<JobsModel> Show(HttpContext context)
    {
        var query = context.Request.Query;
        JobState? state = Enum.TryParse<JobState>(query["state"], ignoreCase: true, out var only) && !int.TryParse(query["state"], out _) ? only : null;
        long? before = long.TryParse(query["before"], out var number) ? number : null;
        long? open = long.TryParse(query["open"], out var opened) ? opened : null;
        var jobs = context.Part<MailQueue>().List(new JobFilter(state, Before: before, Count: RowsOnAPage + 1));
        var views = context.Part<JobViews>();
        return JobsView.Create(new JobsModel(context.Part<PageShells>().For(context, Menu.JobStatus, "Job Status"), [.. jobs.Take(RowsOnAPage).Select(views.Of)])
        {
            State = state,
            Counts = context.Part<MailQueue>().Counts(),
            Open = open,
            HasOlder = jobs.Count > RowsOnAPage,
            Now = context.Part<TimeProvider>().GetUtcNow(),
        });
    }
}
