using DeviceMail.Lab.Switches;

namespace DeviceMail.Lab.Exchange;

/// <summary>What one mailbox has used of Exchange Online's limits: sends at once, messages a minute, recipients a day.</summary>
public sealed class MailboxLimits(LabSwitches switches, LabCounters counters, TimeProvider time)
{
    private sealed class Use
    {
        public int Sends;
        public Queue<DateTimeOffset> Messages { get; } = new();
        public Queue<(DateTimeOffset At, int Count)> Recipients { get; } = new();
    }

    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1), Day = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Use> _uses = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A send starts; false when it is one too many, which is said at its end.</summary>
    public bool Begin(string mailbox)
    {
        lock (_gate)
        {
            var now = ++Of(mailbox).Sends;
            counters.CountSends(now);
            return now <= switches.ConcurrentSends;
        }
    }

    public void End(string mailbox)
    {
        lock (_gate)
            Of(mailbox).Sends--;
    }

    /// <summary>Takes a place within the minute and says how long the message has to wait for it; null when it is refused.</summary>
    public TimeSpan? TakeMinute(string mailbox)
    {
        var limit = switches.MessagesPerMinute;
        if (limit <= 0)
            return TimeSpan.Zero;
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var messages = Of(mailbox).Messages;
            while (messages.TryPeek(out var oldest) && oldest <= now - Minute)
                messages.Dequeue();
            var at = now;
            if (messages.Count >= limit)
            {
                if (switches.MinuteLimit == MinuteLimit.Reject)
                    return null;
                at = messages.ElementAt(messages.Count - limit) + Minute;
            }

            messages.Enqueue(at);
            return at - now;
        }
    }

    /// <summary>False when the sliding day has no room for so many recipients.</summary>
    public bool TakeRecipients(string mailbox, int count)
    {
        lock (_gate)
        {
            var now = time.GetUtcNow();
            var recipients = Of(mailbox).Recipients;
            while (recipients.TryPeek(out var oldest) && oldest.At <= now - Day)
                recipients.Dequeue();
            if (recipients.Sum(use => use.Count) + count > switches.RecipientsPerDay)
                return false;
            recipients.Enqueue((now, count));
            return true;
        }
    }

    private Use Of(string mailbox)
    {
        if (!_uses.TryGetValue(mailbox, out var use))
            _uses[mailbox] = use = new();
        return use;
    }
}
