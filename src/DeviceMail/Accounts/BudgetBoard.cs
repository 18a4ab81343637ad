using System.Collections.Concurrent;

namespace DeviceMail.Accounts;

/// <summary>How much of its provider's allowance an account uses at the moment.</summary>
/// <param name="Connections">Open for sending now.</param>
/// <param name="MessagesThisMinute">Handed over in the last minute.</param>
/// <param name="RecipientsToday">In the last 24 hours.</param>
public sealed record BudgetUse(int Connections, int MessagesThisMinute, int RecipientsToday)
{
    public static BudgetUse None { get; } = new(0, 0, 0);

    /// <summary>When the allowance has room again; null: it has room.</summary>
    public DateTimeOffset? FullUntil { get; init; }
}

/// <summary>Where senders show the use of their budgets, for everything that tells people about it.</summary>
public sealed class BudgetBoard
{
    private readonly ConcurrentDictionary<long, Func<BudgetUse>> _readers = new();

    /// <summary>From now on the account's use is read so.</summary>
    public void Show(long accountId, Func<BudgetUse> read) => _readers[accountId] = read;

    public BudgetUse Of(long accountId) => _readers.TryGetValue(accountId, out var read) ? read() : BudgetUse.None;
}
