using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.Queue;

/// <summary>One mail in our hands, and what has become of it.</summary>
public sealed record Job
{
    public required long Id { get; init; }

    public required JobState State { get; init; }

    public required DateTimeOffset ReceivedAt { get; init; }

    public required long AccountId { get; init; }

    public required Origin Origin { get; init; }

    /// <summary>Null is the null reverse path.</summary>
    public required MailAddress? Sender { get; init; }

    public required MessageTraits Traits { get; init; }

    /// <summary>The body's file in the spool; null: it is small.</summary>
    public string? SpoolName { get; init; }

    /// <summary>Where a small body lies in the journal; null: in the database by now, or in the spool.</summary>
    public JournalPlace? BodyPlace { get; init; }

    /// <summary>Attempts that count towards giving up.</summary>
    public int Attempts { get; init; }

    public DateTimeOffset NextTryAt { get; init; }

    /// <summary>Key of the problem in the catalogue, while there is one.</summary>
    public string? Problem { get; init; }

    public string? ServerWords { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    public required IReadOnlyList<JobRecipient> Recipients { get; init; }

    /// <summary>What was handed in, due at once and without its number.</summary>
    public static Job Of(Envelope envelope, MessageTraits traits, string? spoolName, DateTimeOffset now) => new()
    {
        Id = 0,
        State = JobState.Waiting,
        ReceivedAt = now,
        NextTryAt = now,
        AccountId = envelope.AccountId,
        Origin = envelope.Origin,
        Sender = envelope.Sender,
        Traits = traits,
        SpoolName = spoolName,
        Recipients = [.. envelope.Recipients.Select(address => new JobRecipient(address, RecipientState.Open, null))],
    };
}

public enum RecipientState
{
    Open = 0,
    Sent = 1,
    Refused = 2,
}

public sealed record JobRecipient(MailAddress Address, RecipientState State, string? ServerWords);

/// <summary>Which jobs a list shows; null fields do not filter.</summary>
/// <param name="State">Only jobs in this state.</param>
/// <param name="AccountId">Only jobs of this account.</param>
/// <param name="Before">Only jobs with a smaller number, for the next page.</param>
/// <param name="Count">1 to 500.</param>
public sealed record JobFilter(JobState? State = null, long? AccountId = null, long? Before = null, int Count = 50)
{
    /// <summary>Only jobs in which this is found; null: all.</summary>
    public JobSearch? Search { get; init; }

    public int Most => Math.Clamp(Count, 1, 500);

    public bool Fits(Job job) =>
        (State is null || job.State == State) && (AccountId is null || job.AccountId == AccountId) && (Before is null || job.Id < Before)
        && (Search is null || Search.Fits(job));
}
