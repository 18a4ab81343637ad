using DeviceMail.Activity;
using DeviceMail.Settings;
using DeviceMail.Storage;

namespace DeviceMail.Queue;

/// <summary>Puts away what the queue no longer needs, and moves what it needs for long.</summary>
internal sealed partial class QueueUpkeep(QueueStorage storage, FreshJobs fresh, TimeProvider time, ILogger log)
{
    private const int BodiesAtOnce = 32;
    private static readonly TimeSpan _journalAge = TimeSpan.FromMinutes(10);

    /// <summary>Jobs that one write forgets.</summary>
    private const int ExpireAtOnce = 200;

    /// <summary>Removes bodies and history whose time is over.</summary>
    public async Task ExpireAsync(SettingsSnapshot snapshot)
    {
        var now = time.GetUtcNow();
        var (failedBefore, forgottenBefore) = (now - snapshot.Get(SettingsCatalogue.KeepFailed), now - snapshot.Get(SettingsCatalogue.KeepHistory));
        await ExpireAsync(session => JobStore.ExpireBodies(session, failedBefore, ExpireAtOnce));
        await ExpireAsync(session => JobStore.ExpireHistory(session, forgottenBefore, ExpireAtOnce));
    }

    /// <summary>In small steps, so that mail which comes meanwhile waits for no long one.</summary>
    private async Task ExpireAsync(Func<DatabaseSession, List<JobStore.Expired>> step)
    {
        List<JobStore.Expired> gone;
        do
        {
            gone = await storage.Database.WriteAsync(step);
            foreach (var one in gone) RemoveSpoolFile(one.SpoolName);
        }
        while (gone.Count == ExpireAtOnce);
    }

    /// <summary>What is held and belongs to no account that there is waits for nobody any more, whatever held it: it says so.</summary>
    public Task NameOrphansAsync() => storage.Database.WriteAsync(session => JobStore.NameOrphans(session, Problems.AccountRemoved.Key));

    /// <summary>Moves small bodies that have lain in the journal for a while into the database, so that its files go.</summary>
    public async Task TidyJournalAsync()
    {
        storage.Journal.CloseOlderThan(_journalAge);
        if (storage.Journal.ClosedBefore(time.GetUtcNow() - _journalAge) is not { Count: > 0 } segments) return;
        await fresh.WriteAsync();
        foreach (var segment in segments)
            if (await MoveBodiesAsync(segment)) storage.Journal.Release(segment);
    }

    /// <returns>Whether nothing is needed of the file any more. A body that cannot be read stays where its row says, for whoever mends the disk.</returns>
    private async Task<bool> MoveBodiesAsync(long segment)
    {
        while (storage.Database.Read(session => JobStore.InSegment(session, segment, BodiesAtOnce)) is { Count: > 0 } jobs)
        {
            var bodies = new List<(long Id, byte[] Octets)>();
            foreach (var (id, place) in jobs)
            {
                if (storage.Journal.Read(place) is not { } octets)
                {
                    LogUnreadable(id, segment);
                    return false;
                }
                bodies.Add((id, octets));
            }
            await storage.Database.WriteAsync(session =>
            {
                foreach (var (id, octets) in bodies) JobStore.MoveBody(session, id, octets);
            });
        }
        return true;
    }

    /// <summary>Removes files of the spool that no job names: nothing was promised for them.</summary>
    public void Sweep()
    {
        var known = storage.Database.Read(JobStore.SpoolNames);
        foreach (var file in Directory.EnumerateFiles(storage.Database.Folder.Spool))
        {
            var name = Path.GetFileName(file);
            if (known.Contains(name)) continue;
            RemoveSpoolFile(name);
            LogSwept(name);
        }
    }

    /// <summary>A body that nobody needs. What cannot be removed now goes with the next sweep.</summary>
    public void RemoveSpoolFile(string? name)
    {
        if (name is null) return;
        try
        {
            File.Delete(Path.Combine(storage.Database.Folder.Spool, name));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            LogNotRemoved(name, fault.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "{File} could not be removed from the spool: {Reason}. The next start of the gateway tries again")]
    private partial void LogNotRemoved(string file, string reason);

    [LoggerMessage(LogLevel.Critical, "The journal cannot give the body of job {Job} (file {Segment}): check the disk. The row keeps its place")]
    private partial void LogUnreadable(long job, long segment);

    [LoggerMessage(LogLevel.Information, "Swept {File} from the spool: no job names it, so nothing was promised for it")]
    private partial void LogSwept(string file);
}
