using DeviceMail.Storage;

namespace DeviceMail.Queue;

/// <summary>
/// Syncs the spool folder once for all who wait: a sync that begins after a file was made holds its name. A sync that failed failed for all whom
/// it was for: the system tells of a lost write once, so a second sync would say that all is well.
/// </summary>
/// <param name="sync">Returns when the folder's entries are on the disk, or throws.</param>
internal sealed class SpoolSync(Action sync)
{
    private readonly Lock _one = new();
    private long _asked;
    private long _done;
    private long _failed;
    private StorageFailedException? _fault;

    /// <summary>How many asked so far.</summary>
    public long Asked => Interlocked.Read(ref _asked);

    /// <exception cref="StorageFailedException">The entry that the caller made is not on the disk.</exception>
    public void SyncFolder()
    {
        var mine = Interlocked.Increment(ref _asked);
        lock (_one)
        {
            if (mine <= _failed) throw new StorageFailedException(_fault!.Failure, _fault.Message, _fault);
            if (mine <= _done) return;
            var covers = Interlocked.Read(ref _asked);
            try
            {
                sync();
                _done = covers;
            }
            catch (StorageFailedException fault)
            {
                (_failed, _fault) = (covers, fault);
                throw;
            }
        }
    }
}
