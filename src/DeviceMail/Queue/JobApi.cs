using System.Globalization;
using System.Text.Json.Serialization;
using DeviceMail.Devices;
using DeviceMail.Web;

namespace DeviceMail.Queue;

/// <summary>One page of jobs, newest first.</summary>
/// <param name="Jobs">Without their history.</param>
/// <param name="Next">The next page's <c>before</c>; null: this is the last.</param>
public sealed record JobPage(IReadOnlyList<JobView> Jobs, long? Next);

/// <summary>/api/v1/jobs: Job Status for programs.</summary>
internal static class JobApi
{
    private const int UsualCount = 50, MostCount = 200;

    public static void Map(WebApplication app)
    {
        var read = app.ApiGroup(ApiScope.Read);
        read.Get("/jobs", new ApiRoute("Lists jobs, newest first")
        {
            Parameters =
            [
                new("state", "Only jobs in this state: waiting, sending, held, sent, failed or cancelled"),
                new("search", "Only jobs with this in subject, sender, recipient or device, with this number or code"),
                new("before", "Only jobs with a smaller number: the former page's next", "integer"),
                new("count", $"At most so many, 1 to {MostCount}; {UsualCount} without it", "integer"),
            ],
            Answer = JobApiJson.Default.JobPage,
        }, List);
        ApiParameter job = new("id", "The job's number", "integer");
        read.Get("/jobs/{id:long}", new ApiRoute("All about one job") { Parameters = [job], Answer = JobApiJson.Default.JobView }, Show);
        var admin = app.ApiGroup(ApiScope.Admin);
        admin.Post("/jobs/{id:long}/cancel", new ApiRoute("Forgets a waiting or held job; nobody gets it") { Parameters = [job], Answer = JobApiJson.Default.JobView },
            context => PressAsync(context, (desk, id, who) => desk.CancelAsync(id, who)));
        admin.Post("/jobs/{id:long}/retry", new ApiRoute("Sends a waiting or held job at once") { Parameters = [job], Answer = JobApiJson.Default.JobView },
            context => PressAsync(context, (desk, id, who) => desk.TryNowAsync(id, who)));
    }

    private static IResult List(HttpContext context)
    {
        var query = context.Request.Query;
        JobState? state = null;
        if (query["state"].ToString() is { Length: > 0 } named)
        {
            if (!Enum.TryParse<JobState>(named, ignoreCase: true, out var only) || int.TryParse(named, out _))
                return Wrong("state", $"“{named}” is no state of a job: it is waiting, sending, held, sent, failed or cancelled.");
            state = only;
        }
        long? before = null;
        if (query["before"].ToString() is { Length: > 0 } behind)
        {
            if (!long.TryParse(behind, NumberStyles.None, CultureInfo.InvariantCulture, out var number)) return Wrong("before", "“before” must be the number of a job.");
            before = number;
        }
        var count = UsualCount;
        if (query["count"].ToString() is { Length: > 0 } asked && (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out count) || count is < 1 or > MostCount))
            return Wrong("count", $"“count” must be a whole number from 1 to {MostCount}.");
        var filter = new JobFilter(state, Before: before, Count: count + 1) { Search = JobSearch.Of(query["search"], context.Part<DeviceRegister>()) };
        var jobs = context.Part<MailQueue>().List(filter);
        List<Job> shown = [.. jobs.Take(count)];
        return Results.Json(new JobPage([.. shown.Select(context.Part<JobViews>().Of)], jobs.Count > count ? shown[^1].Id : null), JobApiJson.Default.JobPage);
    }

    private static IResult Show(HttpContext context)
    {
        var id = context.PathNumber("id");
        return context.Part<MailQueue>().Find(id) is { } job ? Results.Json(context.Part<JobViews>().Whole(job), JobApiJson.Default.JobView) : ApiAnswers.NotFound(Unknown(id));
    }

    private static async Task<IResult> PressAsync(HttpContext context, Func<JobDesk, long, string, Task<JobDeskOutcome>> press)
    {
        var id = context.PathNumber("id");
        if (context.Part<MailQueue>().Find(id) is null) return ApiAnswers.NotFound(Unknown(id));
        return await press(context.Part<JobDesk>(), id, WebPerson.Of(context)) switch
        {
            JobDeskOutcome.Done => Show(context),
            JobDeskOutcome.Refused refused => ApiAnswers.Refused(StatusCodes.Status409Conflict, "Not possible now", refused.Sentence),
            var other => throw new InvalidOperationException($"{other} is no outcome."),
        };
    }

    private static string Unknown(long id) => $"There is no job {id}. {ApiGroup.Prefix}/jobs lists them.";

    private static IResult Wrong(string parameter, string sentence) => ApiAnswers.WrongField(StatusCodes.Status400BadRequest, parameter, sentence);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(JobPage))]
internal sealed partial class JobApiJson : JsonSerializerContext;
