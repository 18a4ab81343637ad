using DeviceMail.Activity;
using DeviceMail.Messages;

namespace DeviceMail.Queue;

/// <summary>What became of one recipient in one attempt. Account trouble is <see cref="Held"/> and never fails a mail.</summary>
public abstract record SendOutcome
{
    /// <param name="ServerWords">The server's reply, as it came.</param>
    public sealed record Sent(string ServerWords) : SendOutcome;

    /// <param name="Problem">What stands in the way for now.</param>
    /// <param name="ServerWords">The server's reply, or what the network said.</param>
    /// <param name="After">The least wait the other side asked for, or null.</param>
    public sealed record TryLater(Problem Problem, string ServerWords, TimeSpan? After = null) : SendOutcome
    {
        /// <summary>Whether the attempt counts towards giving up; waiting for a provider's limit is no fault.</summary>
        public bool Counts { get; init; } = true;
    }

    public sealed record Refused(Problem Problem, string ServerWords) : SendOutcome;

    public sealed record Held(Problem Problem, string ServerWords) : SendOutcome
    {
        /// <summary>The least wait before the account is tried again, where the other side named one.</summary>
        public TimeSpan? After { get; init; }

        /// <summary>Whether it is said about this mail alone: the account's other mail goes on.</summary>
        public bool IsThisMailAlone { get; init; }

        /// <summary>Whether the interface turned the account away before it heard of the mail: another one may take it.</summary>
        public bool IsTransports { get; init; }
    }
}

/// <summary>The outcome for each recipient that an attempt was made for, in the order of the envelope.</summary>
public sealed record DeliveryResult(IReadOnlyList<RecipientOutcome> Recipients)
{
    public static DeliveryResult ForAll(IEnumerable<MailAddress> recipients, SendOutcome outcome) =>
        new([.. recipients.Select(recipient => new RecipientOutcome(recipient, outcome))]);
}

public sealed record RecipientOutcome(MailAddress Recipient, SendOutcome Outcome);
