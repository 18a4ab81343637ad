using System.IO.Pipelines;
using System.Text;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Queue;

/// <summary>"Accepted" means on the disk; what was not accepted leaves nothing; what was is never forgotten, whatever fails meanwhile.</summary>
public sealed class PromiseTests
{
    private const string Small = "Subject: scan\r\n\r\nhello\r\n";
    private static readonly Problem _busy = new("busy", null, ProblemScope.Message, "Busy", "", "");
    private static readonly string _large = "Subject: big\r\n\r\n" + string.Concat(Enumerable.Repeat("0123456789012345678901234567890123456789\r\n", 8_000));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Nothing_is_accepted_before_the_journal_has_it(bool isLarge)
    {
        await using var folder = new QueueFolder();
        using var entered = new ManualResetEventSlim();
        using var gate = new ManualResetEventSlim();
        var block = Task.Run(() => folder.Journal.AppendAsync(ReadOnlyMemory<byte>.Empty, ReadOnlyMemory<byte>.Empty, (_, _) =>
        {
            entered.Set();
            gate.Wait();
            return 0;
        }));
        entered.Wait(TestContext.Current.CancellationToken);
        var accepting = folder.AcceptAsync(isLarge ? _large : Small);
        // The body is complete and in memory: all that can still be waited for is the journal.
        var (isEarly, claimed) = (accepting.IsCompleted, folder.Queue.TryClaim(1));
        gate.Set();
        await block;
        Assert.False(isEarly);
        Assert.Null(claimed);
        Assert.IsType<AcceptOutcome.Accepted>(await accepting);
    }

