using System.CommandLine;
using DeviceMail.Accounts;
using DeviceMail.Queue;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Queue;

/// <summary>`devicemail jobs` and `devicemail activity`: what Job/Status shows, in a terminal.</summary>
public sealed class JobCommandsTests
{
    [Fact]
    public async Task The_command_line_searches_shows_the_history_and_gives_a_job_to_another_account()
    {
        await using var gateway = await RelayGateway.StartAsync();
        await gateway.AddAccountAsync("office@contoso.example", new Budget(1, 0, 0));
        await gateway.PauseAsync(gateway.Account);
        var job = await gateway.AcceptAsync("Invoice 4711", "ines@contoso.example");
        await gateway.AcceptAsync("another");
        var (_, found, _) = await RunAsync(gateway, "jobs", "--search", "4711");
        Assert.Contains("Invoice 4711", found, StringComparison.Ordinal);
        Assert.DoesNotContain("another", found, StringComparison.Ordinal);
        var (code, _, error) = await RunAsync(gateway, "jobs", "send-by", $"{job}", "nobody@contoso.example");
        Assert.Equal((1, true), (code, error.StartsWith("There is no account “nobody@contoso.example”.", StringComparison.Ordinal)));
        Assert.Equal(0, (await RunAsync(gateway, "jobs", "send-by", $"{job}", "office@contoso.example")).Code);
        await gateway.StateAsync(job, JobState.Sent);
        var (_, shown, _) = await RunAsync(gateway, "jobs", "show", $"{job}");
        Assert.Contains("Given to the account office@contoso.example by an administrator at the command line", shown, StringComparison.Ordinal);
        Assert.Contains("  Sent (250 2.0.0 kept)", shown, StringComparison.Ordinal);
        Assert.Contains($"Job {job} was given to the account office@contoso.example", (await RunAsync(gateway, "activity", "--about", "job")).Output, StringComparison.Ordinal);
        Assert.Contains("\"sentence\"", (await RunAsync(gateway, "activity", "--json")).Output, StringComparison.Ordinal);
        Assert.Equal(1, (await RunAsync(gateway, "activity", "--about", "weather")).Code);
    }

    [Fact]
    public async Task Releasing_old_jobs_at_the_command_line_shows_their_number_and_age_first()
    {
        await using var gateway = await RelayGateway.StartAsync();
        gateway.Unplug();
        var job = await gateway.AcceptAsync("old");
        await gateway.StateAsync(job, JobState.Held);
        await gateway.PauseAsync(gateway.Account);
        gateway.Time.Advance(TimeSpan.FromDays(2));
        await gateway.StateAsync(job, JobState.Held);
        var (code, _, error) = await RunAsync(gateway, "jobs", "release");
        Assert.Equal(1, code);
        Assert.Contains("1 job is held, for more than 24 hours.", error, StringComparison.Ordinal);
        Assert.Contains("`devicemail jobs release --old 1`", error, StringComparison.Ordinal);
        Assert.Equal(JobState.Held, gateway.Queue.Find(job)!.State);
        Assert.Equal(0, (await RunAsync(gateway, "jobs", "release", "--old", "1")).Code);
        Assert.Contains(gateway.Queue.HistoryOf(job), step => step.Kind == JobEventKind.Released && step.Who.Length > 0);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(RelayGateway gateway, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var settings = new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error };
        var code = await CommandLine.RunAsync([.. arguments, "--data", gateway.DataPath], settings);
        return (code, output.ToString(), error.ToString());
    }
}
