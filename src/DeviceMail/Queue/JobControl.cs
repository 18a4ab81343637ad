using System.Text.Json.Serialization;
using DeviceMail.Control;
using DeviceMail.Devices;

namespace DeviceMail.Queue;

internal static class JobControl
{
    private const string Who = "an administrator at the command line";

    public static void Map(RouteGroupBuilder control)
    {
        control.MapGet("/jobs", IResult (HttpContext context, string? state, int? count, string? search) => List(context, state, count, search));
        control.MapGet("/jobs/{id:long}", IResult (HttpContext context, long id) => Queue(context).Find(id) is { } job
            ? Results.Json(context.RequestServices.GetRequiredService<JobViews>().Whole(job), JobJson.Default.JobView)
            : ControlAnswers.Refused(JobDesk.Unknown(id)));
        control.MapPost("/jobs/{id:long}/try-now", async Task<IResult> (HttpContext context, long id) => Answer(await Desk(context).TryNowAsync(id, Who)));
        control.MapPost("/jobs/{id:long}/cancel", async Task<IResult> (HttpContext context, long id) => Answer(await Desk(context).CancelAsync(id, Who)));
        control.MapPost("/jobs/{id:long}/send-by", async Task<IResult> (HttpContext context, long id, string account) =>
            Answer(await Desk(context).SendByAsync(id, account, Who)));
        control.MapPost("/jobs/release", async Task<IResult> (HttpContext context, long? old) => Answer(await Desk(context).ReleaseAsync(old ?? 0, Who)));
    }

    private static MailQueue Queue(HttpContext context) => context.RequestServices.GetRequiredService<MailQueue>();

    private static JobDesk Desk(HttpContext context) => context.RequestServices.GetRequiredService<JobDesk>();

    private static IResult Answer(JobDeskOutcome outcome) => outcome switch
    {
        JobDeskOutcome.Done done => ControlAnswers.Done(done.Sentence),
        JobDeskOutcome.NotSeen notSeen => ControlAnswers.Refused($"{notSeen.Sentence} Look at them with `devicemail jobs --state held`, cancel what nobody needs, and release the rest with `devicemail jobs release --old {notSeen.Held.OldCount}`."),
        JobDeskOutcome.Refused refused => ControlAnswers.Refused(refused.Sentence),
        _ => throw new InvalidOperationException($"{outcome} is no outcome."),
    };

    private static IResult List(HttpContext context, string? state, int? count, string? search)
    {
        JobState? only = null;
        if (state is not null)
        {
            if (!Enum.TryParse<JobState>(state, ignoreCase: true, out var parsed) || int.TryParse(state, out _))
                return ControlAnswers.Refused($"“{state}” is no state of a job: it is waiting, sending, held, sent, failed or cancelled.");
            only = parsed;
        }
        var filter = new JobFilter(only, Count: count ?? 50) { Search = JobSearch.Of(search, context.RequestServices.GetRequiredService<DeviceRegister>()) };
        return Results.Json([.. Queue(context).List(filter).Select(context.RequestServices.GetRequiredService<JobViews>().Of)], JobJson.Default.JobViewArray);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(JobView[]))]
internal sealed partial class JobJson : JsonSerializerContext;
