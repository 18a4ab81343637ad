using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.Queue;

/// <summary>Jobs, recipients and small bodies as rows. Knows SQL and nothing of when to send.</summary>
internal static class JobStore
{
    private const string Columns = "id, state, received_at, account_id, device_id, client_address, greeting, protocol, sender, subject, size, "
        + "header_length, traits, spool_name, attempts, next_try_at, problem, server_words, finished_at, body_segment, body_offset";

    private const string Fits = "(@1 IS NULL OR state = @1) AND (@2 IS NULL OR account_id = @2) AND (@3 IS NULL OR id < @3)";

    private const string Found = """
        subject LIKE @5 ESCAPE '\' OR sender LIKE @5 ESCAPE '\' OR client_address LIKE @5 ESCAPE '\' OR greeting LIKE @5 ESCAPE '\' OR id = @6
        OR device_id IN (SELECT value FROM json_each(@7)) OR problem IN (SELECT value FROM json_each(@8))
        OR EXISTS (SELECT 1 FROM recipient WHERE job_id = job.id AND address LIKE @5 ESCAPE '\')
        """;

    /// <summary>Bits of the column traits; the longest line in octets lies above them.</summary>
    private const int HeaderEightBit = 1, BodyEightBit = 2, Signed = 4, LineShift = 3;

    /// <summary>A job in any state; its body lies in the journal or the spool.</summary>
    public static void Insert(DatabaseSession session, Job job)
    {
        var (place, spoolName) = job.State == JobState.Sent ? (null, null) : (job.BodyPlace, job.SpoolName);
        session.Execute($"INSERT INTO job ({Columns}) VALUES (@1,@2,@3,@4,@5,@6,@7,@8,@9,@10,@11,@12,@13,@14,@15,@16,@17,@18,@19,@20,@21)",
            job.Id, (int)job.State, Milliseconds(job.ReceivedAt), job.AccountId, job.Origin.DeviceId, job.Origin.ClientAddress, job.Origin.Greeting,
            job.Origin.Protocol, job.Sender?.ToString(), job.Traits.Subject, job.Traits.Size, job.Traits.HeaderLength, Pack(job.Traits), spoolName,
            job.Attempts, Milliseconds(job.NextTryAt), job.Problem, job.ServerWords, Milliseconds(job.FinishedAt), place?.Segment, place?.Offset);
        for (var i = 0; i < job.Recipients.Count; i++)
            session.Execute("INSERT INTO recipient (job_id, ordinal, address, state, server_words) VALUES (@1, @2, @3, @4, @5)",
                job.Id, i, job.Recipients[i].Address.ToString(), (int)job.Recipients[i].State, job.Recipients[i].ServerWords);
    }

    /// <summary>Undoes what a batch of jobs from this one on may have left behind.</summary>
    public static void DeleteFrom(DatabaseSession session, long firstId)
    {
        session.Execute("DELETE FROM job WHERE id >= @1", firstId);
        SetMark(session, firstId - 1);
    }

    /// <summary>Up to this number the journal's records have their rows.</summary>
    public static long Mark(DatabaseSession session) => session.First("SELECT sequence FROM journal_mark", row => row.Long(0));

    public static void SetMark(DatabaseSession session, long sequence) =>
        session.Execute("INSERT INTO journal_mark (id, sequence) VALUES (1, @1) ON CONFLICT (id) DO UPDATE SET sequence = @1", sequence);

    /// <summary>Jobs whose bodies lie in the journal, each with the number of its file.</summary>
    public static Dictionary<long, long> InJournal(DatabaseSession session) =>
        new(session.Query("SELECT id, body_segment FROM job WHERE body_segment IS NOT NULL", row => KeyValuePair.Create(row.Long(0), row.Long(1))));

    /// <summary>Jobs whose bodies lie in this file of the journal.</summary>
    public static List<(long Id, JournalPlace Place)> InSegment(DatabaseSession session, long segment, int count) => session.Query(
        "SELECT id, body_offset, size FROM job WHERE body_segment = @1 ORDER BY id LIMIT @2",
        row => (row.Long(0), new JournalPlace(segment, row.Int(1), row.Int(2))), segment, count);

    /// <summary>Puts a body from the journal into the database; nothing happens where the job was finished meanwhile.</summary>
    public static void MoveBody(DatabaseSession session, long id, byte[] octets)
    {
        var isNeeded = session.Execute("UPDATE job SET body_segment = NULL, body_offset = NULL WHERE id = @1 AND body_segment IS NOT NULL", id) == 1;
        if (isNeeded) session.Execute("INSERT INTO body (job_id, octets) VALUES (@1, @2)", id, octets);
    }

