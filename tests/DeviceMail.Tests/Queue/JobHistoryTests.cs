using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Queue;

/// <summary>What Job Status remembers of a job, and how it finds one again.</summary>
public sealed class JobHistoryTests
{
    private const string Small = "Subject: scan\r\n\r\nhello\r\n";
    private static readonly Problem _busy = Problems.ServerBusy;

    [Fact]
    public async Task Each_step_is_remembered_in_order_with_who_did_it()
    {
        await using var folder = new QueueFolder();
        var id = await AcceptAsync(folder, Small);
        await TryAsync(folder, new SendOutcome.TryLater(_busy, "450 busy"));
        Assert.True(await folder.Queue.TryNowAsync(id, "the administrator"));
        await folder.Queue.HoldAsync(1, Problems.SignInAgain, "535 no");
        await folder.Queue.ReleaseAsync(1);
        Assert.True(await folder.Queue.CancelAsync(id, "the administrator"));
        var steps = folder.Queue.HistoryOf(id);
        Assert.Equal([JobEventKind.PutOff, JobEventKind.AskedNow, JobEventKind.Held, JobEventKind.Released, JobEventKind.Cancelled], steps.Select(step => step.Kind));
        Assert.Equal(["", "the administrator", "", "", "the administrator"], steps.Select(step => step.Who));
        Assert.Equal(("450 busy", _busy.Key), (steps[0].Words, steps[0].Problem));
        await folder.ReopenAsync();
        Assert.Equal(5, folder.Queue.HistoryOf(id).Count);
    }

    [Fact]
    public async Task What_happens_again_and_again_is_one_line_with_a_count()
    {
        await using var folder = new QueueFolder();
        var id = await AcceptAsync(folder, Small);
        for (var attempt = 0; attempt < 40; attempt++)
        {
            await TryAsync(folder, new SendOutcome.TryLater(_busy, "432 limit", TimeSpan.FromMinutes(1)) { Counts = false });
            folder.Time.Advance(TimeSpan.FromHours(2));
        }
        var step = Assert.Single(folder.Queue.HistoryOf(id));
        Assert.Equal(40, step.Times);
        Assert.Equal(TimeSpan.FromHours(78), step.Until - step.At);
        await TryAsync(folder, new SendOutcome.TryLater(_busy, "451 still busy"));
        Assert.Equal([40, 1], folder.Queue.HistoryOf(id).Select(one => one.Times));
    }

    [Fact]
    public async Task A_forgotten_job_takes_its_history_with_it()
    {
        await using var folder = new QueueFolder();
        var id = await AcceptAsync(folder, Small);
        await folder.Queue.CancelAsync(id);
        Assert.Single(folder.Queue.HistoryOf(id));
        folder.Time.Advance(TimeSpan.FromDays(91));
        await folder.Queue.ExpireAsync();
        Assert.Null(folder.Queue.Find(id));
        Assert.Equal(0, folder.Database.Read(session => session.First("SELECT count(*) FROM job_event", row => row.Long(0))));
    }

    [Theory]
    [InlineData("Invoice", true)]
    [InlineData("invoice 4", true)]
    [InlineData("anna@", true)]
    [InlineData("printer@contoso", true)]
    [InlineData("192.0.2.7", true)]
    [InlineData("1", true)]
    [InlineData("3", false)]
    [InlineData("100%", true)]
    [InlineData("%", true)]
    [InlineData("4%7", false)]
    [InlineData("_nvoice", false)]
    [InlineData("ben@", false)]
    public async Task A_part_of_subject_address_or_the_whole_number_finds_a_job(string text, bool isFound)
    {
        await using var folder = new QueueFolder();
        await AcceptAsync(folder, "Subject: Invoice 4711 100%\r\n\r\n\r\n");
        long? number = long.TryParse(text, out var id) ? id : null;
        var filter = new JobFilter { Search = new JobSearch(text, number, [], []) };
        Assert.Equal(isFound, folder.Queue.List(filter).Count == 1);
        await folder.ReopenAsync();
        Assert.Equal(isFound, folder.Queue.List(filter).Count == 1);
    }

    [Fact]
    public async Task A_code_finds_the_jobs_that_have_it()
    {
        await using var folder = new QueueFolder();
        await AcceptAsync(folder, Small);
        await folder.Queue.HoldAsync(1, Problems.SignInAgain, "535 no");
        JobFilter With(params string[] problems) => new() { Search = new JobSearch("370", 370, [], problems) };
        Assert.Single(folder.Queue.List(With(Problems.SignInAgain.Key)));
        Assert.Empty(folder.Queue.List(With(Problems.Expired.Key)));
    }

