using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Devices;
using DeviceMail.Web;

namespace DeviceMail.Queue;

/// <summary>A job as people see it: names in place of numbers, and its problem explained.</summary>
public sealed record JobView(long Id, string State, DateTimeOffset ReceivedAt, string Subject)
{
    /// <summary>The state in words: Sent in 3 s, Waiting until 11:06.</summary>
    public required string Status { get; init; }

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

    /// <summary>What it waits for where that is no fault: its place, about when, and whose limit; only where one job is asked for.</summary>
    public string? Wait { get; init; }

    /// <summary>What happened to it, in order; only where one job is asked for.</summary>
    public IReadOnlyList<HistoryLine>? History { get; init; }
}

public sealed record RecipientView(string Address, string State, string? ServerWords);

/// <summary>Where the words about jobs come from.</summary>
public sealed record JobSources(MailQueue Queue, AccountRegister Accounts, DeviceRegister Devices, BudgetBoard Budgets, TimeProvider Time);

/// <summary>Puts names to the numbers of a job.</summary>
public sealed class JobViews(JobSources from)
{
    /// <summary>A job as a line of a list.</summary>
    public JobView Of(Job job)
    {
        // A job in no line while it waits is in a sender's hands.
        if (job.State == JobState.Waiting && from.Queue.PlaceOf(job) is null) job = job with { State = JobState.Sending };
        var problem = Problems.Find(job.Problem, job.ServerWords);
        return new JobView(job.Id, job.State.ToString(), job.ReceivedAt, job.Traits.Subject)
        {
            Status = StatusOf(job),
            From = job.Sender?.ToString(),
            To = [.. job.Recipients.Select(one => new RecipientView(one.Address.ToString(), one.State.ToString(), one.ServerWords))],
            Account = from.Accounts.Find(job.AccountId)?.Address.ToString() ?? "an account that was removed",
            Origin = OriginOf(job),
            Size = job.Traits.Size,
            Attempts = job.Attempts,
            NextTryAt = job.State == JobState.Waiting ? job.NextTryAt : null,
            FinishedAt = job.FinishedAt,
            Code = problem?.Code,
            Problem = problem?.Title,
            Cause = problem?.Cause,
            Remedy = problem?.RemedyFor(from.Accounts.Find(job.AccountId)?.Address.ToString() ?? ""),
            ServerWords = job.ServerWords,
        };
    }

    /// <summary>A job with all that is known of it.</summary>
    public JobView Whole(Job job) => Of(job) with { Wait = WaitOf(job), History = HistoryWords.Of(job, from.Queue.HistoryOf(job.Id), OriginOf(job)) };

    private string OriginOf(Job job)
    {
        if (job.Origin.DeviceId is { } id && from.Devices.All.FirstOrDefault(device => device.Id == id) is { } device) return device.Name;
        return job.Origin.ClientAddress.Length > 0 ? job.Origin.ClientAddress : "the gateway itself";
    }

    private string StatusOf(Job job)
    {
        var now = from.Time.GetUtcNow();
        return job.State switch
        {
            JobState.Sent when job.FinishedAt - job.ReceivedAt is { } took => $"Sent {(took < TimeSpan.FromHours(1) ? "in" : "after")} {Spans.Of(took)}",
            JobState.Held when now - job.ReceivedAt is var age && age > HeldFigures.Old => $"Held for {Spans.Of(age)}",
            JobState.Waiting when job.NextTryAt > now => $"Waiting until {Words.Moment(job.NextTryAt, now)}",
            JobState.Waiting => "Waiting in line",
            var state => $"{state}",
        };
    }

    /// <summary>Waiting for a provider's limit is no fault, and says so.</summary>
    private string? WaitOf(Job job)
    {
        if (job.State != JobState.Waiting || from.Accounts.Find(job.AccountId) is not { } account || from.Queue.PlaceOf(job) is not { } place) return null;
        var (use, now) = (from.Budgets.Of(account.Id), from.Time.GetUtcNow());
        var provider = Providers.Find(account.Provider) is { Host.Length: > 0 } known ? known.Title : account.Host;
        if (use.FullUntil is { } until)
        {
            var isMinute = account.Budget.MessagesPerMinute > 0 && use.MessagesThisMinute >= account.Budget.MessagesPerMinute;
            var limit = isMinute ? $"{account.Budget.MessagesPerMinute:N0} messages a minute" : $"{account.Budget.RecipientsPerDay:N0} recipients in 24 hours";
            var about = isMinute ? until + TimeSpan.FromMinutes((place - 1) / account.Budget.MessagesPerMinute) : until;
            return $"{provider} allows {account.Address} {limit}, and these are used up. This job is number {place} in line and goes out at about {Words.Moment(about, now)}. Nobody has to do anything.";
        }
        if (job.NextTryAt > now && (job.Problem == Problems.ProviderLimit.Key || job.Problem == Problems.QuotaReached.Key))
            return $"{provider} asked to wait: {account.Address} has reached its limit. This job is number {place} in line and is tried again at about {Words.Moment(job.NextTryAt, now)}. Nobody has to do anything.";
        return place > 1 ? $"It is number {place} in the line of {account.Address}." : null;
    }
}
