using System.Security.Cryptography;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Queue;

public sealed class MailQueueTests
{
    private const string Small = "Subject: scan\r\n\r\nhello\r\n";
    private static readonly Problem _busy = new("busy", null, ProblemScope.Message, "Busy", "", "");

    [Fact]
    public async Task An_accepted_mail_is_there_after_the_folder_was_closed_and_opened()
    {
        await using var folder = new QueueFolder();
        var accepted = Assert.IsType<AcceptOutcome.Accepted>(await folder.AcceptAsync(Small, "anna@contoso.example", "ben@contoso.example"));
        await folder.ReopenAsync();
        var job = folder.Queue.TryClaim(1);
        Assert.NotNull(job);
        Assert.Equal(accepted.JobId, job.Id);
        Assert.Equal(["anna@contoso.example", "ben@contoso.example"], job.Recipients.Select(one => one.Address.ToString()));
        using var body = new StreamReader(folder.Queue.OpenBody(job));
        Assert.Equal(Small, await body.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_was_promised_is_there_after_a_kill_before_its_rows_were_written()
    {
        await using var folder = new QueueFolder();
        for (var i = 0; i < 3; i++) await folder.AcceptAsync(Small);
        await folder.AcceptAsync(Message(300_000));
        var sent = folder.Queue.TryClaim(1)!;
        await folder.Queue.FinishAsync(sent, DeliveryResult.ForAll([sent.Recipients[0].Address], new SendOutcome.Sent("250 ok")));
        await folder.AcceptAsync(Small);
        await folder.ReopenAsync();
        Assert.Equal(5, folder.Queue.List(new JobFilter()).Count);
        Assert.Equal(1, folder.Queue.Counts()[JobState.Sent]);
        for (var i = 0; i < 4; i++)
        {
            var job = folder.Queue.TryClaim(1)!;
            using var body = folder.Queue.OpenBody(job);
            Assert.Equal(job.Traits.Size, body.Length);
        }
        Assert.Null(folder.Queue.TryClaim(1));
    }

    [Fact]
    public async Task Bodies_that_wait_long_move_into_the_database_and_the_journals_files_go()
    {
        await using var folder = new QueueFolder();
        await folder.AcceptAsync(Small);
        var claimed = folder.Queue.TryClaim(1)!;
        for (var minute = 0; minute < 2; minute++)
        {
            folder.Time.Advance(TimeSpan.FromMinutes(11));
            await folder.Queue.TidyJournalAsync();
        }
        Assert.Empty(Directory.GetFiles(folder.Journal.Folder));
        using (var body = new StreamReader(folder.Queue.OpenBody(claimed))) Assert.Equal(Small, await body.ReadToEndAsync(TestContext.Current.CancellationToken));
        await folder.ReopenAsync();
        using (var body = new StreamReader(folder.Queue.OpenBody(folder.Queue.TryClaim(1)!))) Assert.Equal(Small, await body.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_large_body_lies_in_the_spool_and_leaves_it_when_sent()
    {
        await using var folder = new QueueFolder();
        var octets = Message(3_000_000);
        await folder.AcceptAsync(octets);
        Assert.Single(Directory.GetFiles(folder.Spool));
        var job = folder.Queue.TryClaim(1)!;
        using (var body = folder.Queue.OpenBody(job))
            Assert.Equal(SHA256.HashData(octets), await SHA256.HashDataAsync(body, TestContext.Current.CancellationToken));
        await folder.Queue.FinishAsync(job, DeliveryResult.ForAll([job.Recipients[0].Address], new SendOutcome.Sent("250 ok")));
        Assert.Empty(Directory.GetFiles(folder.Spool));
    }

    [Fact]
    public async Task A_file_that_no_job_names_is_swept_at_start_and_one_that_a_job_names_is_kept()
    {
        await using var folder = new QueueFolder();
        await folder.AcceptAsync(Message(300_000));
        File.WriteAllText(Path.Combine(folder.Spool, "orphan.eml"), "half a mail");
        await folder.ReopenAsync();
        Assert.DoesNotContain(Directory.GetFiles(folder.Spool), file => file.EndsWith("orphan.eml", StringComparison.Ordinal));
        Assert.Single(Directory.GetFiles(folder.Spool));
    }

    [Fact]
    public async Task Only_the_unfinished_recipients_are_tried_again()
    {
        await using var folder = new QueueFolder();
        await folder.AcceptAsync(Small, "anna@contoso.example", "ben@contoso.example");
        var job = folder.Queue.TryClaim(1)!;
        await folder.Queue.FinishAsync(job, new DeliveryResult(
        [
            new RecipientOutcome(MailAddress.Parse("anna@contoso.example"), new SendOutcome.Sent("250 ok")),
            new RecipientOutcome(MailAddress.Parse("ben@contoso.example"), new SendOutcome.TryLater(_busy, "450 busy")),
        ]));
        Assert.Null(folder.Queue.TryClaim(1));
        folder.Time.Advance(TimeSpan.FromMinutes(1));
        var again = folder.Queue.TryClaim(1)!;
        Assert.Equal(RecipientState.Sent, again.Recipients[0].State);
        Assert.Equal(RecipientState.Open, again.Recipients[1].State);
    }

    [Fact]
    public async Task A_mail_is_given_up_when_it_was_tried_for_so_long_and_not_when_it_only_lay_there()
    {
        await using var folder = new QueueFolder();
        await folder.AcceptAsync(Small);
        folder.Time.Advance(TimeSpan.FromDays(10));
        var began = folder.Time.GetUtcNow();
        Job after;
        do after = await TryLaterAsync(folder);
        while (after.State == JobState.Waiting);
        Assert.Equal((JobState.Failed, Problems.GaveUp.Key, "450 busy"), (after.State, after.Problem, after.ServerWords));
        Assert.InRange(folder.Time.GetUtcNow() - began, TimeSpan.FromDays(1.6), TimeSpan.FromDays(2.4));
    }

    [Fact]
    public async Task After_trouble_of_the_account_the_time_of_a_mail_begins_anew()
    {
        await using var folder = new QueueFolder();
        await folder.AcceptAsync(Small);
        for (var probe = 0; probe < 200; probe++)
        {
            var job = folder.Queue.TryClaim(1)!;
            var held = await folder.Queue.FinishAsync(job, DeliveryResult.ForAll([job.Recipients[0].Address], new SendOutcome.Held(Problems.SignInAgain, "535 no")));
            Assert.Equal((JobState.Held, 0), (held.State, held.Attempts));
            folder.Time.Advance(TimeSpan.FromMinutes(15));
            await folder.Queue.ReleaseAsync(1);
        }
        for (var attempt = 0; attempt < 5; attempt++) Assert.Equal(JobState.Waiting, (await TryLaterAsync(folder)).State);
    }

    [Fact]
    public async Task A_mail_whose_last_recipient_got_it_still_says_why_it_failed_for_the_other()
    {
        await using var folder = new QueueFolder();
        await folder.AcceptAsync(Small, "anna@contoso.example", "ben@contoso.example");
        var job = folder.Queue.TryClaim(1)!;
        var (anna, ben) = (job.Recipients[0].Address, job.Recipients[1].Address);
        await folder.Queue.FinishAsync(job, new DeliveryResult(
            [new RecipientOutcome(anna, new SendOutcome.Refused(Problems.RecipientRefused, "550 5.1.1 no such user")), new RecipientOutcome(ben, new SendOutcome.TryLater(_busy, "450 busy"))]));
        folder.Time.Advance(TimeSpan.FromMinutes(1));
        var failed = await folder.Queue.FinishAsync(folder.Queue.TryClaim(1)!, DeliveryResult.ForAll([ben], new SendOutcome.Sent("250 ok")));
        Assert.Equal((JobState.Failed, Problems.RecipientRefused.Key, "550 5.1.1 no such user"), (failed.State, failed.Problem, failed.ServerWords));
    }

    [Fact]
    public async Task A_body_that_cannot_be_read_now_is_a_fault_of_the_disk_and_not_of_the_mail()
    {
        await using var folder = new QueueFolder();
        await folder.AcceptAsync("Subject: large\r\n\r\n" + new string('x', 300_000));
        var job = folder.Queue.TryClaim(1)!;
        var file = Path.Combine(folder.Spool, job.SpoolName!);
        File.Delete(file);
        Directory.CreateDirectory(file);
        Assert.Equal(StorageFailure.Broken, Assert.Throws<StorageFailedException>(() => folder.Queue.OpenBody(job)).Failure);
        Directory.Delete(file);
        Assert.Throws<FileNotFoundException>(() => folder.Queue.OpenBody(job));
    }

    private static async Task<Job> TryLaterAsync(QueueFolder folder)
    {
        var job = folder.Queue.TryClaim(1)!;
        var after = await folder.Queue.FinishAsync(job, DeliveryResult.ForAll([job.Recipients[0].Address], new SendOutcome.TryLater(_busy, "450 busy")));
        if (after.State == JobState.Waiting) folder.Time.Advance(after.NextTryAt - folder.Time.GetUtcNow());
        return after;
    }

    [Fact]
    public async Task Waiting_for_a_providers_limit_never_gives_up()
    {
        await using var folder = new QueueFolder();
        await folder.AcceptAsync(Small);
        for (var attempt = 0; attempt < 10; attempt++)
        {
            folder.Time.Advance(TimeSpan.FromDays(1));
            var job = folder.Queue.TryClaim(1)!;
            var limit = new SendOutcome.TryLater(_busy, "432 limit", TimeSpan.FromMinutes(1)) { Counts = false };
            Assert.Equal(JobState.Waiting, (await folder.Queue.FinishAsync(job, DeliveryResult.ForAll([job.Recipients[0].Address], limit))).State);
        }
    }

    [Fact]
    public async Task Account_trouble_holds_and_a_release_sends_at_once()
    {
        await using var folder = new QueueFolder();
        await folder.AcceptAsync(Small);
        await folder.AcceptAsync(Small);
        await folder.Queue.HoldAsync(1, _busy, "535 no");
        Assert.Null(folder.Queue.TryClaim(1));
        await folder.ReopenAsync();
        Assert.Null(folder.Queue.TryClaim(1));
        Assert.Equal(2, folder.Queue.Counts()[JobState.Held]);
        await folder.Queue.ReleaseAsync(1);
        Assert.NotNull(folder.Queue.TryClaim(1));
        Assert.NotNull(folder.Queue.TryClaim(1));
    }

    [Fact]
    public async Task A_cancelled_job_is_not_sent()
    {
        await using var folder = new QueueFolder();
        var accepted = Assert.IsType<AcceptOutcome.Accepted>(await folder.AcceptAsync(Small));
        Assert.True(await folder.Queue.CancelAsync(accepted.JobId));
        Assert.Null(folder.Queue.TryClaim(1));
        Assert.False(await folder.Queue.TryNowAsync(accepted.JobId));
    }

    [Theory]
    [InlineData("header", MessageFault.HeaderTooLarge)]
    [InlineData("nul", MessageFault.NulInHeader)]
    [InlineData("loop", MessageFault.Loop)]
    public async Task What_cannot_be_sent_is_refused_and_leaves_nothing(string kind, MessageFault fault)
    {
        await using var folder = new QueueFolder();
        var header = kind switch
        {
            "header" => string.Concat(Enumerable.Repeat("X-Long: " + new string('a', 900) + "\r\n", 120)),
            "nul" => "Subject: a\0b\r\n",
            _ => string.Concat(Enumerable.Repeat("Received: by x\r\n", 51)),
        };
        var outcome = await folder.AcceptAsync(header + "\r\n" + new string('b', 300_000) + "\r\n");
        Assert.Equal(fault, Assert.IsType<AcceptOutcome.Refused>(outcome).Why);
        Assert.Empty(Directory.GetFiles(folder.Spool));
        Assert.Empty(folder.Queue.List(new JobFilter()));
    }

    [Fact]
    public async Task A_fresh_job_that_is_held_and_released_in_one_moment_is_sent()
    {
        await using var folder = new QueueFolder();
        for (var i = 0; i < 200; i++)
        {
            await folder.AcceptAsync(Small);
            var job = folder.Queue.TryClaim(1)!;
            var held = folder.Queue.FinishAsync(job, DeliveryResult.ForAll([job.Recipients[0].Address], new SendOutcome.Held(_busy, "busy")));
            Job? again = null;
            while (again is null && !held.IsCompleted)
            {
                await folder.Queue.ReleaseAsync(1);
                again = folder.Queue.TryClaim(1);
            }
            await held;
            await folder.Queue.ReleaseAsync(1);
            again ??= folder.Queue.TryClaim(1);
            Assert.NotNull(again);
            await folder.Queue.FinishAsync(again, DeliveryResult.ForAll([job.Recipients[0].Address], new SendOutcome.Sent("250 ok")));
        }
    }

    [Fact]
    public void Every_state_is_reached_and_no_finished_state_is_left()
    {
        foreach (var state in Enum.GetValues<JobState>())
        {
            Assert.True(state == JobState.Received || JobStates.Table.Values.Contains(state), $"{state} is never reached");
            if (JobStates.IsFinished(state)) Assert.DoesNotContain(JobStates.Table.Keys, key => key.From == state);
        }
    }

    private static byte[] Message(int size)
    {
        var line = "0123456789012345678901234567890123456789\r\n"u8;
        using var message = new MemoryStream();
        message.Write("Subject: big\r\n\r\n"u8);
        while (message.Length < size) message.Write(line);
        return message.ToArray();
    }

    [Fact]
    public async Task No_job_is_claimed_twice_however_often_its_account_is_released()
    {
        const int jobs = 1_500;
        await using var folder = new QueueFolder();
        for (var count = 0; count < jobs; count++) await folder.AcceptAsync(Small);
        var claimed = new System.Collections.Concurrent.ConcurrentQueue<long>();
        var finished = 0;
        var senders = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            while (Volatile.Read(ref finished) < jobs)
            {
                if (folder.Queue.TryClaim(1) is not { } job)
                {
                    await Task.Yield();
                    continue;
                }
                claimed.Enqueue(job.Id);
                await folder.Queue.FinishAsync(job, DeliveryResult.ForAll([job.Recipients[0].Address], new SendOutcome.Sent("250 ok")));
                Interlocked.Increment(ref finished);
            }
        })).ToList();
        while (!senders.TrueForAll(one => one.IsCompleted)) await folder.Queue.ReleaseAsync(1);
        await Task.WhenAll(senders);
        Assert.Equal(jobs, claimed.Count);
        Assert.Equal(jobs, claimed.Distinct().Count());
    }
}
