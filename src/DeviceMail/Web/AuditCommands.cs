using System.CommandLine;
using System.Text.Json.Serialization;
using DeviceMail.Activity;
using DeviceMail.Control;

namespace DeviceMail.Web;

/// <summary>One entry of the audit log as the command line prints it.</summary>
public sealed record AuditLine(long Id, DateTimeOffset At, string Who, string Client, string What)
{
    public required string Subject { get; init; }

    public required string Before { get; init; }

    public required string After { get; init; }

    /// <summary>The chain's hash up to this entry.</summary>
    public required string Mark { get; init; }

    public static AuditLine Of(AuditEntry entry) => new(entry.Id, entry.At, entry.By.Who, entry.By.Client, entry.Deed.What)
    {
        Subject = entry.Deed.Subject,
        Before = entry.Deed.Before,
        After = entry.Deed.After,
        Mark = Convert.ToHexStringLower(entry.Hash),
    };
}

internal static class AuditControl
{
    public static void Map(RouteGroupBuilder control)
    {
        control.MapGet("/audit", IResult (HttpContext context) =>
        {
            long? before = long.TryParse(context.Request.Query["before"], out var number) ? number : null;
            var count = int.TryParse(context.Request.Query["count"], out var asked) ? asked : 50;
            return Results.Json([.. context.Part<AuditLog>().List(before, count).Select(AuditLine.Of)], AuditJson.Default.AuditLineArray);
        });
        control.MapGet("/audit/verify", IResult (HttpContext context) => context.Part<AuditLog>().Verify() switch
        {
            AuditCheck.Intact intact => ControlAnswers.Done($"All {intact.Count} entries are as they were written. Mark: {intact.LastHash}"),
            AuditCheck.Broken broken => ControlAnswers.Refused($"The audit log is not what was written. {broken.Sentence} Restore the data folder from a backup, and find out who may write in it."),
            _ => throw new InvalidOperationException("A log is intact or broken."),
        });
    }
}

/// <summary><c>devicemail audit</c>: who changed what.</summary>
public static class AuditCommands
{
    public static Command Create(CommandFrame frame)
    {
        var count = new Option<int>("--count") { Description = "At most so many, 1 to 500", DefaultValueFactory = _ => 50 };
        var command = new Command("audit", "Who changed what, when and from where, newest first") { count };
        frame.Run(command, async run =>
            run.Print(await run.Client.GetAsync($"/control/audit?count={run.Get(count)}", AuditJson.Default.AuditLineArray, run.Cancel), AuditJson.Default.AuditLineArray, Print));
        command.Add(Verify(frame));
        return command;
    }

    private static Command Verify(CommandFrame frame)
    {
        var mark = new Option<string?>("--mark") { Description = "A mark noted earlier: it must be one of the log's" };
        var command = new Command("verify", "Check that the log is what was written; ends with 1 when it is not") { mark };
        frame.Run(command, async run =>
        {
            var whole = await run.Client.GetAsync("/control/audit/verify", ControlJson.Default.Done, run.Cancel);
            if (run.Get(mark) is { } noted && !await HasMarkAsync(run, noted))
                throw new CommandRefusedException("The log is whole, but the mark is not one of it: another log was put in its place, or the entry of the mark was removed because its time was over.");
            run.Print(whole);
        });
        return command;
    }

    private static async Task<bool> HasMarkAsync(CommandRun run, string mark)
    {
        var before = long.MaxValue;
        while (true)
        {
            var page = await run.Client.GetAsync($"/control/audit?count=500&before={before}", AuditJson.Default.AuditLineArray, run.Cancel);
            if (page.Any(line => line.Mark.Equals(mark.Trim(), StringComparison.OrdinalIgnoreCase))) return true;
            if (page.Length == 0) return false;
            before = page[^1].Id;
        }
    }

    private static void Print(AuditLine[] lines, TextWriter to)
    {
        if (lines.Length == 0) to.WriteLine("Nothing has been changed yet.");
        foreach (var line in lines)
        {
            to.WriteLine($"{line.Id,6}  {line.At.ToLocalTime():yyyy-MM-dd HH:mm:ss}  {line.Who} ({line.Client})  {Plain(line.What)}  {Plain(line.Subject)}");
            foreach (var (word, text) in ((string, string)[])[("before", line.Before), ("after", line.After)])
                foreach (var value in text.Split('\n', StringSplitOptions.RemoveEmptyEntries)) to.WriteLine($"        {word,-6}  {Plain(value)}");
        }
    }

    /// <summary>What somebody typed must not steer the terminal that shows it.</summary>
    private static string Plain(string text) => string.Concat(text.Select(c => char.IsControl(c) ? '\ufffd' : c));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(AuditLine[]))]
internal sealed partial class AuditJson : JsonSerializerContext;