    /// <summary>Nobody needs the body any more, wherever it lies. A file is removed now, or by the next sweep.</summary>
    public static void DropBody(DatabaseSession session, long id)
    {
        session.Execute("DELETE FROM body WHERE job_id = @1", id);
        session.Execute("UPDATE job SET spool_name = NULL, body_segment = NULL, body_offset = NULL WHERE id = @1", id);
    }

    public static void SaveProgress(DatabaseSession session, Job job)
    {
        session.Execute("UPDATE job SET state = @2, attempts = @3, next_try_at = @4, problem = @5, server_words = @6, finished_at = @7, account_id = @8 WHERE id = @1",
            job.Id, (int)job.State, job.Attempts, Milliseconds(job.NextTryAt), job.Problem, job.ServerWords, Milliseconds(job.FinishedAt), job.AccountId);
    }

    /// <summary>Moves a job on a person's word, unless it has left the state in which the person saw it; false then.</summary>
    public static bool TryMove(DatabaseSession session, Job job, JobState from) =>
        session.Execute("UPDATE job SET state = @2, next_try_at = @3, finished_at = @4, account_id = @6 WHERE id = @1 AND state = @5",
            job.Id, (int)job.State, Milliseconds(job.NextTryAt), Milliseconds(job.FinishedAt), (int)from, job.AccountId) == 1;

    public static void SaveRecipients(DatabaseSession session, Job job)
    {
        for (var i = 0; i < job.Recipients.Count; i++)
            session.Execute("UPDATE recipient SET state = @3, server_words = @4 WHERE job_id = @1 AND ordinal = @2",
                job.Id, i, (int)job.Recipients[i].State, job.Recipients[i].ServerWords);
    }

    /// <returns>False when it does not wait any more.</returns>
    public static bool Hold(DatabaseSession session, long id, string problem, string serverWords) =>
        session.Execute("UPDATE job SET state = 2, problem = @2, server_words = @3 WHERE id = @1 AND state = 1", id, problem, serverWords) == 1;

    public static void NameOrphans(DatabaseSession session, string problem) => session.Execute(
        "UPDATE job SET problem = @1, server_words = '' WHERE state = 2 AND problem IS NOT @1 AND account_id NOT IN (SELECT id FROM account)", problem);

    public static List<long> Release(DatabaseSession session, long accountId, DateTimeOffset now) => session.Query(
        "UPDATE job SET state = 1, next_try_at = @2 WHERE account_id = @1 AND state = 2 RETURNING id", row => row.Long(0), accountId, Milliseconds(now));

    public static List<(long Id, DateTimeOffset NextTryAt)> Waiting(DatabaseSession session, long accountId) =>
        session.Query("SELECT id, next_try_at FROM job WHERE account_id = @1 AND state = 1", row => (row.Long(0), row.Time(1)), accountId);

    /// <summary>The first held job of the account above that number, else the oldest.</summary>
    public static long? NextHeld(DatabaseSession session, long accountId, long after)
    {
        const string first = "SELECT min(id) FROM job WHERE account_id = @1 AND state = 2";
        return session.First($"SELECT coalesce(({first} AND id > @2), ({first}))", row => row.LongOrNull(0), accountId, after);
    }

    public static Job? Find(DatabaseSession session, long id) =>
        session.First($"SELECT {Columns} FROM job WHERE id = @1", Read, id) is { } job ? job with { Recipients = Recipients(session, id) } : null;

    public static List<Job> List(DatabaseSession session, JobFilter filter)
    {
        var search = filter.Search;
        var jobs = search is null
            ? session.Query($"SELECT {Columns} FROM job WHERE {Fits} ORDER BY id DESC LIMIT @4", Read, (int?)filter.State, filter.AccountId, filter.Before, filter.Most)
            : session.Query($"SELECT {Columns} FROM job WHERE {Fits} AND ({Found}) ORDER BY id DESC LIMIT @4", Read, (int?)filter.State, filter.AccountId, filter.Before, filter.Most,
                search.Pattern, search.JobId, search.DeviceList, search.ProblemList);
        return [.. jobs.Select(job => job with { Recipients = Recipients(session, job.Id) })];
    }

    /// <summary>How many jobs there are in each state, and up to which number that is all of them.</summary>
    public static (long Mark, Dictionary<JobState, long> Counts) Counts(DatabaseSession session)
    {
        var mark = Mark(session);
        return (mark, session.Query("SELECT state, count(*) FROM job WHERE id <= @1 GROUP BY state", row => (State: (JobState)row.Int(0), Count: row.Long(1)), mark)
            .ToDictionary(row => row.State, row => row.Count));
    }

