using DeviceMail.Activity;
using DeviceMail.Storage;

namespace DeviceMail.Queue;

public enum JobEventKind
{
    /// <summary>An attempt failed, and another one follows.</summary>
    PutOff,

    /// <summary>Account trouble.</summary>
    Held,

    /// <summary>The account works again, or a person let it go.</summary>
    Released,

    /// <summary>A person wants it to be sent at once.</summary>
    AskedNow,

    /// <summary>Another account sends it; the words are its address.</summary>
    Rerouted,

    Cancelled,

    /// <summary>A person has the octets of the mail.</summary>
    Downloaded,
}

/// <summary>One thing that happened to a job, or several equal ones in a row.</summary>
/// <param name="Kind">What.</param>
/// <param name="At">When, or when first.</param>
/// <param name="Words">What the server said, or the address of the other account.</param>
/// <param name="Who">Who did it; empty: the gateway by itself.</param>
public sealed record JobStep(JobEventKind Kind, DateTimeOffset At, string Words = "", string Who = "")
{
    /// <summary>Key of the problem, where there was one.</summary>
    public string? Problem { get; init; }

    /// <summary>When last; the same as <see cref="At"/> where it happened once.</summary>
    public DateTimeOffset Until { get; init; } = At;

    public int Times { get; init; } = 1;
}

/// <summary>The steps of jobs as rows.</summary>
internal static class JobHistory
{
    /// <summary>
    /// Remembers a step. One that says what the last one of its job said is counted there: an account that is tried every minute for a week makes
    /// no thousand rows.
    /// </summary>
    public static void Add(DatabaseSession session, long jobId, JobStep step)
    {
        var at = step.At.ToUnixTimeMilliseconds();
        var again = session.Execute("""
            UPDATE job_event SET until = @2, times = times + 1
            WHERE id = (SELECT max(id) FROM job_event WHERE job_id = @1) AND kind = @3 AND problem IS @4 AND words = @5 AND who = @6
            """, jobId, at, step.Kind.ToString(), step.Problem, step.Words, step.Who);
        if (again == 0)
            session.Execute("INSERT INTO job_event (job_id, at, until, kind, problem, words, who) VALUES (@1, @2, @2, @3, @4, @5, @6)",
                jobId, at, step.Kind.ToString(), step.Problem, step.Words, step.Who);
    }

    /// <summary>In the order in which they happened.</summary>
    public static List<JobStep> Of(DatabaseSession session, long jobId) => session.Query(
        "SELECT kind, at, words, who, problem, until, times FROM job_event WHERE job_id = @1 ORDER BY id",
        row => new JobStep(Enum.Parse<JobEventKind>(row.Text(0)), row.Time(1), row.Text(2), row.Text(3))
        {
            Problem = row.TextOrNull(4),
            Until = row.Time(5),
            Times = row.Int(6),
        }, jobId);

    /// <summary>What an attempt adds to the history; null when the job's own row tells it.</summary>
    public static JobStep? Of(Job after, DateTimeOffset now) => after.State switch
    {
        JobState.Waiting => new JobStep(JobEventKind.PutOff, now, after.ServerWords ?? "") { Problem = after.Problem },
        JobState.Held => new JobStep(JobEventKind.Held, now, after.ServerWords ?? "") { Problem = after.Problem },
        _ => null,
    };
}

/// <summary>A line of a job's history, as people read it.</summary>
/// <param name="At">When.</param>
/// <param name="Sentence">What happened, without a full stop.</param>
/// <param name="ServerWords">What the server said, or empty.</param>
public sealed record HistoryLine(DateTimeOffset At, string Sentence, string ServerWords = "");

/// <summary>Puts a job's history into sentences: received, each step, and how it ended or goes on.</summary>
internal static class HistoryWords
{
    public static IReadOnlyList<HistoryLine> Of(Job job, IReadOnlyList<JobStep> steps, string origin)
    {
        var lines = new List<HistoryLine> { new(job.ReceivedAt, $"Received from {origin} and stored, {job.Traits.Size:N0} bytes") };
        lines.AddRange(steps.Select(step => new HistoryLine(step.At, Sentence(step), step.Kind is JobEventKind.PutOff or JobEventKind.Held ? step.Words : "")));
        if (job is { State: JobState.Sent, FinishedAt: { } sent }) lines.Add(new(sent, "Sent", job.ServerWords ?? ""));
        if (job is { State: JobState.Failed, FinishedAt: { } failed })
            lines.Add(new(failed, $"Failed{(Problems.Find(job.Problem, job.ServerWords) is { } problem ? $": {problem.Title}" : "")}", job.ServerWords ?? ""));
        return lines;
    }

    private static string Sentence(JobStep step)
    {
        var problem = Problems.Find(step.Problem, step.Words) is { } known ? $": {known.Title}" : "";
        var by = step.Who.Length > 0 ? $" by {step.Who}" : "";
        var sentence = step.Kind switch
        {
            JobEventKind.PutOff => $"Tried and put off{problem}",
            JobEventKind.Held => $"Held{problem}",
            JobEventKind.Released => step.Who.Length > 0 ? $"Released{by}" : "Released: the account works again",
            JobEventKind.AskedNow => $"Sent for at once{by}",
            JobEventKind.Rerouted => $"Given to the account {step.Words}{by}",
            JobEventKind.Cancelled => $"Cancelled{by}; nobody gets it",
            _ => $"Downloaded{by}",
        };
        return step.Times == 1 ? sentence : $"{sentence}, {step.Times} times until {Web.Words.Moment(step.Until, step.At)}";
    }
}
