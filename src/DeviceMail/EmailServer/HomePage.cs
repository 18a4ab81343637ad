using DeviceMail.Activity;
using DeviceMail.Queue;
using DeviceMail.Storage;
using DeviceMail.Web;

namespace DeviceMail.EmailServer;

/// <summary>A line of what happened last: a sentence of Activity, or a mail that went out.</summary>
public sealed record LatestLine(DateTimeOffset At, string Sentence, string Detail = "");

public sealed record HomeModel(PageShell Shell, Answer Answer, GatewayStatus Status)
{
    public required DayFigures Day { get; init; }

    public required IReadOnlyList<LatestLine> Latest { get; init; }

    public required HeldFigures Held { get; init; }

    /// <summary>The devices that ask to be let in, by a sentence about the first; null: none.</summary>
    public string? Asking { get; init; }

    /// <summary>Free octets of the disk.</summary>
    public required long FreeSpace { get; init; }

    public DateTimeOffset Now => Status.At;

    /// <summary>The sign-in that ends first, where one is expected to.</summary>
    public AccountLine? NextToEnd => Status.Accounts.Where(account => account.PredictedEnd > Now && account.Problem is null).MinBy(account => account.PredictedEnd);
}

/// <summary>The first page: is mail going out, and if not, what do I do?</summary>
internal static class HomePage
{
    private const int LinesShown = 8;

    public static void MapHome(this WebApplication app) => app.MapGet("/", IResult (HttpContext context) =>
    {
        var status = context.Part<StatusReader>().Read();
        var (queue, waiting) = (context.Part<MailQueue>(), context.Part<Devices.DeviceRegister>().Waiting);
        return HomeView.Create(new HomeModel(context.Part<PageShells>().For(context, Menu.Home, "Home"), Answer.Of(status), status)
        {
            Day = queue.Figures.LastDay(),
            Held = queue.Figures.Held(),
            Latest = Latest(context),
            Asking = waiting.Count == 0 ? null : AskingOf(waiting[0], status.At),
            FreeSpace = context.Part<DataFolder>().FreeSpace,
        });
    });

    private static string AskingOf(Devices.WaitingDevice device, DateTimeOffset now) =>
        $"{device.Address}{(device.Greeting is { Length: > 0 } name ? $" calls itself {name} and" : "")} has tried {(device.Attempts == 1 ? "once" : $"{device.Attempts} times since {Words.Moment(device.FirstSeen, now)}")}.";

    /// <summary>Activity and the mails that went out, by time.</summary>
    private static List<LatestLine> Latest(HttpContext context)
    {
        var views = context.Part<JobViews>();
        var sent = context.Part<MailQueue>().List(new JobFilter(JobState.Sent, Count: LinesShown)).Select(job => (Job: job, View: views.Of(job)))
            .Select(one => new LatestLine(one.Job.FinishedAt ?? one.Job.ReceivedAt, SentSentence(one.View), $"{Words.Size(one.View.Size)}, {char.ToLowerInvariant(one.View.Status[0])}{one.View.Status[1..]}"));
        var happened = context.Part<ActivityLog>().Latest(LinesShown).Select(entry => new LatestLine(entry.At, ActivityWords.Of(entry)));
        return [.. sent.Concat(happened).OrderByDescending(line => line.At).Take(LinesShown)];
    }

    private static string SentSentence(JobView job) =>
        $"Mail from {job.Origin} went out to {job.To[0].Address}{(job.To.Count > 1 ? $" and {job.To.Count - 1} more" : "")}.";
}

/// <summary>The chart of the last 24 hours: a bar an hour, sent filled, held hollow above it; its words say the same.</summary>
/// <param name="Bars">Where each hour's bars stand.</param>
/// <param name="Label">The whole chart in one sentence.</param>
/// <param name="Totals">Sent, held and failed, in words.</param>
public sealed record DayChart(IReadOnlyList<ChartBar> Bars, string Label, string Totals)
{
    public const int Width = 480, Height = 96;

    private const double Step = 20, Bar = 14, Top = 4;

    public static DayChart Of(DayFigures day)
    {
        var most = Math.Max(1, day.Hours.Max(hour => hour.Sent + hour.Held));
        var scale = (Height - Top) / most;
        var bars = day.Hours.Select((hour, index) => new ChartBar(index * Step + 3, Bar, hour.Sent * scale, hour.Held * scale)
        {
            Title = $"{Words.Time(hour.From)} to {Words.Time(hour.From.AddHours(1))}: {hour.Sent} sent{(hour.Held > 0 ? $", {hour.Held} held" : "")}",
        });
        var totals = $"{Count(day.Sent)} sent, {Count(day.Held)} held, {Count(day.Failed)} failed";
        var busiest = day.Hours.MaxBy(hour => hour.Sent)!;
        var label = $"Jobs in each hour since {Words.Time(day.Hours[0].From)} yesterday: {totals}."
            + (busiest.Sent == 0 ? "" : $" Busiest from {Words.Time(busiest.From)} to {Words.Time(busiest.From.AddHours(1))} with {busiest.Sent}.");
        return new DayChart([.. bars], label, totals);
    }

    private static string Count(int number) => number == 0 ? "none" : number.ToString("N0", System.Globalization.CultureInfo.InvariantCulture);
}

/// <summary>One hour's bars: held stands on sent.</summary>
public sealed record ChartBar(double Left, double Wide, double Sent, double Held)
{
    public required string Title { get; init; }
}
