using DeviceMail.Accounts;
using DeviceMail.Devices;
using DeviceMail.Web;

namespace DeviceMail.Queue;

/// <param name="Shell">What stands around.</param>
/// <param name="Jobs">One page of jobs, newest first.</param>
public sealed record JobsModel(PageShell Shell, IReadOnlyList<JobView> Jobs)
{
    /// <summary>Only jobs in this state; null: all.</summary>
    public JobState? State { get; init; }

    /// <summary>What is looked for; empty: nothing.</summary>
    public string Search { get; init; } = "";

    /// <summary>The page begins behind this number; null: with the newest job.</summary>
    public long? Before { get; init; }

    public required IReadOnlyDictionary<JobState, long> Counts { get; init; }

    /// <summary>The job whose row is open, with all that is known of it; null: none.</summary>
    public JobView? Open { get; init; }

    /// <summary>Accounts that could send the open job in the place of its own.</summary>
    public IReadOnlyList<string> OtherAccounts { get; init; } = [];

    public bool MayDownload { get; init; }

    public required bool HasOlder { get; init; }

    /// <summary>How many jobs are held and how old they are; null where that is not asked for.</summary>
    public (string Sentence, HeldFigures Figures)? Held { get; init; }

    /// <summary>Why the last press did nothing, or null.</summary>
    public string? Fault { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>This page's address with one part changed; a part that is null is left out.</summary>
    public string Address(JobState? state, long? before, long? open)
    {
        string?[] parts = [state is null ? null : $"state={$"{state}".ToLowerInvariant()}", Search.Length == 0 ? null : $"q={Uri.EscapeDataString(Search)}",
            before is null ? null : $"before={before}", open is null ? null : $"open={open}"];
        var query = string.Join('&', parts.Where(part => part is not null));
        return $"/jobs{(query.Length > 0 ? "?" : "")}{query}{(open is null ? "" : $"#job-{open}")}";
    }
}

/// <summary>The open row of one job.</summary>
public sealed record JobRowModel(JobsModel Page, JobView Job);

/// <summary>Job/Status > Job Status.</summary>
internal static class JobsPage
{
    private const int RowsOnAPage = 40;

    public static void MapJobs(this WebApplication app)
    {
        app.MapGet("/jobs", IResult (HttpContext context) => Show(context, null));
        app.MapPost("/jobs", async Task<IResult> (HttpContext context) => await PressAsync(context));
    }

    private static async Task<IResult> PressAsync(HttpContext context)
    {
        var posted = await context.Request.ReadFormAsync();
        var (desk, who) = (context.Part<JobDesk>(), WebPerson.Of(context));
        _ = long.TryParse(posted["job"], out var id);
        _ = long.TryParse(posted["old"], out var oldSeen);
        var outcome = posted["do"].ToString() switch
        {
            "try-now" => await desk.TryNowAsync(id, who),
            "cancel" => await desk.CancelAsync(id, who),
            "send-by" => await desk.SendByAsync(id, posted["account"].ToString(), who),
            "download" => await desk.DownloadAsync(id, who),
            "release" => await desk.ReleaseAsync(oldSeen, who),
            _ => new JobDeskOutcome.Refused("This button is not known here. Load the page again."),
        };
        switch (outcome)
        {
            case JobDeskOutcome.Done: return Redirects.See(id == 0 ? "/jobs?state=held" : $"/jobs?open={id}#job-{id}");
            case JobDeskOutcome.Mail mail: return Results.Stream(mail.Octets, "message/rfc822", mail.FileName);
            case JobDeskOutcome.NotSeen notSeen: return Refuse(context, notSeen.Sentence);
            case JobDeskOutcome.Refused refused: return Refuse(context, refused.Sentence);
            default: throw new InvalidOperationException($"{outcome} is no outcome.");
        }
    }

    private static RazorSlices.RazorSlice<JobsModel> Refuse(HttpContext context, string sentence)
    {
        var page = Show(context, sentence);
        page.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return page;
    }

    private static RazorSlices.RazorSlice<JobsModel> Show(HttpContext context, string? fault)
    {
        var query = context.Request.Query;
        JobState? state = Enum.TryParse<JobState>(query["state"], ignoreCase: true, out var only) && !int.TryParse(query["state"], out _) ? only : null;
        long? before = long.TryParse(query["before"], out var number) ? number : null;
        var (queue, views, desk) = (context.Part<MailQueue>(), context.Part<JobViews>(), context.Part<JobDesk>());
        var search = JobSearch.Of(query["q"], context.Part<DeviceRegister>());
        var jobs = queue.List(new JobFilter(state, Before: before, Count: RowsOnAPage + 1) { Search = search });
        var open = long.TryParse(query["open"], out var opened) ? queue.Find(opened) : null;
        var held = state == JobState.Held ? queue.Figures.Held() : null;
        // A job that is asked for is shown, on whichever page it stands.
        var shown = jobs.Take(RowsOnAPage).ToList();
        if (open is not null && shown.All(job => job.Id != open.Id)) shown.Insert(0, open);
        return JobsView.Create(new JobsModel(context.Part<PageShells>().For(context, Menu.JobStatus, "Job Status"), [.. shown.Select(views.Of)])
        {
            State = state,
            Search = search?.Text ?? "",
            Before = before,
            Counts = queue.Counts(),
            Open = open is null ? null : views.Whole(open),
            OtherAccounts = [.. context.Part<AccountRegister>().All.Where(account => account.Id != open?.AccountId).Select(account => account.Address.ToString())],
            MayDownload = desk.MayDownload,
            HasOlder = jobs.Count > RowsOnAPage,
            Held = held is { Count: > 0 } ? (desk.AgeOf(held), held) : null,
            Fault = fault,
            Now = context.Part<TimeProvider>().GetUtcNow(),
        });
    }
}
