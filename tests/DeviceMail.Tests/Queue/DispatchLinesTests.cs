using DeviceMail.Queue;
using DeviceMail.Tests.Notices;

namespace DeviceMail.Tests.Queue;

/// <summary>Waits in the line do not depend on the wall clock.</summary>
public sealed class DispatchLinesTests
{
    [Theory]
    [InlineData(-1)]
    [InlineData(-24)]
    [InlineData(24 * 365 * 10)]
    public void A_job_is_due_after_its_wait_however_the_wall_clock_was_set(int hours)
    {
        var time = new JumpingTime();
        var lines = new DispatchLines(time);
        lines.Add(1, 7, time.GetUtcNow().AddSeconds(30));
        time.Jump(TimeSpan.FromHours(hours));
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.Null(lines.TryClaim(1));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(7, lines.TryClaim(1));
    }

    [Fact]
    public void A_due_time_that_was_written_by_a_wrong_clock_holds_nobody_up()
    {
        var time = new JumpingTime();
        var lines = new DispatchLines(time);
        lines.Add(1, 7, time.GetUtcNow().AddYears(10));
        time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(7, lines.TryClaim(1));
    }
}
