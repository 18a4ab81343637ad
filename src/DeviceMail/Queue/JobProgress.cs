using DeviceMail.Activity;

namespace DeviceMail.Queue;

/// <summary>What a job becomes by the outcome of an attempt. A pure rule: no clock, no disk.</summary>
public static class JobProgress
{
    public static Job After(Job job, DeliveryResult result, DateTimeOffset now, TimeSpan giveUpAfter)
    {
        var outcomes = result.Recipients.ToDictionary(one => one.Recipient, one => one.Outcome);
        var later = outcomes.Values.OfType<SendOutcome.TryLater>().ToList();
        var held = outcomes.Values.OfType<SendOutcome.Held>().FirstOrDefault();
        // Trouble of the account is no attempt of this mail, and what was tried before it counts no more: after the repair its time begins anew.
        var attempted = job with { Attempts = held is not null ? 0 : job.Attempts + (later.Count == 0 || later.Any(one => one.Counts) ? 1 : 0) };
        var gaveUp = later.Count > 0 && RetrySchedule.GivesUp(attempted, now, giveUpAfter);
        var recipients = job.Recipients.Select(one => outcomes.TryGetValue(one.Address, out var outcome) ? After(one, outcome, gaveUp) : one).ToList();
        var happened = held is not null ? JobEvent.AccountTrouble
            : recipients.Any(one => one.State == RecipientState.Open) ? JobEvent.PutOff
            : recipients.Any(one => one.State == RecipientState.Refused) ? JobEvent.GivenUp
            : JobEvent.AllSent;
        var state = JobStates.After(JobState.Sending, happened) ?? throw new InvalidOperationException($"No state follows {happened}.");
        var (problem, words) = Explanation(outcomes.Values, recipients, state);
        return attempted with
        {
            State = state,
            Recipients = recipients,
            Problem = problem,
            ServerWords = words,
            NextTryAt = state == JobState.Waiting ? now + Longest(later, attempted.Attempts) : now,
            FinishedAt = JobStates.IsFinished(state) ? now : null,
        };
    }

    private static JobRecipient After(JobRecipient recipient, SendOutcome outcome, bool gaveUp) => outcome switch
    {
        SendOutcome.Sent sent => recipient with { State = RecipientState.Sent, ServerWords = sent.ServerWords },
        SendOutcome.Refused refused => recipient with { State = RecipientState.Refused, ServerWords = refused.ServerWords },
        SendOutcome.TryLater later => recipient with { State = gaveUp ? RecipientState.Refused : RecipientState.Open, ServerWords = later.ServerWords },
        SendOutcome.Held held => recipient with { ServerWords = held.ServerWords },
        _ => throw new InvalidOperationException($"{outcome} is no outcome."),
    };

    private static TimeSpan Longest(List<SendOutcome.TryLater> later, int attempts)
    {
        var asked = later.Max(one => one.After) ?? TimeSpan.Zero;
        if (later.All(one => !one.Counts) && asked > TimeSpan.Zero) return asked;
        var own = RetrySchedule.Wait(attempts, Random.Shared.NextDouble());
        return asked > own ? asked : own;
    }

    private static (string? Problem, string? Words) Explanation(IEnumerable<SendOutcome> outcomes, List<JobRecipient> recipients, JobState state)
    {
        if (state == JobState.Sent) return (null, outcomes.OfType<SendOutcome.Sent>().LastOrDefault()?.ServerWords);
        foreach (var outcome in outcomes)
        {
            switch (outcome)
            {
                case SendOutcome.Held held: return (held.Problem.Key, held.ServerWords);
                case SendOutcome.Refused refused when state == JobState.Failed: return (refused.Problem.Key, refused.ServerWords);
                case SendOutcome.TryLater later when state == JobState.Failed: return (Problems.GaveUp.Key, later.ServerWords);
                case SendOutcome.TryLater later: return (later.Problem.Key, later.ServerWords);
            }
        }
        // All that was left went out now: who was refused, was so in an earlier attempt.
        return recipients.Find(one => one.State == RecipientState.Refused) is { } earlier ? (Problems.RecipientRefused.Key, earlier.ServerWords) : (null, null);
    }
}
