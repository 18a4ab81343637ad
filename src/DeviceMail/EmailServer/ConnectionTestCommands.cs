using System.CommandLine;
using DeviceMail.Accounts;
using DeviceMail.Control;
using DeviceMail.Messages;

namespace DeviceMail.EmailServer;

/// <summary><c>devicemail accounts test</c>: the page Connection Test, in a terminal.</summary>
public static class ConnectionTestCommands
{
    public static Command Create(CommandFrame frame)
    {
        var address = new Argument<string>("address") { Description = "The account to test" };
        var to = new Option<string>("--send-to") { Description = "Also send a test mail to this address" };
        var command = new Command("test", "Go the way of a mail up to the point where it would follow; nothing is sent unless asked") { address, to };
        frame.Run(command, async run =>
        {
            var report = await run.Client.PostAsync($"/control/accounts/test?address={Uri.EscapeDataString(run.Get(address))}", new ConnectionTestRequest(run.Get(to) ?? ""),
                ConnectionTestJson.Default.ConnectionTestRequest, ConnectionTestJson.Default.ConnectionTestReport);
            run.Print(report, ConnectionTestJson.Default.ConnectionTestReport, Print);
            if (!report.Passed) throw new CommandRefusedException($"Mail of {report.Account} cannot go out through {report.Server}.");
        });
        return command;
    }

    internal static void Map(RouteGroupBuilder control) => control.MapPost("/accounts/test", async Task<IResult> (string address, HttpContext context) =>
    {
        var asked = (await context.Request.ReadFromJsonAsync(ConnectionTestJson.Default.ConnectionTestRequest))!;
        if (AccountControl.Find(context.RequestServices.GetRequiredService<AccountRegister>(), address) is not { } account)
            return ControlAnswers.Refused($"There is no account “{address}”. `devicemail accounts` lists them.");
        if (asked.To.Length > 0 && !MailAddress.TryParse(asked.To, out _)) return ControlAnswers.Refused($"“{asked.To}” is not a mail address; it needs the form name@domain.");
        var subject = new ConnectionTestSubject(account, account) { MailTo = asked.To.Length > 0 ? MailAddress.Parse(asked.To) : null };
        var (run, done) = context.RequestServices.GetRequiredService<ConnectionTests>().Start(subject);
        await done;
        return Results.Json(new ConnectionTestReport(account.Address.ToString(), $"{account.Host}:{account.Port}", run.Passed, run.Steps), ConnectionTestJson.Default.ConnectionTestReport);
    });

    private static void Print(ConnectionTestReport report, TextWriter to)
    {
        to.WriteLine($"{report.Account} by {report.Server}");
        foreach (var step in report.Steps) Print(step, to);
    }

    private static void Print(ConnectionTestStep step, TextWriter to)
    {
        to.WriteLine($"  {Word(step.Mark),-6}  {step.Sentence}{(step.Milliseconds is { } took ? $" ({took} ms)" : "")}");
        foreach (var detail in step.Details) to.WriteLine($"          {detail}");
        if (step.Fault is not { } fault) return;
        to.WriteLine($"          {fault.Remedy}");
        if (fault.Fields.Count > 0) to.WriteLine($"          Fields: {string.Join(", ", fault.Fields.Select(field => field.Name))}");
        if (fault.Line is { } line) to.WriteLine($"          Line to run: {line}");
        foreach (var words in fault.ServerWords.Split('\n', StringSplitOptions.RemoveEmptyEntries)) to.WriteLine($"          It said: {words}");
    }

    private static string Word(string mark) => mark switch
    {
        "bad" => "FAILED",
        "off" => "-",
        _ => mark,
    };
}
