using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.EmailServer;
using DeviceMail.Queue;

namespace DeviceMail.Tests.EmailServer;

/// <summary>The answer of the first page and of `devicemail status`, state by state.</summary>
public sealed class AnswerTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 24, 9, 30, 0, TimeSpan.Zero);

    [Fact]
    public void All_is_well()
    {
        Assert.Equal(new Answer("ok", "Mail goes out", "The last mail left 2 min ago. Nothing is held, and nothing waits."), Answer.Of(Status() with { LastSent = _now.AddMinutes(-2) }));
        Assert.Equal("No mail has gone out yet. 1 job is waiting and will go out by itself.", Answer.Of(Status() with { Jobs = new JobFigures(1, 0, 0, 0) }).Advice);
    }

    [Fact]
    public void A_mail_that_did_not_go_out_is_told_with_what_follows()
    {
        var quota = ProblemLine.Of(Problems.QuotaReached, "554 5.2.0", "scan@contoso.example");
        var waits = Answer.Of(Status() with { Jobs = new JobFigures(3, 0, 0, 0), LastSent = _now.AddHours(-2), Setback = new SetbackLine("scan@contoso.example", quota, _now.AddHours(1)) });
        Assert.Equal(("warn", "Mail waits: the provider's daily limit is reached (scan@contoso.example)"), (waits.Mark, waits.Headline));
        Assert.EndsWith(" 3 jobs are waiting; the next attempt is in 60 min. The last mail left 2 hours ago.", waits.Advice, StringComparison.Ordinal);
        var refused = ProblemLine.Of(Problems.RecipientRefused, "550 5.1.1", "scan@contoso.example");
        var failed = Answer.Of(Status() with { Setback = new SetbackLine("scan@contoso.example", refused, null) });
        Assert.Equal("The last mail was not delivered: the recipient was refused", failed.Headline);
        Assert.Equal(("Open Job Status", "/jobs?state=failed"), failed.Step);
    }

    [Theory]
    [InlineData("not-signed-in", "Sign in", "bad")]
    [InlineData("expired", "Sign in", "bad")]
    [InlineData("sign-in-again", "Sign in", "bad")]
    [InlineData("unreachable", "Open Email Server", "bad")]
    [InlineData("server-unreachable", "Check the server's address", "bad")]
    [InlineData("smtp-auth-off", "Open Email Server", "bad")]
    [InlineData("account-paused", "Open Email Server", "held")]
    public void Trouble_of_an_account_comes_first_with_the_one_thing_to_do(string key, string step, string mark)
    {
        var answer = Answer.Of(Status(key, held: 14));
        Assert.Equal((mark, step), (answer.Mark, answer.Step?.Text));
        Assert.StartsWith("Mail is held: ", answer.Headline, StringComparison.Ordinal);
        Assert.Contains("The 14 held jobs go out by themselves then. ", answer.Advice, StringComparison.Ordinal);
        Assert.Contains(Problems.Find(key)!.RemedyFor("scan@contoso.example"), answer.Advice, StringComparison.Ordinal);
        Assert.Equal(key, answer.Problem?.Key);
    }

    [Fact]
    public void A_new_gateway_one_without_account_and_a_full_disk_say_what_to_do()
    {
        Assert.Equal("This gateway is new and takes no mail", Answer.Of(Status() with { IsClaimed = false }).Headline);
        Assert.Equal(("Set up the email server", "/email-server"), Answer.Of(Status() with { Accounts = [] }).Step);
        Assert.Equal("bad", Answer.Of(Status("expired", held: 1) with { DiskTrouble = "no space" }).Mark);
        Assert.StartsWith("No mail is taken", Answer.Of(Status("expired", held: 1) with { DiskTrouble = "no space" }).Headline, StringComparison.Ordinal);
    }

    [Fact]
    public void The_chart_shows_held_on_sent_and_never_leaves_its_frame()
    {
        var hours = Enumerable.Range(0, 24).Select(hour => new HourFigures(_now.AddHours(hour - 23), hour, hour == 23 ? 10 : 0, 0)).ToList();
        var chart = DayChart.Of(new DayFigures(hours));
        Assert.All(chart.Bars, bar => Assert.InRange(bar.Sent + bar.Held, 0, DayChart.Height));
        Assert.All(chart.Bars, bar => Assert.InRange(bar.Left + bar.Wide, 0, DayChart.Width));
        Assert.Equal("276 sent, 10 held, none failed", chart.Totals);
        Assert.EndsWith("23 sent, 10 held", chart.Bars[^1].Title, StringComparison.Ordinal);
        Assert.DoesNotContain("Busiest", DayChart.Of(new DayFigures([.. hours.Select(hour => hour with { Sent = 0, Held = 0 })])).Label, StringComparison.Ordinal);
    }

    private static GatewayStatus Status(string? problem = null, long held = 0) => new()
    {
        Gateway = "gateway",
        Version = "1",
        At = _now,
        IsClaimed = true,
        Jobs = new JobFigures(0, held, 0, 0),
        DevicesAllowed = 1,
        DevicesWaiting = 0,
        Accounts = [new AccountLine(1, "scan@contoso.example", "Custom") { Mark = "ok", Status = "Signed in", InLine = 0, Held = held, Problem = problem is null ? null : ProblemLine.Of(Problems.Find(problem)!, "", "scan@contoso.example") }],
    };
}
