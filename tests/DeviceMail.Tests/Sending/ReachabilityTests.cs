using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.EmailServer;
using DeviceMail.Queue;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Sending;

/// <summary>A mail server that cannot be reached is the account's trouble: everybody sees it, one probe asks, and all mail goes when it is back.</summary>
public sealed class ReachabilityTests
{
    [Fact]
    public async Task A_server_that_cannot_be_reached_holds_all_mail_says_so_everywhere_and_is_asked_by_one_probe()
    {
        await using var gateway = await RelayGateway.StartAsync();
        gateway.Unplug();
        var jobs = new List<long>();
        for (var i = 0; i < 5; i++) jobs.Add(await gateway.AcceptAsync($"scan {i}"));
        foreach (var job in jobs) await gateway.StateAsync(job, JobState.Held);
        Assert.Equal(1, gateway.Relay.Connections);
        Assert.Equal("server-unreachable", gateway.Part<AccountStatusBoard>().StandsInTheWay(gateway.Account.Id)?.Key);
        var answer = Answer.Of(gateway.Part<StatusReader>().Read());
        Assert.Equal("bad", answer.Mark);
        Assert.StartsWith("Mail is held: the mail server cannot be reached", answer.Headline, StringComparison.Ordinal);
        Assert.Equal(360, gateway.Part<JobViews>().Of(gateway.Queue.Find(jobs[4])!).Code);

        await ProbeAsync(gateway, TimeSpan.FromSeconds(10), 2);
        await ProbeAsync(gateway, TimeSpan.FromSeconds(20), 3);
        gateway.PlugIn();
        gateway.Time.Advance(TimeSpan.FromSeconds(60));
        foreach (var job in jobs) await gateway.StateAsync(job, JobState.Sent);
        await LabGateway.EventuallyAsync(() => Answer.Of(gateway.Part<StatusReader>().Read()).Mark == "ok");
        await LabGateway.EventuallyAsync(() => gateway.Part<ActivityLog>().Latest(20).Any(entry => entry.Sentence == "Mail of scan@contoso.example goes out again."));
        Assert.Contains(gateway.Part<ActivityLog>().Latest(20), entry => entry.Sentence.Contains("is held from now on (code 360)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_put_off_by_a_broken_connection_goes_out_with_the_others_when_the_server_is_back()
    {
        await using var gateway = await RelayGateway.StartAsync();
        gateway.Relay.Say(".", "drop");
        var broken = await gateway.AcceptAsync("broken");
        // Its outcome is on the disk a moment before the sender lets go of it.
        await LabGateway.EventuallyAsync(() => gateway.Queue.Find(broken) is { Attempts: 1, State: JobState.Waiting });
        gateway.Unplug();
        var next = await gateway.AcceptAsync("next");
        await gateway.StateAsync(next, JobState.Held);
        await gateway.StateAsync(broken, JobState.Held);
        gateway.PlugIn();
        gateway.Time.Advance(TimeSpan.FromSeconds(10));
        await gateway.StateAsync(broken, JobState.Sent);
        await gateway.StateAsync(next, JobState.Sent);
    }

    [Fact]
    public async Task A_server_that_answers_and_refuses_one_mail_is_reached_again()
    {
        await using var gateway = await RelayGateway.StartAsync();
        gateway.Unplug();
        var refused = await gateway.AcceptAsync("refused", "gone@contoso.example");
        var good = await gateway.AcceptAsync("good");
        await gateway.StateAsync(good, JobState.Held);
        gateway.PlugIn();
        gateway.Relay.Say("RCPT TO:<gone@", "550 5.1.1 no such user");
        gateway.Time.Advance(TimeSpan.FromSeconds(10));
        await gateway.StateAsync(refused, JobState.Failed);
        await gateway.StateAsync(good, JobState.Sent);
    }

    [Fact]
    public async Task A_sign_in_service_that_does_not_answer_holds_mail_with_360_and_it_goes_out_by_itself()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.EntraUnreachable = true;
        await gateway.RestartAsync();
        await gateway.HandInAsync("offline", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Queue.List(new JobFilter(JobState.Held)).Any(job => job.Problem == "unreachable"));
        Assert.Equal(360, gateway.Status.StandsInTheWay(gateway.Account.Id)?.Code);
        gateway.Lab.Switches.EntraUnreachable = false;
        await gateway.Queue.TryNowAsync(1);
        await gateway.ArrivesAsync("anna@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Status.StandsInTheWay(gateway.Account.Id) is null);
    }

    /// <summary>The time passes, and one connection is made; nothing else is tried.</summary>
    private static async Task ProbeAsync(RelayGateway gateway, TimeSpan wait, int connections)
    {
        gateway.Time.Advance(wait);
        await LabGateway.EventuallyAsync(() => gateway.Relay.Connections == connections && gateway.Queue.Counts().GetValueOrDefault(JobState.Held) == 5);
    }
}
