using CsCheck;
using DeviceMail.Activity;
using DeviceMail.Queue;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Queue;

/// <summary>Whatever happens to jobs, in whatever order: they move as the table says, and none is forgotten or sent when it must not be.</summary>
public sealed class JobStatesTests
{
    private enum Step
    {
        Accept,
        SendWell,
        PutOff,
        Refuse,
        Trouble,
        Hold,
        Release,
        TryNow,
        Cancel,
        Return,
        Minutes,
        Restart,
    }

    private static readonly Problem _problem = new("busy", null, ProblemScope.Message, "Busy", "", "");

    [Fact]
    public void Random_events_move_jobs_only_as_the_table_says() =>
        Gen.Select(Gen.Enum<Step>(), Gen.Int[0, 20]).Array[1, 40].Sample(Plays, iter: 40, threads: 2);

    private static bool Plays((Step Step, int Number)[] steps)
    {
        PlayAsync(steps).GetAwaiter().GetResult();
        return true;
    }

    private static async Task PlayAsync((Step Step, int Number)[] steps)
    {
        await using var folder = new QueueFolder();
        var model = new Dictionary<long, (JobState State, DateTimeOffset Due)>();
        foreach (var (step, number) in steps)
        {
            await TakeAsync(folder, model, step, number);
            foreach (var (id, expected) in model) Assert.Equal(expected.State, folder.Queue.Find(id)!.State);
            Assert.Equal(model.Count, folder.Queue.List(new JobFilter(Count: 500)).Count);
            Assert.Equal(model.Values.Count(one => one.State == JobState.Waiting), folder.Queue.InLine(1));
        }
        await EndAsync(folder, model);
    }

    /// <summary>After the last event everything that waits or is held can still be sent, once, and nothing else can.</summary>
    private static async Task EndAsync(QueueFolder folder, Dictionary<long, (JobState State, DateTimeOffset Due)> model)
    {
        await folder.Queue.ReleaseAsync(1);
        folder.Time.Advance(TimeSpan.FromDays(1));
        var left = model.Where(one => !JobStates.IsFinished(one.Value.State)).Select(one => one.Key).Order();
        var claimed = new List<long>();
        while (folder.Queue.TryClaim(1) is { } job) claimed.Add(job.Id);
        Assert.Equal(left, claimed.Order());
    }

    private static async Task TakeAsync(QueueFolder folder, Dictionary<long, (JobState State, DateTimeOffset Due)> model, Step step, int number)
    {
        var now = folder.Time.GetUtcNow();
        switch (step)
        {
            case Step.Accept:
                var accepted = Assert.IsType<AcceptOutcome.Accepted>(await folder.AcceptAsync("Subject: scan\r\n\r\nhello\r\n"));
                model.Add(accepted.JobId, (Move(JobState.Received, JobEvent.Promised), now));
                break;
            case Step.Hold:
                await folder.Queue.HoldAsync(1, _problem, "535");
                foreach (var id in In(model, JobState.Waiting)) model[id] = (Move(JobState.Waiting, JobEvent.AccountTrouble), now);
                break;
            case Step.Release:
                await folder.Queue.ReleaseAsync(1);
                foreach (var id in In(model, JobState.Held)) model[id] = (Move(JobState.Held, JobEvent.Released), now);
                break;
            case Step.TryNow:
                var hurried = await folder.Queue.TryNowAsync(number);
                Assert.Equal(model.TryGetValue(number, out var was) && was.State is JobState.Waiting or JobState.Held, hurried);
                if (hurried) model[number] = (JobState.Waiting, now);
                break;
            case Step.Cancel:
                var allowed = model.TryGetValue(number, out var before) ? JobStates.After(before.State, JobEvent.CancelledByPerson) : null;
                Assert.Equal(allowed is not null, await folder.Queue.CancelAsync(number));
                if (allowed is { } cancelled) model[number] = (cancelled, now);
                break;
            case Step.Minutes:
                folder.Time.Advance(TimeSpan.FromMinutes(number));
                break;
            case Step.Restart:
                await folder.ReopenAsync();
                break;
            default:
                await SendAsync(folder, model, step);
                break;
        }
    }

    private static async Task SendAsync(QueueFolder folder, Dictionary<long, (JobState State, DateTimeOffset Due)> model, Step step)
    {
        var due = model.Where(one => one.Value.State == JobState.Waiting && one.Value.Due <= folder.Time.GetUtcNow()).Select(one => one.Key).ToHashSet();
        var job = folder.Queue.TryClaim(1);
        Assert.Equal(due.Count > 0, job is not null);
        if (job is null) return;
        Assert.Contains(job.Id, due);
        Assert.Equal(Move(JobState.Waiting, JobEvent.Claimed), job.State);
        // Who has it is the only one: nobody else claims, cancels or hurries it.
        Assert.False(await folder.Queue.CancelAsync(job.Id));
        Assert.False(await folder.Queue.TryNowAsync(job.Id));
        if (step == Step.Return)
        {
            folder.Queue.Return(job);
            return;
        }
        var (outcome, happened) = step switch
        {
            Step.SendWell => ((SendOutcome)new SendOutcome.Sent("250"), JobEvent.AllSent),
            Step.PutOff => (new SendOutcome.TryLater(_problem, "450"), JobEvent.PutOff),
            Step.Refuse => (new SendOutcome.Refused(_problem, "550"), JobEvent.GivenUp),
            _ => (new SendOutcome.Held(_problem, "535"), JobEvent.AccountTrouble),
        };
        var after = await folder.Queue.FinishAsync(job, DeliveryResult.ForAll(job.Recipients.Select(one => one.Address), outcome));
        Assert.Equal(Move(JobState.Sending, happened), after.State);
        model[job.Id] = (after.State, DateTimeOffset.FromUnixTimeMilliseconds(after.NextTryAt.ToUnixTimeMilliseconds()));
    }

    private static List<long> In(Dictionary<long, (JobState State, DateTimeOffset Due)> model, JobState state) =>
        [.. model.Where(one => one.Value.State == state).Select(one => one.Key)];

    private static JobState Move(JobState from, JobEvent happened)
    {
        Assert.True(JobStates.Table.TryGetValue((from, happened), out var next), $"{from} does not know {happened}");
        return next;
    }
}
