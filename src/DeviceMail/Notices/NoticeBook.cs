using System.Collections.Concurrent;
using DeviceMail.Storage;

namespace DeviceMail.Notices;

/// <summary>What is remembered of one cause.</summary>
public sealed record NoticeEntry(string Kind, string Subject)
{
    public string Who { get; init; } = "";

    /// <summary>When the cause came; null: it is not there.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>How bad it was when it was told last; 0: not told, or told to be over. Of undelivered mail: when the newest told one failed, in UTC milliseconds.</summary>
    public long Level { get; init; }

    public DateTimeOffset? ToldAt { get; init; }

    public string? ToldTo { get; init; }

    /// <summary>The account by which it went.</summary>
    public string? ToldBy { get; init; }

    public long? JobId { get; init; }
}

/// <summary>What was told and when, in memory and on disk: a restart tells nothing twice.</summary>
internal sealed class NoticeBook
{
    private readonly ConcurrentDictionary<(string Kind, string Subject), NoticeEntry> _entries;
    private readonly Database _database;

    public NoticeBook(Database database, TimeProvider time)
    {
        _database = database;
        var now = time.GetUtcNow();
        // A clock that was set back must not silence a cause until it has caught up.
        _entries = new(database.Read(session => session.Query("SELECT kind, subject, who, since, level, told_at, told_to, told_by, job_id FROM notice",
            row => new NoticeEntry(row.Text(0), row.Text(1))
            {
                Who = row.Text(2),
                Since = NotAfter(row.TimeOrNull(3), now),
                Level = row.Long(4),
                ToldAt = NotAfter(row.TimeOrNull(5), now),
                ToldTo = row.TextOrNull(6),
                ToldBy = row.TextOrNull(7),
                JobId = row.LongOrNull(8),
            })).Select(entry => KeyValuePair.Create((entry.Kind, entry.Subject), entry)));
    }

    public IReadOnlyCollection<NoticeEntry> All => [.. _entries.Values];

    public NoticeEntry Find(string kind, string subject) => _entries.GetValueOrDefault((kind, subject)) ?? new NoticeEntry(kind, subject);

    /// <summary>In memory first: while the disk fails, what was told still counts for this run.</summary>
    /// <exception cref="StorageFailedException">It is not on the disk.</exception>
    public async Task SaveAsync(NoticeEntry entry)
    {
        _entries[(entry.Kind, entry.Subject)] = entry;
        await _database.WriteAsync(session => session.Execute("""
            INSERT INTO notice (kind, subject, who, since, level, told_at, told_to, told_by, job_id) VALUES (@1, @2, @3, @4, @5, @6, @7, @8, @9)
            ON CONFLICT (kind, subject) DO UPDATE SET who = @3, since = @4, level = @5, told_at = @6, told_to = @7, told_by = @8, job_id = @9
            """, entry.Kind, entry.Subject, entry.Who, entry.Since?.ToUnixTimeMilliseconds(), entry.Level, entry.ToldAt?.ToUnixTimeMilliseconds(),
            entry.ToldTo, entry.ToldBy, entry.JobId));
    }

    /// <summary>The wall clock jumped: ages and waits stay as long as they really were.</summary>
    public async Task ShiftAsync(TimeSpan jump)
    {
        foreach (var entry in All) await SaveAsync(entry with { Since = entry.Since + jump, ToldAt = entry.ToldAt + jump });
    }

    private static DateTimeOffset? NotAfter(DateTimeOffset? moment, DateTimeOffset now) => moment > now ? now : moment;
}
