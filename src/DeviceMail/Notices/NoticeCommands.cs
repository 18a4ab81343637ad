using System.CommandLine;
using DeviceMail.Control;

namespace DeviceMail.Notices;

/// <summary><c>devicemail notices</c>: what the gateway tells by mail, and a test of it.</summary>
public static class NoticeCommands
{
    public static Command Create(CommandFrame frame)
    {
        var command = new Command("notices", "What the gateway tells by mail, to whom and by which route");
        frame.Run(command, run => PrintAsync(run));
        var list = new Command("list", "The same as `devicemail notices`");
        frame.Run(list, run => PrintAsync(run));
        command.Add(list);
        var second = new Option<bool>("--second") { Description = "By the second route, even when the first can send" };
        var test = new Command("test", "Send a test mail to the administrator") { second };
        frame.Run(test, async run => run.Print(await run.Client.PostAsync($"/control/notices/test?second={(run.Get(second) ? "true" : "false")}")));
        command.Add(test);
        return command;
    }

    internal static void Map(RouteGroupBuilder control)
    {
        control.MapGet("/notices", IResult (HttpContext context) =>
            Results.Json(context.RequestServices.GetRequiredService<NoticeOffice>().Report(), NoticesJson.Default.NoticeReport));
        control.MapPost("/notices/test", async Task<IResult> (HttpContext context) =>
        {
            var office = context.RequestServices.GetRequiredService<NoticeOffice>();
            var wantsSecond = context.Request.Query["second"] == "true";
            if (wantsSecond && office.SecondRoute is null)
                return ControlAnswers.Refused("There is no second route. `devicemail settings set notices.second-route ADDRESS` names an account for it.");
            return await office.TestAsync(wantsSecond ? office.SecondRoute : null) switch
            {
                TestMail.HandedIn handedIn => ControlAnswers.Done($"{handedIn.Sentence} `devicemail jobs show {handedIn.JobId}` says what becomes of it."),
                TestMail.Refused refused => ControlAnswers.Refused(refused.Sentence),
                _ => throw new InvalidOperationException("A test mail is handed in or refused."),
            };
        });
    }

    private static async Task PrintAsync(CommandRun run) =>
        run.Print(await run.Client.GetAsync("/control/notices", NoticesJson.Default.NoticeReport, run.Cancel), NoticesJson.Default.NoticeReport, Print);

    private static void Print(NoticeReport report, TextWriter to)
    {
        to.WriteLine($"Told to: {report.Reader ?? "nobody; set administrator.address"}");
        to.WriteLine($"First route: {report.FirstRoute ?? "none; there is no account"}");
        to.WriteLine($"Second route: {report.SecondRoute ?? "none; set notices.second-route"}");
        foreach (var warning in report.Warnings) to.WriteLine($"  {warning}");
        foreach (var line in report.Kinds)
        {
            to.WriteLine($"{line.Key}{(line.IsThere ? ", there now" : "")}: {line.Title}");
            to.WriteLine($"  {line.WhenItComes} Told to: {line.ToWhom.ToLowerInvariant()}.");
            to.WriteLine(line.LastTold is { } told ? $"  Last told {told.ToLocalTime():yyyy-MM-dd HH:mm} to {line.LastTo} by {line.LastBy}" : "  Never told yet");
        }
    }
}
