using DeviceMail.Storage;

namespace DeviceMail.Queue;

/// <summary>Syncs the spool folder once for all who wait: a sync that begins after a file was made holds its name.</summary>
internal sealed class SpoolSync(DataFolder folder)
{
    private readonly Lock _one = new();
    private long _asked;
    private long _done;

    public void SyncFolder()
    {
        var mine = Interlocked.Increment(ref _asked);
        lock (_one)
        {
            if (_done >= mine) return;
            var covers = Interlocked.Read(ref _asked);
            DurableFile.SyncFolder(folder.Spool);
            _done = covers;
        }
    }
}
