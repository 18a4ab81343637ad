using DeviceMail.Accounts;
using DeviceMail.Queue;

namespace DeviceMail.Sending;

/// <summary>
/// Keeps what the provider allows, so that it never has to refuse: messages in any minute and recipients in any 24 hours.
/// </summary>
public sealed class SendBudget(TimeProvider time)
{
    private readonly SteadyClock _clock = new(time);
    private readonly Lock _lock = new();
    private readonly Queue<DateTimeOffset> _minute = new();
    private readonly Queue<(DateTimeOffset At, int Recipients)> _day = new();
    private int _recipients;

    /// <summary>Messages sent in the last minute and recipients in the last 24 hours.</summary>
    public (int Messages, int Recipients) Use
    {
        get
        {
            lock (_lock)
            {
                Forget(_clock.Now);
                return (_minute.Count, _recipients);
            }
        }
    }

    /// <summary>Counts what an earlier run of the program sent.</summary>
    /// <param name="sent">When, and to how many recipients; the oldest first.</param>
    public void Remember(IEnumerable<(DateTimeOffset At, int Recipients)> sent)
    {
        lock (_lock)
        {
            foreach (var one in sent)
            {
                _day.Enqueue((_clock.Of(one.At), one.Recipients));
                _recipients += one.Recipients;
            }
        }
    }

    /// <summary>Counts a message if it may go now; otherwise answers how long to wait.</summary>
    public TimeSpan TryTake(Budget budget, int recipients)
    {
        lock (_lock) return Take(budget, recipients, _clock.Now);
    }

    private TimeSpan Take(Budget budget, int recipients, DateTimeOffset now)
    {
        Forget(now);
        if (budget.MessagesPerMinute > 0 && _minute.Count >= budget.MessagesPerMinute) return _minute.Peek() + TimeSpan.FromMinutes(1) - now;
        if (budget.RecipientsPerDay > 0 && _day.Count > 0 && _recipients + recipients > budget.RecipientsPerDay) return _day.Peek().At + TimeSpan.FromDays(1) - now;
        if (budget.MessagesPerMinute > 0) _minute.Enqueue(now);
        if (budget.RecipientsPerDay > 0)
        {
            _day.Enqueue((now, recipients));
            _recipients += recipients;
        }
        return TimeSpan.Zero;
    }

    private void Forget(DateTimeOffset now)
    {
        while (_minute.TryPeek(out var at) && now - at >= TimeSpan.FromMinutes(1)) _minute.Dequeue();
        while (_day.TryPeek(out var sent) && now - sent.At >= TimeSpan.FromDays(1)) _recipients -= _day.Dequeue().Recipients;
    }
}
