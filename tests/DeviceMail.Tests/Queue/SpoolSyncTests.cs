using DeviceMail.Queue;
using DeviceMail.Storage;

namespace DeviceMail.Tests.Queue;

public sealed class SpoolSyncTests
{
    [Fact]
    public async Task One_sync_serves_all_who_came_while_another_ran()
    {
        var syncs = 0;
        using var first = new ManualResetEventSlim();
        using var running = new ManualResetEventSlim();
        var spool = new SpoolSync(() =>
        {
            if (Interlocked.Increment(ref syncs) != 1) return;
            running.Set();
            first.Wait();
        });
        var leading = Run(spool);
        running.Wait(TestContext.Current.CancellationToken);
        var followers = await StartAsync(spool, 8);
        first.Set();
        await Task.WhenAll([leading, .. followers]);
        // The first sync began before the others came and holds none of their names; the second holds all of them.
        Assert.Equal(2, syncs);
        spool.SyncFolder();
        Assert.Equal(3, syncs);
    }

    [Fact]
    public async Task A_sync_that_failed_failed_for_all_whom_it_was_for_and_the_next_may_succeed()
    {
        // The first, without fault, holds the door until the others have come; the second fails; a third would say that all is well.
        var syncs = 0;
        using var first = new ManualResetEventSlim();
        using var running = new ManualResetEventSlim();
        var spool = new SpoolSync(() =>
        {
            switch (Interlocked.Increment(ref syncs))
            {
                case 1:
                    running.Set();
                    first.Wait();
                    break;
                case 2:
                    throw new StorageFailedException(StorageFailure.Broken, "EIO");
            }
        });
        var leading = Run(spool);
        running.Wait(TestContext.Current.CancellationToken);
        var followers = await StartAsync(spool, 4);
        first.Set();
        await leading;
        foreach (var follower in followers) await Assert.ThrowsAsync<StorageFailedException>(() => follower);
        Assert.Equal(2, syncs);
        spool.SyncFolder();
        Assert.Equal(3, syncs);
    }

    /// <summary>So many who each have made a file and ask for a sync, while another runs.</summary>
    private static async Task<IReadOnlyList<Task>> StartAsync(SpoolSync spool, int count)
    {
        var before = spool.Asked;
        var tasks = Enumerable.Range(0, count).Select(_ => Run(spool)).ToList();
        await Kit.LabGateway.EventuallyAsync(() => spool.Asked == before + count);
        return tasks;
    }

    private static Task Run(SpoolSync spool) => Task.Factory.StartNew(spool.SyncFolder, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
