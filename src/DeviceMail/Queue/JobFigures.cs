using DeviceMail.Activity;
using DeviceMail.Storage;

namespace DeviceMail.Queue;

/// <summary>One hour of the chart.</summary>
public sealed record HourFigures(DateTimeOffset From, int Sent, int Held, int Failed);

/// <summary>What is held, and how old it is.</summary>
/// <param name="Count">Held jobs.</param>
/// <param name="Octets">Their size together.</param>
public sealed record HeldFigures(long Count, long Octets)
{
    /// <summary>Held jobs that were received more than <see cref="Old"/> ago.</summary>
    public long OldCount { get; init; }

    /// <summary>When the oldest of them was received; null: none is held.</summary>
    public DateTimeOffset? Oldest { get; init; }

    /// <summary>From this age on a release shows count and age first: who waited for the mail may not want it any more.</summary>
    public static readonly TimeSpan Old = TimeSpan.FromHours(24);

    /// <param name="session">Where jobs are kept.</param>
    /// <param name="now">The wall clock.</param>
    /// <param name="accountId">Only of this account; null: of all.</param>
    /// <param name="ofNone">Only what belongs to no account that there is.</param>
    public static HeldFigures Read(DatabaseSession session, DateTimeOffset now, long? accountId, bool ofNone) => session.First(
        """
        SELECT count(*), coalesce(sum(size), 0), coalesce(sum(received_at < @1), 0), min(received_at) FROM job
        WHERE state = 2 AND (@2 IS NULL OR account_id = @2) AND (@3 = 0 OR account_id NOT IN (SELECT id FROM account))
        """, row => new HeldFigures(row.Long(0), row.Long(1)) { OldCount = row.Long(2), Oldest = row.TimeOrNull(3) },
        (now - Old).ToUnixTimeMilliseconds(), accountId, ofNone ? 1 : 0)!;
}

/// <summary>A mail that did not go out when it was tried.</summary>
/// <param name="At">When it was tried last.</param>
public sealed record Setback(DateTimeOffset At, long AccountId, string? Problem, string? ServerWords)
{
    /// <summary>When it is tried again; null: it is not.</summary>
    public DateTimeOffset? NextTryAt { get; init; }
}

/// <summary>Whether mail flows, by what happened last.</summary>
/// <param name="LastSent">When the last mail reached its server; null: none within the time that Job Status remembers.</param>
public sealed record FlowFigures(DateTimeOffset? LastSent)
{
    /// <summary>The mail that failed, where no other went out after it.</summary>
    public Setback? Failed { get; init; }

    /// <summary>The mail that was put off, where none went out after it.</summary>
    public Setback? PutOff { get; init; }

    public static FlowFigures Read(DatabaseSession session, DateTimeOffset now)
    {
        const string last = "FROM job WHERE finished_at IS NOT NULL AND state IN (3, 4) ORDER BY finished_at DESC, id DESC LIMIT 1";
        var sent = session.First("SELECT finished_at FROM job WHERE finished_at IS NOT NULL AND state = 3 ORDER BY finished_at DESC LIMIT 1", row => row.TimeOrNull(0));
        var failed = session.First($"SELECT * FROM (SELECT finished_at, account_id, problem, server_words, state {last}) WHERE state = 4", ReadSetback);
        // Due already: it was released, or is being tried at this moment.
        var putOff = session.First("""
            SELECT (SELECT max(until) FROM job_event WHERE job_id = job.id AND kind = 'PutOff'), account_id, problem, server_words, next_try_at
            FROM job WHERE state = 1 AND problem IS NOT NULL AND next_try_at > @1 ORDER BY id DESC LIMIT 1
            """, row => row.IsNull(0) ? null : ReadSetback(row) with { NextTryAt = row.Time(4) }, now.ToUnixTimeMilliseconds());
        return new FlowFigures(sent) { Failed = failed, PutOff = putOff?.At < sent ? null : putOff };
    }

    private static Setback ReadSetback(Row row) => new(row.Time(0), row.Long(1), row.TextOrNull(2), row.TextOrNull(3));
}

/// <summary>The last 24 hours, for people.</summary>
/// <param name="Hours">Oldest first, 24 of them; the last one is not over.</param>
public sealed record DayFigures(IReadOnlyList<HourFigures> Hours)
{
    private const int HoursShown = 24;

    /// <summary>Octets taken in.</summary>
    public long Octets { get; init; }

    public int Sent => Hours.Sum(hour => hour.Sent);

    /// <summary>Received in these hours and held now.</summary>
    public int Held => Hours.Sum(hour => hour.Held);

    public int Failed => Hours.Sum(hour => hour.Failed);

