using DeviceMail.Storage;

namespace DeviceMail.Activity;

/// <summary>What an activity is about.</summary>
public enum Subject
{
    Gateway,
    Administrator,
    Account,
    Device,
    Job,
    Person,
}

/// <summary>One thing that happened, as a sentence a person reads.</summary>
public sealed record ActivityEntry(long Id, DateTimeOffset At, Subject Subject, string Of, string Sentence);

/// <summary>Which entries a list shows; what is null or empty does not filter.</summary>
/// <param name="Subject">Only what is about this.</param>
/// <param name="Search">Only entries with this in their sentence or name.</param>
/// <param name="Before">Only entries with a smaller number, for the next page.</param>
/// <param name="Count">1 to 1,000.</param>
public sealed record ActivityFilter(Subject? Subject = null, string Search = "", long? Before = null, int Count = 50);

/// <summary>What happened, in sentences, newest first. Never holds a secret or the content of a mail.</summary>
public sealed class ActivityLog(Database database, TimeProvider time)
{
    /// <summary>Raised after each entry, with what it is about.</summary>
    public event Action<Subject, string>? Happened;

    /// <param name="subject">What kind of thing it happened to.</param>
    /// <param name="of">Which one: the account's address, the device's name, the job's number.</param>
    /// <param name="sentence">What happened, and what follows from it.</param>
    public async Task RecordAsync(Subject subject, string of, string sentence)
    {
        var at = time.GetUtcNow().ToUnixTimeMilliseconds();
        await database.WriteAsync(session => session.Execute(
            "INSERT INTO activity (at, subject, id_of, sentence) VALUES (@1, @2, @3, @4)", at, subject.ToString(), of, sentence));
        Happened?.Invoke(subject, of);
    }

    /// <param name="count">At most so many entries, 1 to 1,000.</param>
    public List<ActivityEntry> Latest(int count) => List(new ActivityFilter(Count: count));

    public List<ActivityEntry> List(ActivityFilter filter) => database.Read(session => session.Query("""
        SELECT id, at, subject, id_of, sentence FROM activity
        WHERE (@1 IS NULL OR subject = @1) AND (@2 IS NULL OR id < @2) AND (@3 IS NULL OR sentence LIKE @3 ESCAPE '\' OR id_of LIKE @3 ESCAPE '\')
        ORDER BY id DESC LIMIT @4
        """,
        row => new ActivityEntry(row.Long(0), row.Time(1), Enum.Parse<Subject>(row.Text(2)), row.Text(3), row.Text(4)),
        filter.Subject?.ToString(), filter.Before, filter.Search.Length == 0 ? null : $"%{filter.Search.Replace(@"\", @"\\").Replace("%", @"\%").Replace("_", @"\_")}%",
        Math.Clamp(filter.Count, 1, 1_000)));
}
