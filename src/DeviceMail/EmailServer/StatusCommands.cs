using System.CommandLine;
using DeviceMail.Control;

namespace DeviceMail.EmailServer;

/// <summary><c>devicemail status</c>: the first page of Web Config, in a terminal.</summary>
public static class StatusCommands
{
    public static Command Create(CommandFrame frame)
    {
        var command = new Command("status", "Whether mail goes out, and if not, what to do");
        frame.Run(command, async run =>
            run.Print(await run.Client.GetAsync("/control/status", EmailServerJson.Default.GatewayStatus, run.Cancel), EmailServerJson.Default.GatewayStatus,
                (status, to) => Print(status, run.Client.IsService, to)));
        return command;
    }

    internal static void Map(RouteGroupBuilder control) => control.MapGet("/status", IResult (HttpContext context) =>
        Results.Json(context.RequestServices.GetRequiredService<StatusReader>().Read(), EmailServerJson.Default.GatewayStatus));

    private static void Print(GatewayStatus status, bool isService, TextWriter to)
    {
        var answer = Answer.Of(status);
        if (!isService) to.WriteLine("No service runs on this folder: nothing is taken or sent. Start it with devicemail run. When it ran last:");
        to.WriteLine($"{answer.Headline}.");
        to.WriteLine($"  {answer.Advice}");
        foreach (var sentence in status.NeedsPerson) to.WriteLine($"  {sentence}");
        foreach (var account in status.Accounts) Print(account, to);
        to.WriteLine($"Jobs: {status.Jobs.Waiting} waiting, {status.Jobs.Held} held, {status.Jobs.Sent} sent, {status.Jobs.Failed} failed");
        to.WriteLine($"Devices: {status.DevicesAllowed} allowed, {status.DevicesWaiting} waiting to be let in");
        to.WriteLine($"{status.Gateway}, {status.Version}");
    }

    private static string Use(BudgetLine use) => string.Join(", ", new[]
    {
        $"{use.Connections} of {use.MostConnections} connections",
        use.MostMessages > 0 ? $"{use.MessagesThisMinute} of {use.MostMessages} messages this minute" : "",
        use.MostRecipients > 0 ? $"{use.RecipientsToday:N0} of {use.MostRecipients:N0} recipients in 24 hours" : "",
    }.Where(part => part.Length > 0));

    private static void Print(AccountLine account, TextWriter to)
    {
        to.WriteLine($"Account {account.Address} ({account.Service}): {account.Status}{(account.PredictedEnd is { } end ? $", expected to end on {end:d MMMM yyyy}" : "")}");
        if (account.PredictedEndReason.Length > 0) to.WriteLine($"  {account.PredictedEndReason}");
        if (account.Budget is { MostMessages: > 0 } or { MostRecipients: > 0 }) to.WriteLine($"  Uses of its limits: {Use(account.Budget)}");
        if (account.Problem is not { } problem) return;
        to.WriteLine($"  {(problem.Code is { } code ? $"Code {code}. " : "")}{problem.Cause}");
        to.WriteLine($"  What to do: {problem.Remedy}");
        if (problem.ServerWords.Length > 0) to.WriteLine($"  The server said: {problem.ServerWords}");
    }
}
