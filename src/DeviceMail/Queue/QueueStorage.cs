using DeviceMail.Storage;

namespace DeviceMail.Queue;

/// <summary>Where the queue keeps what it promised: the journal first, the database soon after.</summary>
public sealed record QueueStorage(Database Database, Journal Journal)
{
    /// <summary>Why nothing can be promised now, or null.</summary>
    public StorageFailedException? Failure => Database.Failure ?? Journal.Failure;

    /// <summary>The message as it was handed in: CRLF line ends, no dot-stuffing. Seekable; the caller disposes it.</summary>
    /// <exception cref="FileNotFoundException">The body is gone: the job is finished, or somebody removed its file.</exception>
    /// <exception cref="StorageFailedException">The disk does not give it now.</exception>
    public Stream OpenBody(Job job)
    {
        try
        {
            if (job.SpoolName is not null)
                return new FileStream(Path.Combine(Database.Folder.Spool, job.SpoolName), FileMode.Open, FileAccess.Read, FileShare.Read, 64 << 10);
            var octets = job.BodyPlace is { } place ? Journal.Read(place) : null;
            octets ??= Database.Read(session => JobStore.Body(session, job.Id));
            return octets is null ? throw new FileNotFoundException($"The body of job {job.Id} is gone.") : new MemoryStream(octets, writable: false);
        }
        catch (Exception fault) when (fault is UnauthorizedAccessException or IOException and not (FileNotFoundException or DirectoryNotFoundException))
        {
            throw new StorageFailedException(StorageFailure.Broken, fault.Message, fault);
        }
    }
}