    public static DayFigures Read(DatabaseSession session, DateTimeOffset now)
    {
        var thisHour = new DateTimeOffset(now.Year, now.Month, now.Day, now.Hour, 0, 0, now.Offset);
        var from = thisHour.AddHours(1 - HoursShown);
        var start = from.ToUnixTimeMilliseconds();
        var finished = session.Query("SELECT (finished_at - @1) / 3600000, sum(state = 3), sum(state = 4) FROM job WHERE finished_at >= @1 GROUP BY 1",
            row => (Hour: row.Int(0), Sent: row.Int(1), Failed: row.Int(2)), start);
        var held = session.Query("SELECT (received_at - @1) / 3600000, count(*) FROM job WHERE state = 2 AND received_at >= @1 GROUP BY 1",
            row => (Hour: row.Int(0), Count: row.Int(1)), start);
        return new DayFigures([.. Enumerable.Range(0, HoursShown).Select(hour => new HourFigures(
            from.AddHours(hour), finished.Where(one => one.Hour == hour).Sum(one => one.Sent), held.Where(one => one.Hour == hour).Sum(one => one.Count),
            finished.Where(one => one.Hour == hour).Sum(one => one.Failed)))])
        {
            Octets = session.First("SELECT coalesce(sum(size), 0) FROM job WHERE id >= @1", row => row.Long(0), FirstSince(session, from)),
        };
    }

    /// <summary>How many mails each device has handed in since.</summary>
    public static Dictionary<long, long> ByDevice(DatabaseSession session, DateTimeOffset since) => session.Query(
        "SELECT device_id, count(*) FROM job WHERE id >= @1 AND device_id IS NOT NULL GROUP BY device_id", row => (Device: row.Long(0), Count: row.Long(1)),
        FirstSince(session, since)).ToDictionary(one => one.Device, one => one.Count);

    /// <summary>The number of the first job received since; numbers grow with time, so that halving finds it without an index.</summary>
    private static long FirstSince(DatabaseSession session, DateTimeOffset since)
    {
        var (low, high) = (0L, JobStore.LastId(session) + 1);
        var moment = since.ToUnixTimeMilliseconds();
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            var next = session.First("SELECT received_at >= @2 FROM job WHERE id >= @1 ORDER BY id LIMIT 1", row => row.LongOrNull(0), middle, moment);
            if (next is null or 1) high = middle;
            else low = middle + 1;
        }
        return low;
    }
}

/// <summary>What is counted over the jobs.</summary>
public sealed class QueueFigures(Database database, TimeProvider time)
{
    /// <param name="accountId">Only of this account; null: of all.</param>
    public HeldFigures Held(long? accountId = null) => database.Read(session => HeldFigures.Read(session, time.GetUtcNow(), accountId, ofNone: false));

    /// <summary>What is held and belongs to no account that there is.</summary>
    public HeldFigures HeldForNone() => database.Read(session => HeldFigures.Read(session, time.GetUtcNow(), null, ofNone: true));

    /// <summary>The account's oldest mail that was put off, where it came before that moment and none of the account went out since; other than for the provider's limit.</summary>
    public Setback? WaitingSince(long accountId, DateTimeOffset moment) => database.Read(session => session.First($"""
        SELECT received_at, account_id, problem, server_words FROM job
        WHERE state = 1 AND problem IS NOT NULL AND problem NOT IN ('{Problems.ProviderLimit.Key}', '{Problems.QuotaReached.Key}') AND account_id = @1 AND received_at < @2
          AND NOT EXISTS (SELECT 1 FROM job WHERE finished_at >= @2 AND finished_at IS NOT NULL AND state = 3 AND account_id = @1)
        ORDER BY id LIMIT 1
        """, row => new Setback(row.Time(0), row.Long(1), row.TextOrNull(2), row.TextOrNull(3)), accountId, moment.ToUnixTimeMilliseconds()));

    public FlowFigures Flow() => database.Read(session => FlowFigures.Read(session, time.GetUtcNow()));

    public DayFigures LastDay() => database.Read(session => DayFigures.Read(session, time.GetLocalNow()));

    /// <summary>How many recipients the account's mail reached since, the oldest first; mails that finished within a minute count as one.</summary>
    public IReadOnlyList<(DateTimeOffset At, int Recipients)> ReachedSince(long accountId, DateTimeOffset since) => database.Read(session => session.Query(
        """
        SELECT max(finished_at), sum((SELECT count(*) FROM recipient WHERE job_id = job.id AND state = 1)) FROM job
        WHERE finished_at >= @2 AND finished_at IS NOT NULL AND account_id = @1 GROUP BY finished_at / 60000 ORDER BY 1
        """, row => (row.Time(0), row.Int(1)), accountId, since.ToUnixTimeMilliseconds()));

    /// <summary>How many mails each device has handed in since; devices without any are not in it.</summary>
    public IReadOnlyDictionary<long, long> CountByDevice(DateTimeOffset since) => database.Read(session => DayFigures.ByDevice(session, since));
}