    [Fact]
    public async Task A_spooled_mail_is_not_accepted_when_its_folder_cannot_be_synced()
    {
        await using var folder = new QueueFolder();
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 0));
        var accepting = folder.AcceptAsync(pipe.Reader);
        await pipe.Writer.WriteAsync(Encoding.ASCII.GetBytes(_large), TestContext.Current.CancellationToken);
        await LabGateway.EventuallyAsync(() => Directory.GetFiles(folder.Spool).Length == 1);
        // The file is open and can still be written and synced; its name is what goes.
        Directory.Move(folder.Spool, folder.Spool + "-away");
        await pipe.Writer.CompleteAsync();
        await Assert.ThrowsAsync<StorageFailedException>(() => accepting);
        Assert.Empty(folder.Queue.List(new JobFilter()));
        Directory.Move(folder.Spool + "-away", folder.Spool);
    }

    [Fact]
    public async Task A_disk_that_fails_in_the_middle_does_not_leave_the_sender_waiting()
    {
        await using var folder = new QueueFolder();
        Directory.Delete(folder.Spool);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 64 << 10, resumeWriterThreshold: 32 << 10));
        var accepting = folder.AcceptAsync(pipe.Reader);
        FlushResult flushed;
        do flushed = await pipe.Writer.WriteAsync(Encoding.ASCII.GetBytes(_large), TestContext.Current.CancellationToken);
        while (!flushed.IsCompleted);
        await Assert.ThrowsAsync<StorageFailedException>(() => accepting);
        Directory.CreateDirectory(folder.Spool);
    }

    [Fact]
    public async Task While_the_journal_cannot_keep_it_nothing_is_accepted_and_afterwards_mail_is_taken_by_itself()
    {
        await using var folder = new QueueFolder();
        Directory.Delete(folder.Journal.Folder);
        await Assert.ThrowsAsync<StorageFailedException>(() => folder.AcceptAsync(Small));
        await Assert.ThrowsAsync<StorageFailedException>(() => folder.AcceptAsync(_large));
        Assert.Empty(Directory.GetFiles(folder.Spool));
        Assert.Empty(folder.Queue.List(new JobFilter()));
        Directory.CreateDirectory(folder.Journal.Folder);
        await folder.AcceptAsync(Small);
        Assert.NotNull(folder.Queue.TryClaim(1));
        Assert.Null(folder.Queue.TryClaim(1));
    }

    [Fact]
    public async Task While_the_database_fails_no_new_mail_is_asked_for_and_what_the_journal_promised_is_kept()
    {
        await using var folder = new QueueFolder();
        await folder.AcceptAsync(Small);
        await folder.BreakAsync(async () =>
        {
            Assert.False(folder.Queue.HasRoomFor(0));
            // A device that was told to go on before the disk failed.
            await folder.AcceptAsync(Small);
        });
        Assert.True(folder.Queue.HasRoomFor(0));
        await folder.AcceptAsync(Small);
        await folder.ReopenAsync();
        for (var i = 0; i < 3; i++) Assert.NotNull(folder.Queue.TryClaim(1));
        Assert.Null(folder.Queue.TryClaim(1));
    }

    [Fact]
    public async Task A_disk_that_fails_while_a_job_is_held_or_cancelled_or_hurried_leaves_the_job_in_its_line()
    {
        await using var folder = new QueueFolder();
        var accepted = Assert.IsType<AcceptOutcome.Accepted>(await folder.AcceptAsync(Small));
        await folder.BreakAsync(async () =>
        {
            await Assert.ThrowsAsync<StorageFailedException>(() => folder.Queue.HoldAsync(1, _busy, "535"));
            await Assert.ThrowsAsync<StorageFailedException>(() => folder.Queue.CancelAsync(accepted.JobId));
            await Assert.ThrowsAsync<StorageFailedException>(() => folder.Queue.TryNowAsync(accepted.JobId));
        });
        Assert.Equal(accepted.JobId, folder.Queue.TryClaim(1)!.Id);
    }

    [Fact]
    public async Task A_release_that_failed_and_is_on_the_disk_all_the_same_leaves_no_job_without_a_line()
    {
        await using var folder = new QueueFolder();
        await folder.AcceptAsync(Small);
        await folder.Queue.HoldAsync(1, _busy, "535");
        // What the file holds after a commit that failed can be either.
        await folder.Database.WriteAsync(session => session.Execute("UPDATE job SET state = 1"));
        await folder.Queue.ReleaseAsync(1);
        Assert.NotNull(folder.Queue.TryClaim(1));
    }

    [Fact]
    public async Task A_job_that_a_sender_has_is_not_given_to_another_by_a_release()
    {
        await using var folder = new QueueFolder();
        await folder.AcceptAsync(Small);
        var claimed = folder.Queue.TryClaim(1)!;
        await folder.Queue.ReleaseAsync(1);
        Assert.Null(folder.Queue.TryClaim(1));
        folder.Queue.Return(claimed);
        Assert.Equal(claimed.Id, folder.Queue.TryClaim(1)!.Id);
        Assert.Null(folder.Queue.TryClaim(1));
    }

    [Fact]
    public async Task A_job_that_was_hurried_keeps_no_second_place_in_its_line()
    {
        await using var folder = new QueueFolder();
        await folder.AcceptAsync(Small);
        await PutOffAsync(folder, null);
        await folder.Queue.TryNowAsync(1);
        // It is put off again, and its first place, due in about half a minute, must not count any more.
        await PutOffAsync(folder, TimeSpan.FromHours(2));
        folder.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Null(folder.Queue.TryClaim(1));
        folder.Time.Advance(TimeSpan.FromHours(2));
        Assert.NotNull(folder.Queue.TryClaim(1));
        Assert.Null(folder.Queue.TryClaim(1));
    }

    [Fact]
    public async Task A_held_job_that_is_released_first_is_not_cancelled_afterwards()
    {
        await using var folder = new QueueFolder();
        await folder.AcceptAsync(Small);
        await folder.Queue.HoldAsync(1, _busy, "535");
        using var gate = new ManualResetEventSlim();
        var block = folder.Database.WriteAsync(_ => gate.Wait());
        var release = folder.Queue.ReleaseAsync(1);
        var cancel = folder.Queue.CancelAsync(1);
        gate.Set();
        await Task.WhenAll(block, release);
        Assert.False(await cancel);
        Assert.NotNull(folder.Queue.TryClaim(1));
    }

    [Fact]
    public async Task Room_is_what_the_setting_asks_beside_one_and_a_half_times_the_message()
    {
        await using var folder = new QueueFolder();
        Assert.True(folder.Queue.HasRoomFor(1_000_000));
        Assert.False(folder.Queue.HasRoomFor(long.MaxValue / 2));
        await folder.SetAsync(SettingsCatalogue.MinFreeSpace, "1099511627776");
        Assert.False(folder.Queue.HasRoomFor(0));
    }

    [Fact]
    public async Task The_body_of_a_failed_mail_goes_after_its_time_and_its_history_after_a_longer_one()
    {
        await using var folder = new QueueFolder();
        foreach (var message in (string[])[_large, Small])
        {
            await folder.AcceptAsync(message);
            var job = folder.Queue.TryClaim(1)!;
            await folder.Queue.FinishAsync(job, DeliveryResult.ForAll(job.Recipients.Select(one => one.Address), new SendOutcome.Refused(_busy, "550")));
        }
        folder.Time.Advance(TimeSpan.FromDays(14) - TimeSpan.FromMinutes(1));
        await folder.Queue.ExpireAsync();
        Assert.Single(Directory.GetFiles(folder.Spool));
        using (folder.Queue.OpenBody(folder.Queue.Find(2)!)) { }
        folder.Time.Advance(TimeSpan.FromMinutes(2));
        await folder.Queue.ExpireAsync();
        Assert.Empty(Directory.GetFiles(folder.Spool));
        Assert.Throws<FileNotFoundException>(() => folder.Queue.OpenBody(folder.Queue.Find(2)!));
        Assert.Equal(2, folder.Queue.List(new JobFilter(JobState.Failed)).Count);
        folder.Time.Advance(TimeSpan.FromDays(76));
        await folder.Queue.ExpireAsync();
        Assert.Empty(folder.Queue.List(new JobFilter()));
    }

    [Fact]
    public async Task History_that_ends_before_the_bodies_do_takes_them_along()
    {
        await using var folder = new QueueFolder();
        await folder.SetAsync(SettingsCatalogue.KeepHistory, "1h");
        await folder.AcceptAsync(_large);
        await folder.Queue.CancelAsync(1);
        await folder.AcceptAsync(Small);
        folder.Time.Advance(TimeSpan.FromHours(2));
        await folder.Queue.ExpireAsync();
        Assert.Empty(Directory.GetFiles(folder.Spool));
        Assert.Equal(2, Assert.Single(folder.Queue.List(new JobFilter())).Id);
    }

    [Fact]
    public async Task A_sent_mails_file_that_a_crash_left_is_swept()
    {
        await using var folder = new QueueFolder();
        await folder.AcceptAsync(_large);
        var job = folder.Queue.TryClaim(1)!;
        var file = Path.Combine(folder.Spool, job.SpoolName!);
        await folder.Queue.FinishAsync(job, DeliveryResult.ForAll(job.Recipients.Select(one => one.Address), new SendOutcome.Sent("250")));
        // As if the power had gone between the commit and the removal.
        await File.WriteAllTextAsync(file, "left", TestContext.Current.CancellationToken);
        await folder.ReopenAsync();
        Assert.Empty(Directory.GetFiles(folder.Spool));
        Assert.Equal(JobState.Sent, folder.Queue.Find(1)!.State);
    }

    private static async Task PutOffAsync(QueueFolder folder, TimeSpan? wait)
    {
        var job = folder.Queue.TryClaim(1)!;
        await folder.Queue.FinishAsync(job, DeliveryResult.ForAll(job.Recipients.Select(one => one.Address), new SendOutcome.TryLater(_busy, "450", wait)));
    }
}