    [Fact]
    public async Task A_jobs_place_is_counted_among_those_of_its_account()
    {
        await using var folder = new QueueFolder();
        var ids = new[] { await AcceptAsync(folder, Small), await AcceptAsync(folder, Small), await AcceptAsync(folder, Small) };
        Assert.Equal([1, 2, 3], ids.Select(id => folder.Queue.PlaceOf(folder.Queue.Find(id)!)));
        folder.Queue.TryClaim(1);
        Assert.Equal([null, 1, 2], ids.Select(id => folder.Queue.PlaceOf(folder.Queue.Find(id)!)));
    }

    [Fact]
    public async Task The_days_figures_count_each_hour_once()
    {
        await using var folder = new QueueFolder();
        for (var hour = 0; hour < 30; hour++)
        {
            await AcceptAsync(folder, Small);
            await TryAsync(folder, hour == 29 ? new SendOutcome.Refused(Problems.MessageRefused, "550 no") : new SendOutcome.Sent("250 ok"));
            folder.Time.Advance(TimeSpan.FromHours(1));
        }
        await AcceptAsync(folder, Small);
        await folder.Queue.HoldAsync(1, Problems.SignInAgain, "535 no");
        var day = folder.Queue.Figures.LastDay();
        Assert.Equal((24, 22, 1, 1), (day.Hours.Count, day.Sent, day.Held, day.Failed));
        Assert.All(day.Hours.Take(22), hour => Assert.Equal(1, hour.Sent));
        Assert.Equal((0, 1), (day.Hours[^1].Sent, day.Hours[^1].Held));
        Assert.Equal(folder.Time.GetUtcNow() - TimeSpan.FromHours(2), folder.Queue.Figures.Flow().LastSent);
    }

    [Fact]
    public async Task A_setback_counts_until_another_mail_goes_out()
    {
        await using var folder = new QueueFolder();
        Assert.Equal(new FlowFigures((DateTimeOffset?)null), folder.Queue.Figures.Flow());
        await AcceptAsync(folder, Small);
        await TryAsync(folder, new SendOutcome.Refused(Problems.MessageRefused, "550 no"));
        var tried = folder.Time.GetUtcNow();
        Assert.Equal(new Setback(tried, 1, Problems.MessageRefused.Key, "550 no"), folder.Queue.Figures.Flow().Failed);
        folder.Time.Advance(TimeSpan.FromMinutes(1));
        await AcceptAsync(folder, Small);
        await TryAsync(folder, new SendOutcome.TryLater(Problems.QuotaReached, "554 quota", TimeSpan.FromHours(1)) { Counts = false });
        var putOff = folder.Queue.Figures.Flow().PutOff!;
        Assert.Equal((tried.AddMinutes(1), 1, Problems.QuotaReached.Key, tried.AddMinutes(61)), (putOff.At, putOff.AccountId, putOff.Problem, putOff.NextTryAt));
        folder.Time.Advance(TimeSpan.FromMinutes(1));
        await AcceptAsync(folder, Small);
        await TryAsync(folder, new SendOutcome.Sent("250 ok"));
        Assert.Equal(new FlowFigures(tried.AddMinutes(2)), folder.Queue.Figures.Flow());
    }

    [Fact]
    public async Task Held_jobs_are_counted_with_their_age()
    {
        await using var folder = new QueueFolder();
        var first = folder.Time.GetUtcNow();
        await AcceptAsync(folder, Small);
        folder.Time.Advance(TimeSpan.FromHours(25));
        await AcceptAsync(folder, Small);
        await folder.Queue.HoldAsync(1, Problems.SignInAgain, "535 no");
        var held = folder.Queue.Figures.Held();
        Assert.Equal((2, 1, first), (held.Count, held.OldCount, held.Oldest));
        Assert.Equal(0, folder.Queue.Figures.Held(accountId: 2).Count);
    }

    private static async Task<long> AcceptAsync(QueueFolder folder, string message) => Assert.IsType<AcceptOutcome.Accepted>(await folder.AcceptAsync(message)).JobId;

    private static async Task TryAsync(QueueFolder folder, SendOutcome outcome)
    {
        var job = folder.Queue.TryClaim(1)!;
        await folder.Queue.FinishAsync(job, DeliveryResult.ForAll([job.Recipients[0].Address], outcome));
    }
}
