using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Queue;
using DeviceMail.Settings;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Queue;

/// <summary>What people may do with jobs: each needs what they were shown, and leaves a trace.</summary>
public sealed class JobDeskTests
{
    private const string Who = "the administrator";

    [Fact]
    public async Task Jobs_held_for_more_than_a_day_are_released_only_by_who_saw_their_number_and_age()
    {
        await using var gateway = await RelayGateway.StartAsync();
        gateway.Relay.Say("RCPT", [.. Enumerable.Repeat("535 5.7.3 not you", 50)]);
        var job = await gateway.AcceptAsync("old");
        await gateway.StateAsync(job, JobState.Held);
        gateway.Relay.Script.Clear();
        await gateway.PauseAsync(gateway.Account);
        gateway.Time.Advance(TimeSpan.FromDays(3));
        await HoldAsync(gateway, job);
        var desk = gateway.Part<JobDesk>();
        var notSeen = Assert.IsType<JobDeskOutcome.NotSeen>(await desk.ReleaseAsync(0, Who));
        Assert.Contains("3 days ago", notSeen.Sentence, StringComparison.Ordinal);
        Assert.Contains("1 job is held", notSeen.Sentence, StringComparison.Ordinal);
        Assert.Equal(JobState.Held, gateway.Queue.Find(job)!.State);
        Assert.IsType<JobDeskOutcome.Done>(await desk.ReleaseAsync(notSeen.Held.OldCount, Who));
        Assert.Equal(Who, gateway.Queue.HistoryOf(job).Last(step => step.Kind == JobEventKind.Released).Who);
    }

    [Fact]
    public async Task Another_account_sends_a_job_that_its_own_cannot()
    {
        await using var gateway = await RelayGateway.StartAsync();
        await gateway.PauseAsync(gateway.Account);
        var other = await gateway.AddAccountAsync("office@contoso.example", new Budget(1, 0, 0));
        var job = await gateway.AcceptAsync("urgent");
        Assert.IsType<JobDeskOutcome.Refused>(await gateway.Part<JobDesk>().SendByAsync(job, "nobody@contoso.example", Who));
        Assert.IsType<JobDeskOutcome.Refused>(await gateway.Part<JobDesk>().SendByAsync(job, gateway.Account.Address.ToString(), Who));
        Assert.IsType<JobDeskOutcome.Done>(await gateway.Part<JobDesk>().SendByAsync(job, "office@contoso.example", Who));
        await gateway.StateAsync(job, JobState.Sent);
        Assert.Contains("office@contoso.example", Assert.Single(gateway.Relay.Messages).Mail, StringComparison.Ordinal);
        Assert.Equal(other.Id, gateway.Queue.Find(job)!.AccountId);
        Assert.Contains(gateway.Part<ActivityLog>().Latest(10), entry => entry.Sentence.Contains("office@contoso.example", StringComparison.Ordinal) && entry.Sentence.Contains(Who, StringComparison.Ordinal));
        Assert.IsType<JobDeskOutcome.Refused>(await gateway.Part<JobDesk>().SendByAsync(job, "scan@contoso.example", Who));
    }

    [Fact]
    public async Task Mail_of_a_removed_account_is_held_and_says_so_until_another_account_sends_it()
    {
        await using var gateway = await RelayGateway.StartAsync();
        await gateway.PauseAsync(gateway.Account);
        var job = await gateway.AcceptAsync("left behind");
        await gateway.AddAccountAsync("office@contoso.example", new Budget(1, 0, 0));
        await gateway.Part<AccountRegister>().RemoveAsync(gateway.Account.Id);
        gateway.Time.Advance(TimeSpan.FromMinutes(1));
        await gateway.StateAsync(job, JobState.Held);
        var released = Assert.IsType<JobDeskOutcome.Done>(await gateway.Part<JobDesk>().ReleaseAsync(0, Who));
        Assert.Equal("0 held jobs are tried now. 1 stays held: its account was removed. Open it in Job Status and let another account send it.", released.Sentence);
        Assert.Equal(Problems.AccountRemoved.Key, gateway.Queue.Find(job)!.Problem);
        Assert.IsType<JobDeskOutcome.Done>(await gateway.Part<JobDesk>().SendByAsync(job, "office@contoso.example", Who));
        await gateway.StateAsync(job, JobState.Sent);
    }

