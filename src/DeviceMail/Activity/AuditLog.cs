using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using DeviceMail.Settings;
using DeviceMail.Storage;

namespace DeviceMail.Activity;

/// <summary>Who did something.</summary>
/// <param name="Who">administrator, command line, or API key and its name.</param>
/// <param name="Client">From where: an IP address, or “this machine”.</param>
public sealed record Actor(string Who, string Client);

/// <summary>What somebody did. Never holds a secret: that one was set or cleared is all that is told of it.</summary>
/// <param name="What">What was done, in the past: Saved the account.</param>
/// <param name="Subject">To what: the account's address, the setting's page.</param>
public sealed record Deed(string What, string Subject)
{
    public string Before { get; init; } = "";

    public string After { get; init; } = "";
}

public sealed record AuditEntry(long Id, DateTimeOffset At, Actor By, Deed Deed, byte[] Hash);

/// <summary>Whether the log is what was written.</summary>
public abstract record AuditCheck
{
    /// <param name="Count">How many entries were read.</param>
    /// <param name="LastHash">Names the whole chain: noted elsewhere, it proves later that nothing was put in its place.</param>
    public sealed record Intact(long Count, string LastHash) : AuditCheck;

    /// <param name="Entry">The first entry that does not fit.</param>
    /// <param name="Sentence">What is wrong with it.</param>
    public sealed record Broken(long Entry, string Sentence) : AuditCheck;
}

/// <summary>
/// Who did what, when and from where, with the values before and after. Entries are only added; each carries a hash over itself and the one
/// before it, so that a change in the file shows.
/// </summary>
public sealed class AuditLog(Database database, SettingsStore settings, TimeProvider time)
{
    private const int Page = 500;
    private const string Columns = "SELECT id, at, who, client, what, subject, before, after, hash FROM audit";

    public Task RecordAsync(Actor by, Deed deed)
    {
        var now = time.GetUtcNow();
        var kept = settings.Current.Get(SettingsCatalogue.KeepAudit);
        return database.WriteAsync(session =>
        {
            Prune(session, now - kept);
            var former = session.First("SELECT hash FROM audit ORDER BY id DESC LIMIT 1", row => row.Bytes(0)) ?? Start(session).Hash;
            var id = session.First("SELECT seq FROM sqlite_sequence WHERE name = 'audit'", row => row.Long(0)) + 1;
            var entry = new AuditEntry(id, DateTimeOffset.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds()), by, deed, []);
            session.Execute("INSERT INTO audit (id, at, who, client, what, subject, before, after, hash) VALUES (@1, @2, @3, @4, @5, @6, @7, @8, @9)",
                id, entry.At.ToUnixTimeMilliseconds(), by.Who, by.Client, deed.What, deed.Subject, deed.Before, deed.After, HashOf(entry, former));
        });
    }

    /// <summary>Newest first.</summary>
    /// <param name="before">Only entries with a smaller number; null: all.</param>
    /// <param name="count">At most so many, 1 to 500.</param>
    public List<AuditEntry> List(long? before, int count) => database.Read(session =>
        session.Query($"{Columns} WHERE id < @1 ORDER BY id DESC LIMIT @2", Read, before ?? long.MaxValue, Math.Clamp(count, 1, Page)));

    /// <summary>Reads the log, page by page.</summary>
    /// <param name="newest">At most so many entries, the newest; the whole log has no such bound.</param>
    public AuditCheck Verify(long newest = long.MaxValue)
    {
        var ((last, hash), count) = (database.Read(session => Begin(session, newest)), 0L);
        while (true)
        {
            var page = database.Read(session => session.Query($"{Columns} WHERE id > @1 ORDER BY id LIMIT @2", Read, last, Page));
            foreach (var entry in page)
            {
                if (entry.Id != last + 1) return new AuditCheck.Broken(last + 1, $"Entry {last + 1} is missing.");
                if (!entry.Hash.AsSpan().SequenceEqual(HashOf(entry, hash))) return new AuditCheck.Broken(entry.Id, $"Entry {entry.Id} is not what was written, or the one before it is not.");
                (last, hash, count) = (entry.Id, entry.Hash, count + 1);
            }
            if (page.Count < Page) break;
        }
        var given = database.Read(session => session.First("SELECT seq FROM sqlite_sequence WHERE name = 'audit'", row => row.Long(0)));
        return given > last ? new AuditCheck.Broken(last + 1, $"Entry {last + 1} is missing.") : new AuditCheck.Intact(count, Convert.ToHexStringLower(hash));
    }

    /// <summary>What is older than the setting says goes, and the chain begins behind it.</summary>
    private static void Prune(DatabaseSession session, DateTimeOffset until)
    {
        var old = session.First("SELECT id, hash FROM audit WHERE at < @1 ORDER BY id DESC LIMIT 1", row => new Link(row.Long(0), row.Bytes(1)), until.ToUnixTimeMilliseconds());
        if (old is null) return;
        session.Execute("UPDATE audit_start SET entry = @1, hash = @2", old.Id, old.Hash);
        session.Execute("DELETE FROM audit WHERE id <= @1", old.Id);
    }

    private static Link Begin(DatabaseSession session, long newest) => session.First(
        "SELECT id, hash FROM audit WHERE id <= (SELECT max(id) FROM audit) - @1 ORDER BY id DESC LIMIT 1", row => new Link(row.Long(0), row.Bytes(1)), newest) ?? Start(session);

    private static Link Start(DatabaseSession session) => session.First("SELECT entry, hash FROM audit_start", row => new Link(row.Long(0), row.Bytes(1)))!;

    private static AuditEntry Read(Row row) => new(row.Long(0), row.Time(1), new Actor(row.Text(2), row.Text(3)),
        new Deed(row.Text(4), row.Text(5)) { Before = row.Text(6), After = row.Text(7) }, row.Bytes(8));

    private static byte[] HashOf(AuditEntry entry, byte[] former)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(former);
        Span<byte> number = stackalloc byte[8];
        foreach (var value in (long[])[entry.Id, entry.At.ToUnixTimeMilliseconds()])
        {
            BinaryPrimitives.WriteInt64BigEndian(number, value);
            hash.AppendData(number);
        }
        foreach (var text in (string[])[entry.By.Who, entry.By.Client, entry.Deed.What, entry.Deed.Subject, entry.Deed.Before, entry.Deed.After])
        {
            var octets = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt64BigEndian(number, octets.Length);
            hash.AppendData(number);
            hash.AppendData(octets);
        }
        return hash.GetHashAndReset();
    }

    private sealed record Link(long Id, byte[] Hash);
}
