using System.CommandLine;
using DeviceMail.Control;

namespace DeviceMail.Queue;

/// <summary><c>devicemail jobs</c>: Job Status in a terminal.</summary>
public static class JobCommands
{
    private static readonly string[] _states = ["waiting", "sending", "held", "sent", "failed", "cancelled"];

    public static Command Create(CommandFrame frame)
    {
        var state = new Option<string?>("--state") { Description = "Only jobs in this state", HelpName = string.Join('|', _states) };
        var count = new Option<int>("--count") { Description = "At most so many, 1 to 500", DefaultValueFactory = _ => 50 };
        state.Validators.Add(result =>
        {
            if (result.Tokens is [var given] && !_states.Contains(given.Value, StringComparer.OrdinalIgnoreCase))
                result.AddError($"--state cannot be “{given.Value}”: it must be {string.Join(", ", _states[..^1])} or {_states[^1]}.");
        });
        count.Validators.Add(result =>
        {
            if (result.Tokens is [var given] && int.TryParse(given.Value, out var number) && number is < 1 or > 500)
                result.AddError($"--count cannot be {given.Value}: it must be from 1 to 500.");
        });
        var search = new Option<string?>("--search") { Description = "Only jobs with this in subject, sender, recipient or device, with this number or code", HelpName = "TEXT" };
        var command = new Command("jobs", "Mail in our hands, newest first, and what has become of it") { state, count, search };
        frame.Run(command, async run =>
        {
            var query = $"/control/jobs?count={run.Get(count)}{Part("state", run.Get(state))}{Part("search", run.Get(search))}";
            run.Print(await run.Client.GetAsync(query, JobJson.Default.JobViewArray, run.Cancel), JobJson.Default.JobViewArray, PrintList);
        });
        command.Add(Show(frame));
        command.Add(OnOne(frame, "try-now", "Send a waiting or held job at once"));
        command.Add(OnOne(frame, "cancel", "Forget a waiting or held job; nobody gets it"));
        command.Add(SendBy(frame));
        command.Add(Release(frame));
        return command;
    }

    private static string Part(string name, string? value) => value is null ? "" : $"&{name}={Uri.EscapeDataString(value)}";

    private static Command Show(CommandFrame frame)
    {
        var id = new Argument<long>("job") { Description = "Its number" };
        var command = new Command("show", "All about one job") { id };
        frame.Run(command, async run =>
            run.Print(await run.Client.GetAsync($"/control/jobs/{run.Get(id)}", JobJson.Default.JobView, run.Cancel), JobJson.Default.JobView, PrintOne));
        return command;
    }

    private static Command OnOne(CommandFrame frame, string name, string description)
    {
        var id = new Argument<long>("job") { Description = "Its number" };
        var command = new Command(name, description) { id };
        frame.Run(command, async run => run.PrintForService(await run.Client.PostAsync($"/control/jobs/{run.Get(id)}/{name}")));
        return command;
    }

    private static Command SendBy(CommandFrame frame)
    {
        var id = new Argument<long>("job") { Description = "Its number" };
        var account = new Argument<string>("account") { Description = "The address of the account that is to send it" };
        var command = new Command("send-by", "Send a waiting or held job by another account") { id, account };
        frame.Run(command, async run => run.PrintForService(await run.Client.PostAsync($"/control/jobs/{run.Get(id)}/send-by?account={Uri.EscapeDataString(run.Get(account))}")));
        return command;
    }

    private static Command Release(CommandFrame frame)
    {
        var old = new Option<long>("--old") { Description = "How many may have been held for more than 24 hours; without it, their number and age is shown first" };
        var command = new Command("release", "Try all held jobs now") { old };
        frame.Run(command, async run => run.PrintForService(await run.Client.PostAsync($"/control/jobs/release?old={run.Get(old)}")));
        return command;
    }

    private static void PrintList(JobView[] jobs, TextWriter to)
    {
        if (jobs.Length == 0) to.WriteLine("No jobs.");
        foreach (var job in jobs)
            to.WriteLine($"{job.Id,6}  {job.ReceivedAt.ToLocalTime():yyyy-MM-dd HH:mm:ss}  {Plain(job.Status),-26}  {(job.Code is { } code ? $"{code}" : ""),3}  "
                + $"{Plain(string.Join(", ", job.To.Select(one => one.Address)))}  {Plain(job.Subject)}{(job.Problem is { } problem ? $"  ({problem})" : "")}");
    }

    private static void PrintOne(JobView job, TextWriter to)
    {
        to.WriteLine($"Job {job.Id}: {job.Status}{(job.Code is { } code ? $", code {code}" : "")}");
        to.WriteLine($"  Received  {job.ReceivedAt.ToLocalTime():yyyy-MM-dd HH:mm:ss} from {Plain(job.Origin)}, {job.Size} octets");
        to.WriteLine($"  Subject   {Plain(job.Subject)}");
        to.WriteLine($"  From      {Plain(job.From ?? "nobody (a notice)")}, sent by {job.Account}");
        foreach (var recipient in job.To)
            to.WriteLine($"  To        {Plain(recipient.Address)}: {recipient.State.ToLowerInvariant()}{(recipient.ServerWords is { Length: > 0 } words ? $" ({Plain(words)})" : "")}");
        if (job.NextTryAt is { } next) to.WriteLine($"  Next try  {next.ToLocalTime():yyyy-MM-dd HH:mm:ss}, after {job.Attempts} attempts");
        if (job.Wait is { } wait) to.WriteLine($"  Waiting   {wait}");
        if (job.Problem is not null)
        {
            to.WriteLine($"  Problem   {job.Problem}. {job.Cause}");
            to.WriteLine($"  Remedy    {job.Remedy}");
        }
        if (job.ServerWords is { Length: > 0 } said) to.WriteLine($"  Server    {Plain(said)}");
        foreach (var line in job.History ?? [])
            to.WriteLine($"  {line.At.ToLocalTime():yyyy-MM-dd HH:mm:ss}  {Plain(line.Sentence)}{(line.ServerWords.Length > 0 ? $" ({Plain(line.ServerWords)})" : "")}");
    }

    /// <summary>What came with a mail must not steer the terminal that shows it.</summary>
    private static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\ufffd' : c));
}
