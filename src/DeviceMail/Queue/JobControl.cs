using System.Text.Json.Serialization;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Control;
using DeviceMail.Devices;

namespace DeviceMail.Queue;

/// <summary>A job as people see it: names in place of numbers, and its problem explained.</summary>
public sealed record JobView(long Id, string State, DateTimeOffset ReceivedAt, string Subject)
{
    public required string? From { get; init; }

    public required IReadOnlyList<RecipientView> To { get; init; }

    public required string Account { get; init; }

    /// <summary>The device's name, or the address it came from; "the gateway itself" for notices.</summary>
    public required string Origin { get; init; }

    public required long Size { get; init; }

    public required int Attempts { get; init; }

    public DateTimeOffset? NextTryAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public int? Code { get; init; }

    public string? Problem { get; init; }

    public string? Cause { get; init; }

    public string? Remedy { get; init; }

    public string? ServerWords { get; init; }
}

public sealed record RecipientView(string Address, string State, string? ServerWords);

/// <summary>Puts names to the numbers of a job.</summary>
public sealed class JobViews(AccountRegister accounts, DeviceRegister devices)
{
    public JobView Of(Job job)
    {
        var problem = Problems.Find(job.Problem, job.ServerWords);
        return new JobView(job.Id, job.State.ToString(), job.ReceivedAt, job.Traits.Subject)
        {
            From = job.Sender?.ToString(),
            To = [.. job.Recipients.Select(one => new RecipientView(one.Address.ToString(), one.State.ToString(), one.ServerWords))],
            Account = accounts.Find(job.AccountId)?.Address.ToString() ?? "an account that was removed",
            Origin = OriginOf(job),
            Size = job.Traits.Size,
            Attempts = job.Attempts,
            NextTryAt = job.State == JobState.Waiting ? job.NextTryAt : null,
            FinishedAt = job.FinishedAt,
            Code = problem?.Code,
            Problem = problem?.Title,
            Cause = problem?.Cause,
            Remedy = problem?.Remedy,
            ServerWords = job.ServerWords,
        };
    }

    private string OriginOf(Job job)
    {
        if (job.Origin.DeviceId is { } id && devices.All.FirstOrDefault(device => device.Id == id) is { } device) return device.Name;
        return job.Origin.ClientAddress.Length > 0 ? job.Origin.ClientAddress : "the gateway itself";
    }
}

internal static class JobControl
{
    public static void Map(RouteGroupBuilder control)
    {
        control.MapGet("/jobs", IResult (HttpContext context, string? state, int? count) => List(context, state, count));
        control.MapGet("/jobs/{id:long}", IResult (HttpContext context, long id) => Queue(context).Find(id) is { } job
            ? Results.Json(context.RequestServices.GetRequiredService<JobViews>().Of(job), JobJson.Default.JobView)
            : Unknown(id));
        control.MapPost("/jobs/{id:long}/try-now", async Task<IResult> (HttpContext context, long id) =>
            await Queue(context).TryNowAsync(id) ? ControlAnswers.Done($"Job {id} is tried now.") : Finished(context, id));
        control.MapPost("/jobs/{id:long}/cancel", async Task<IResult> (HttpContext context, long id) =>
            await Queue(context).CancelAsync(id) ? ControlAnswers.Done($"Job {id} is cancelled; nobody gets it.") : Finished(context, id));
        control.MapPost("/jobs/release", async Task<IResult> (HttpContext context) => await ReleaseAsync(context));
    }

    private static MailQueue Queue(HttpContext context) => context.RequestServices.GetRequiredService<MailQueue>();

    private static IResult List(HttpContext context, string? state, int? count)
    {
        JobState? only = null;
        if (state is not null)
        {
            if (!Enum.TryParse<JobState>(state, ignoreCase: true, out var parsed) || int.TryParse(state, out _))
                return ControlAnswers.Refused($"“{state}” is no state of a job: it is waiting, held, sent, failed or cancelled.");
            only = parsed;
        }
        var views = context.RequestServices.GetRequiredService<JobViews>();
        return Results.Json([.. Queue(context).List(new JobFilter(only, Count: count ?? 50)).Select(views.Of)], JobJson.Default.JobViewArray);
    }

    private static async Task<IResult> ReleaseAsync(HttpContext context)
    {
        var held = Queue(context).Counts().GetValueOrDefault(JobState.Held);
        foreach (var account in context.RequestServices.GetRequiredService<AccountRegister>().All) await Queue(context).ReleaseAsync(account.Id);
        return ControlAnswers.Done(held == 0 ? "No job is held." : $"{held} held {(held == 1 ? "job is" : "jobs are")} tried now.");
    }

    private static IResult Finished(HttpContext context, long id) => Queue(context).Find(id) is { } job
        ? ControlAnswers.Refused($"Job {id} is {job.State.ToString().ToLowerInvariant()}; this can be done only while it waits or is held.")
        : Unknown(id);

    private static IResult Unknown(long id) => ControlAnswers.Refused($"There is no job {id}. `devicemail jobs` lists them.");
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(JobView[]))]
internal sealed partial class JobJson : JsonSerializerContext;
