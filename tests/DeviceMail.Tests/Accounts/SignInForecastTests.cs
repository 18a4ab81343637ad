using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Notices;
using DeviceMail.Web;

namespace DeviceMail.Tests.Accounts;

/// <summary>The predicted end of a sign-in: from the rules alone, and through the gateway in front of the pretend Entra.</summary>
public sealed class SignInForecastTests
{
    private static readonly DateTimeOffset _since = new(2026, 11, 24, 9, 0, 0, TimeSpan.Zero);

    private static readonly Account _account = new()
    {
        Id = 1,
        Address = MailAddress.Parse("scan@contoso.example"),
        Provider = "exchange-online",
        Method = AuthenticationMethod.OAuth2,
        Host = "smtp.office365.com",
        Port = 587,
        Security = ConnectionSecurity.StartTls,
        SizeLimit = 36_700_160,
        Budget = new Budget(3, 25, 10_000),
    };

    private static SignInRecord Good => new() { Since = _since, LastRefreshed = _since.AddDays(1) };

    [Theory]
    [InlineData(70043, "sign-in frequency")]
    [InlineData(50078, "multifactor")]
    public void The_first_end_by_a_rule_predicts_the_next(int number, string reason)
    {
        var ended = End(Good with { LastRefreshed = _since.AddDays(29.9) }, number, _since.AddDays(30.05));
        var next = SignInForecast.Learn(ended, new SignInRecord { Since = _since.AddDays(40), LastRefreshed = _since.AddDays(40) }, _since.AddDays(40));
        var end = SignInForecast.Of(_account, next);
        Assert.Equal(_since.AddDays(70), end?.At);
        Assert.Contains(reason, end?.Reason, StringComparison.Ordinal);
        Assert.Contains("30 days", end?.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(29.98, 30.02, 30 * 24)]
    [InlineData(0.30, 0.36, 8)]
    [InlineData(6.1, 8.5, 7 * 24)]
    [InlineData(2.01, 2.03, 48.24)]
    public void A_learnt_period_is_what_an_administrator_sets(double stillGood, double refused, double hours)
    {
        var ended = End(Good with { LastRefreshed = _since.AddDays(stillGood) }, 70043, _since.AddDays(refused));
        Assert.Equal(hours, ended.LearntEnd!.Period.TotalHours, 0.01);
    }

    [Fact]
    public void What_was_learnt_stays_over_a_sign_out_and_the_latest_end_counts()
    {
        var ended = End(Good with { LastRefreshed = _since.AddDays(29.9) }, 70043, _since.AddDays(30.05));
        var out_ = SignInForecast.Learn(ended, new SignInRecord(), _since.AddDays(31));
        Assert.Equal(30, out_.LearntEnd?.Period.TotalDays);
        var second = SignInForecast.Learn(out_, new SignInRecord { Since = _since.AddDays(40), LastRefreshed = _since.AddDays(46.9) }, _since.AddDays(46.9));
        var again = End(second, 50078, _since.AddDays(47.02));
        Assert.Equal(new LearntEnd(50078, TimeSpan.FromDays(7)), again.LearntEnd);
    }

    [Fact]
    public void A_renewal_in_spite_of_the_rule_disproves_it()
    {
        var learnt = Good with { LearntEnd = new LearntEnd(70043, TimeSpan.FromDays(30)) };
        Assert.NotNull(SignInForecast.Learn(learnt, learnt with { LastRefreshed = _since.AddDays(30.1) }, _since.AddDays(30.1)).LearntEnd);
        var outlived = SignInForecast.Learn(learnt, learnt with { LearntEnd = null, LastRefreshed = _since.AddDays(31) }, _since.AddDays(31));
        Assert.Null(outlived.LearntEnd);
        Assert.Equal(_since.AddDays(31 + 90), SignInForecast.Of(_account, outlived)?.At);
    }

    [Fact]
    public void An_end_that_follows_no_rule_teaches_nothing()
    {
        Assert.Null(End(Good, 50173, _since.AddDays(3)).LearntEnd);
        Assert.Null(End(Good, 700082, _since.AddDays(95)).LearntEnd);
    }

    [Fact]
    public void A_policy_against_device_code_is_expected_to_end_the_next_sign_in_until_one_is_renewed()
    {
        var ended = End(Good, 530036, _since.AddDays(3));
        var next = SignInForecast.Learn(ended, new SignInRecord { Since = _since.AddDays(4), LastRefreshed = _since.AddDays(4) }, _since.AddDays(4));
        var end = SignInForecast.Of(_account, next);
        Assert.Equal(_since.AddDays(4) + SignInForecast.NextRefresh, end?.At);
        Assert.Contains("530036", end?.Reason, StringComparison.Ordinal);
        var renewed = SignInForecast.Learn(next, next with { DeviceCodeBlockedAt = null, LastRefreshed = _since.AddDays(4.1) }, _since.AddDays(4.1));
        Assert.Equal(_since.AddDays(94.1), SignInForecast.Of(_account, renewed)?.At);
    }

    [Fact]
    public void A_policy_that_is_foretold_ends_a_sign_in_by_device_code_alone()
    {
        var foretold = Good with { DeviceCodeEnds = new ForetoldEnd(_since.AddDays(20), "Block codes") };
        var end = SignInForecast.Of(_account, foretold);
        Assert.Equal(_since.AddDays(20), end?.At);
        Assert.Contains("“Block codes”", end?.Reason, StringComparison.Ordinal);
        Assert.Equal(_since.AddDays(91), SignInForecast.Of(_account, foretold with { By = SignInWay.Browser })?.At);

        // Its earliest day is past, and it was not switched on that day: the next renewal may meet it.
        var due = SignInForecast.Of(_account, foretold with { LastRefreshed = _since.AddDays(21) });
        Assert.Equal(_since.AddDays(21) + SignInForecast.NextRefresh, due?.At);
        Assert.Contains("any day now", due?.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_renewal_long_after_a_policy_was_seen_to_block_disproves_that_it_hits()
    {
        var blocked = Good with { DeviceCodeEnds = new ForetoldEnd(_since.AddDays(2), "Block codes") { IsOn = true } };
        Assert.Equal(_since.AddDays(2) + SignInForecast.NextRefresh, SignInForecast.Of(_account, blocked)?.At);
        Assert.NotNull(SignInForecast.Learn(blocked, blocked with { LastRefreshed = _since.AddDays(2.1) }, _since.AddDays(2.1)).DeviceCodeEnds);
        Assert.Null(SignInForecast.Learn(blocked, blocked with { LastRefreshed = _since.AddDays(3) }, _since.AddDays(3)).DeviceCodeEnds);
    }

    [Fact]
    public void A_provider_of_unknown_rules_has_no_predicted_end() =>
        Assert.Null(SignInForecast.Of(_account with { Provider = "custom" }, Good));

    [Fact]
    public async Task G6_3_a_learnt_period_predicts_the_next_end_and_pages_warn_14_days_before()
    {
        await using var gateway = await NoticeGateway.StartAsync();
        await gateway.SignInAsync();
        for (var day = 1; day <= 30; day++) await RefreshedADayLaterAsync(gateway);
        gateway.Lab.Switches.SignInFrequency = true;
        await gateway.StepUntilAsync(TimeSpan.FromHours(1), () => gateway.Status.StatusOf(gateway.Account.Id) is AccountStatus.Expired { Problem.Code: 361 });
        await gateway.SignInAsync();
        var signedIn = Assert.IsType<AccountStatus.SignedIn>(gateway.Status.StatusOf(gateway.Account.Id));
        Assert.Equal(30, (signedIn.PredictedEnd - signedIn.Since)?.TotalDays);
        Assert.Contains("every 30 days (sign-in frequency", signedIn.EndReason, StringComparison.Ordinal);
        Assert.DoesNotContain(Warnings(gateway), sentence => sentence.Contains("expected to end", StringComparison.Ordinal));
        for (var day = 1; day <= 16; day++) await RefreshedADayLaterAsync(gateway);
        Assert.Contains(Warnings(gateway), sentence => sentence.Contains("expected to end", StringComparison.Ordinal) && sentence.Contains("every 30 days", StringComparison.Ordinal));
        await gateway.RestartAsync();
        Assert.Equal(signedIn.PredictedEnd, (gateway.Status.StatusOf(gateway.Account.Id) as AccountStatus.SignedIn)?.PredictedEnd);
        await gateway.SignInAsync();
        Assert.DoesNotContain(Warnings(gateway), sentence => sentence.Contains("expected to end", StringComparison.Ordinal));
    }

    [Fact]
    public async Task G6_3_an_idle_account_is_refreshed_so_that_disuse_never_ends_it()
    {
        await using var gateway = await NoticeGateway.StartAsync();
        await gateway.SaveAsync(gateway.Account with { Provider = "exchange-online" });
        await gateway.SignInAsync();
        for (var day = 1; day <= 100; day++)
        {
            await RefreshedADayLaterAsync(gateway);
            var signedIn = Assert.IsType<AccountStatus.SignedIn>(gateway.Status.StatusOf(gateway.Account.Id));
            Assert.True(signedIn.PredictedEnd - gateway.Time.GetUtcNow() > TimeSpan.FromDays(88), $"{signedIn.PredictedEnd} is too near on day {day}.");
        }
        Assert.True(gateway.Lab.Counters.Refreshes >= 100, $"{gateway.Lab.Counters.Refreshes} refreshes in 100 days.");
    }

    private static Task RefreshedADayLaterAsync(NoticeGateway gateway)
    {
        gateway.Time.Advance(TimeSpan.FromDays(1));
        return LabGateway.EventuallyAsync(() =>
            gateway.Status.StatusOf(gateway.Account.Id) is AccountStatus.SignedIn signedIn && gateway.Time.GetUtcNow() - signedIn.LastRefreshed < TimeSpan.FromHours(2));
    }

    private static IEnumerable<string> Warnings(NoticeGateway gateway) =>
        gateway.Part<IEnumerable<FindPageNotices>>().SelectMany(find => find()).Select(notice => notice.Sentence);

    private static SignInRecord End(SignInRecord before, int number, DateTimeOffset at) =>
        SignInForecast.Learn(before, before with { Problem = Problems.Expired.Key, ServerWords = $"AADSTS{number}: words of the service." }, at);
}
