using CsCheck;
using DeviceMail.Accounts;
using DeviceMail.Sending;
using DeviceMail.Tests.Notices;
using Microsoft.Extensions.Time.Testing;

namespace DeviceMail.Tests.Sending;

/// <summary>Whatever comes and whenever: in no minute more messages, and in no 24 hours more recipients, than the provider allows.</summary>
public sealed class SendBudgetTests
{
    private static readonly Budget _budget = new(3, 25, 100);

    [Fact]
    public void No_window_of_time_holds_more_than_the_budget() =>
        Gen.Select(Gen.Int[0, 90], Gen.Int[1, 20]).Array[1, 200].Sample(asked =>
        {
            var time = new FakeTimeProvider();
            var budget = new SendBudget(time);
            var sent = new List<(DateTimeOffset At, int Recipients)>();
            foreach (var (seconds, recipients) in asked)
            {
                time.Advance(TimeSpan.FromSeconds(seconds));
                if (budget.TryTake(_budget, recipients) == TimeSpan.Zero) sent.Add((time.GetUtcNow(), recipients));
            }
            return sent.All(first =>
                sent.Count(one => one.At >= first.At && one.At - first.At < TimeSpan.FromMinutes(1)) <= 25
                && sent.Where(one => one.At >= first.At && one.At - first.At < TimeSpan.FromDays(1)).Sum(one => one.Recipients) <= 100);
        });

    [Fact]
    public void The_wait_it_names_is_enough_and_not_a_moment_more()
    {
        var time = new FakeTimeProvider();
        var budget = new SendBudget(time);
        for (var count = 0; count < 25; count++) Assert.Equal(TimeSpan.Zero, budget.TryTake(_budget, 1));
        var wait = budget.TryTake(_budget, 1);
        time.Advance(wait - TimeSpan.FromTicks(1));
        Assert.NotEqual(TimeSpan.Zero, budget.TryTake(_budget, 1));
        time.Advance(TimeSpan.FromTicks(1));
        Assert.Equal(TimeSpan.Zero, budget.TryTake(_budget, 1));
    }

    [Fact]
    public void A_wall_clock_that_is_set_back_stops_nobody()
    {
        var time = new JumpingTime();
        var budget = new SendBudget(time);
        for (var count = 0; count < 25; count++) Assert.Equal(TimeSpan.Zero, budget.TryTake(_budget, 1));
        time.Jump(TimeSpan.FromHours(-1));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.Zero, budget.TryTake(_budget, 1));
    }

    [Fact]
    public void A_mail_with_more_recipients_than_a_day_allows_goes_when_the_day_is_free() =>
        Assert.Equal(TimeSpan.Zero, new SendBudget(new FakeTimeProvider()).TryTake(_budget, 101));
}
