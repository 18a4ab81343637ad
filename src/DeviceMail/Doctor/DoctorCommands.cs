using System.CommandLine;
using System.Globalization;
using DeviceMail.Control;

namespace DeviceMail.Doctor;

/// <summary><c>devicemail doctor</c>: looks along the whole way of a mail and says what stands in it.</summary>
public static class DoctorCommands
{
    private const string Path = "/control/doctor";

    public static Command Create(CommandFrame frame)
    {
        var account = new Argument<string>("account") { Description = "Only this account: its address or number; with --tenant the mailbox that will send", DefaultValueFactory = _ => "" };
        var command = new Command("doctor", "Look along the whole way of a mail and say what stands in it; changes nothing, sends nothing. With --tenant, set the organisation up") { account };
        var tenant = new TenantCommands();
        tenant.AddTo(command);
        command.SetAction(async (arguments, cancel) =>
        {
            await using var client = await ControlClient.OpenAsync(frame.DataPath(arguments), frame.Build, cancel);
            if (tenant.IsAsked(arguments))
            {
                await tenant.RunAsync(new CommandRun(arguments, client, arguments.GetValue(frame.Json), cancel), arguments.GetValue(account) ?? "");
                return 0;
            }
            var report = await client.GetAsync($"{Path}?account={Uri.EscapeDataString(arguments.GetValue(account) ?? "")}", DoctorJson.Default.DoctorReport, cancel);
            new CommandRun(arguments, client, arguments.GetValue(frame.Json), cancel).Print(report, DoctorJson.Default.DoctorReport, Print);
            return report.Failed == 0 ? 0 : 1;
        });
        return command;
    }

    internal static void Map(RouteGroupBuilder control) => control.MapGet("/doctor", async Task<IResult> (HttpContext context) =>
    {
        var visits = context.RequestServices.GetRequiredService<DoctorVisits>();
        var asked = context.Request.Query["account"].ToString();
        var account = asked.Length == 0 ? null : visits.Find(asked);
        if (asked.Length > 0 && account is null) return ControlAnswers.Refused($"There is no account {asked}. `devicemail accounts` lists them.");
        return Results.Json(await visits.ExamineAsync(account, context.RequestAborted), DoctorJson.Default.DoctorReport);
    });

    private static void Print(DoctorReport report, TextWriter to)
    {
        var about = "";
        foreach (var line in report.Lines)
        {
            if (line.Account != about) to.WriteLine(line.Account.Length > 0 ? $"Account {line.Account}" : "The gateway");
            about = line.Account;
            Print(line, to);
        }
        to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Passed} passed, {report.Warned} to know, {report.Failed} failed, {report.Unknown} unknown"));
    }

    internal static void Print(DoctorLine line, TextWriter to)
    {
        to.WriteLine($"{DoctorWords.Of(line.Mark),-8} {line.Key,-20} {line.Sentence}");
        if (line.Remedy.Length > 0) to.WriteLine($"         What to do: {line.Remedy}");
        foreach (var way in line.Ways)
        {
            to.WriteLine($"         {way.Title}:");
            if (way.Path.Length > 0) to.WriteLine($"           {way.Path}");
            foreach (var one in way.Lines) to.WriteLine($"             {one}");
        }
        foreach (var words in line.ServerWords.Split('\n', StringSplitOptions.RemoveEmptyEntries)) to.WriteLine($"         It said: {words}");
    }
}

/// <summary>How a mark is said and drawn.</summary>
internal static class DoctorWords
{
    public static string Of(DoctorMark mark) => mark switch
    {
        DoctorMark.Passed => "passed",
        DoctorMark.Warned => "to know",
        DoctorMark.Failed => "FAILED",
        DoctorMark.Unknown => "unknown",
        _ => "waiting",
    };

    /// <summary>The class of the status line.</summary>
    public static string Class(DoctorMark mark) => mark switch
    {
        DoctorMark.Passed => "ok",
        DoctorMark.Warned => "warn",
        DoctorMark.Failed => "bad",
        DoctorMark.Unknown => "off",
        _ => "wait",
    };
}