    [Fact]
    public async Task Another_account_takes_no_job_that_is_too_large_for_it()
    {
        await using var gateway = await RelayGateway.StartAsync();
        await gateway.PauseAsync(gateway.Account);
        var small = await gateway.AddAccountAsync("small@contoso.example", new Budget(1, 0, 0));
        await gateway.Part<AccountRegister>().SaveAsync(small with { SizeLimit = 65_536 });
        var job = await gateway.AcceptAsync("large " + new string('l', 70_000));
        Assert.Contains("65,536 at most", Assert.IsType<JobDeskOutcome.Refused>(await gateway.Part<JobDesk>().SendByAsync(job, "small@contoso.example", Who)).Sentence, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_is_downloaded_only_where_the_setting_allows_it_and_each_time_is_written_down()
    {
        await using var gateway = await RelayGateway.StartAsync();
        await gateway.PauseAsync(gateway.Account);
        var job = await gateway.AcceptAsync("secret");
        Assert.IsType<JobDeskOutcome.Refused>(await gateway.Part<JobDesk>().DownloadAsync(job, Who));
        Assert.Empty(gateway.Queue.HistoryOf(job));
        await gateway.Part<SettingsStore>().SaveAsync(new Dictionary<string, string> { ["jobs.download"] = "on" });
        var mail = Assert.IsType<JobDeskOutcome.Mail>(await gateway.Part<JobDesk>().DownloadAsync(job, Who));
        using (var reader = new StreamReader(mail.Octets)) Assert.Contains("a scan", await reader.ReadToEndAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal((JobEventKind.Downloaded, Who), (Assert.Single(gateway.Queue.HistoryOf(job)).Kind, gateway.Queue.HistoryOf(job)[0].Who));
        Assert.Contains(gateway.Part<ActivityLog>().Latest(10), entry => entry.Sentence == $"The mail of job {job} was downloaded by {Who}.");
    }

    [Fact]
    public async Task Waiting_for_the_limit_says_the_place_about_when_and_whose_limit_it_is()
    {
        await using var gateway = await RelayGateway.StartAsync(new Budget(1, 2, 0));
        var jobs = new List<long>();
        for (var i = 0; i < 5; i++) jobs.Add(await gateway.AcceptAsync($"scan {i}"));
        await gateway.StateAsync(jobs[1], JobState.Sent);
        await LabGateway.EventuallyAsync(() => gateway.Part<BudgetBoard>().Of(gateway.Account.Id).FullUntil is not null);
        var views = gateway.Part<JobViews>();
        Assert.Contains("2 messages a minute, and these are used up. This job is number 1 in line and goes out at about 09:31.", views.Whole(gateway.Queue.Find(jobs[2])!).Wait, StringComparison.Ordinal);
        Assert.Contains("number 3 in line and goes out at about 09:32.", views.Whole(gateway.Queue.Find(jobs[4])!).Wait, StringComparison.Ordinal);
        Assert.Contains("scan@contoso.example", views.Whole(gateway.Queue.Find(jobs[4])!).Wait, StringComparison.Ordinal);
        Assert.Null(views.Whole(gateway.Queue.Find(jobs[4])!).Problem);
        gateway.Time.Advance(TimeSpan.FromMinutes(1));
        await gateway.StateAsync(jobs[3], JobState.Sent);
    }

    private static async Task HoldAsync(RelayGateway gateway, long job)
    {
        await gateway.Queue.HoldAsync(gateway.Account.Id, Problems.AccountPaused, "");
        await gateway.StateAsync(job, JobState.Held);
    }
}