    public static byte[]? Body(DatabaseSession session, long id) => session.First("SELECT octets FROM body WHERE job_id = @1", row => row.Bytes(0), id);

    public static long LastId(DatabaseSession session) => session.First("SELECT coalesce(max(id), 0) FROM job", row => row.Long(0));

    public static List<(long Id, long AccountId, JobState State, DateTimeOffset NextTryAt)> Unfinished(DatabaseSession session) =>
        session.Query("SELECT id, account_id, state, next_try_at FROM job WHERE state IN (1, 2)",
            row => (row.Long(0), row.Long(1), (JobState)row.Int(2), row.Time(3)));

    public static HashSet<string> SpoolNames(DatabaseSession session) =>
        [.. session.Query("SELECT spool_name FROM job WHERE spool_name IS NOT NULL", row => row.Text(0))];

    /// <summary>Jobs whose body's time is over, at most <paramref name="count"/>: their bodies go, the rows stay.</summary>
    public static List<Expired> ExpireBodies(DatabaseSession session, DateTimeOffset finishedBefore, int count)
    {
        var found = session.Query("SELECT id, spool_name FROM job WHERE state IN (4, 5) AND finished_at < @1 "
            + "AND (spool_name IS NOT NULL OR body_segment IS NOT NULL OR EXISTS (SELECT 1 FROM body WHERE job_id = job.id)) LIMIT @2", ReadExpired, Milliseconds(finishedBefore), count);
        foreach (var one in found)
        {
            DropBody(session, one.JobId);
        }
        return found;
    }

    /// <summary>Jobs whose history's time is over, at most <paramref name="count"/>: nothing of them stays.</summary>
    public static List<Expired> ExpireHistory(DatabaseSession session, DateTimeOffset finishedBefore, int count)
    {
        var found = session.Query("SELECT id, spool_name FROM job WHERE finished_at < @1 LIMIT @2", ReadExpired, Milliseconds(finishedBefore), count);
        foreach (var one in found) session.Execute("DELETE FROM job WHERE id = @1", one.JobId);
        return found;
    }

    private static Expired ReadExpired(Row row) => new(row.Long(0), row.TextOrNull(1));

    /// <param name="JobId">Whose time is over.</param>
    /// <param name="SpoolName">The file to remove now, if it has one.</param>
    public sealed record Expired(long JobId, string? SpoolName);

    private static List<JobRecipient> Recipients(DatabaseSession session, long id) => session.Query(
        "SELECT address, state, server_words FROM recipient WHERE job_id = @1 ORDER BY ordinal",
        row => new JobRecipient(MailAddress.Parse(row.Text(0)), (RecipientState)row.Int(1), row.TextOrNull(2)), id);

    private static Job Read(Row row) => new()
    {
        Id = row.Long(0),
        State = (JobState)row.Int(1),
        ReceivedAt = row.Time(2),
        AccountId = row.Long(3),
        Origin = new Origin { DeviceId = row.LongOrNull(4), ClientAddress = row.Text(5), Greeting = row.Text(6), Protocol = row.Text(7) },
        Sender = row.TextOrNull(8) is { } sender ? MailAddress.Parse(sender) : null,
        Traits = Unpack(row),
        SpoolName = row.TextOrNull(13),
        Attempts = row.Int(14),
        NextTryAt = row.Time(15),
        Problem = row.TextOrNull(16),
        ServerWords = row.TextOrNull(17),
        FinishedAt = row.TimeOrNull(18),
        BodyPlace = row.LongOrNull(19) is { } segment ? new JournalPlace(segment, row.Int(20), row.Int(10)) : null,
        Recipients = [],
    };

    private static long Pack(MessageTraits traits) => ((long)traits.LongestLine << LineShift)
        | (traits.HeaderHasEightBit ? HeaderEightBit : 0L) | (traits.BodyHasEightBit ? BodyEightBit : 0L) | (traits.IsSigned ? Signed : 0L);

    private static MessageTraits Unpack(Row row) => new()
    {
        Subject = row.Text(9),
        Size = row.Long(10),
        HeaderLength = row.Int(11),
        HeaderHasEightBit = (row.Long(12) & HeaderEightBit) != 0,
        BodyHasEightBit = (row.Long(12) & BodyEightBit) != 0,
        IsSigned = (row.Long(12) & Signed) != 0,
        LongestLine = (int)(row.Long(12) >> LineShift),
    };

    private static long Milliseconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds();

    private static long? Milliseconds(DateTimeOffset? at) => at?.ToUnixTimeMilliseconds();
}
