using System.Collections.Concurrent;
using DeviceMail.Accounts;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.Time.Testing;

namespace DeviceMail.Tests.Accounts;

/// <summary>The rules of the device grant (RFC 8628), with a clock the test moves second by second.</summary>
public sealed class DeviceCodePollerTests
{
    private const string Code = """{"device_code":"device","user_code":"ABCD","verification_uri":"https://login.example/device","expires_in":900""";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static ProviderAnswer Pending => ProviderAnswer.Error("authorization_pending");

    private static ProviderAnswer Success => new(200, """{"access_token":"access","refresh_token":"refresh","expires_in":3600}""");

    /// <summary>What the code's answer says of the interval, what the polls are answered, and the seconds at which they come.</summary>
    public static TheoryData<string, string, string> Polls => new()
    {
        { "", "pending pending success", "5 10 15" },
        { ",\"interval\":2", "pending pending success", "2 4 6" },
        { ",\"interval\":\"3\"", "pending success", "3 6" },
        { ",\"interval\":0", "pending success", "5 10" },
        { "", "pending slow_down pending slow_down success", "5 10 20 30 45" },
        { "", "503 503 pending success", "5 15 35 40" },
        { "", "broken pending success", "5 15 20" },
        { "", "html pending success", "5 15 20" },
        { "", "429 success", "5 45" },
        { "", "503 503 503 503 503 success", "5 15 35 75 135 195" },
    };

    [Theory]
    [MemberData(nameof(Polls))]
    public async Task It_polls_at_the_seconds_the_rules_name_and_never_after_success(string interval, string answers, string seconds)
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var time = new WatchedTime();
        var poller = new DeviceCodePoller(folder.Channel, time);
        provider.Script.Enqueue(new ProviderAnswer(200, Code + interval + "}"));
        foreach (var answer in answers.Split(' ')) provider.Script.Enqueue(Answer(answer));
        var account = AccountFolder.Describe("scan@contoso.example", 25, provider);
        var (code, end) = await poller.StartAsync(account, Cancel);
        Assert.Null(end);
        var start = time.GetUtcNow();
        var waiting = poller.WaitAsync(account, code!, Cancel);
        var polls = answers.Split(' ').Length;
        for (var poll = 1; poll <= polls; poll++)
        {
            await LabGateway.EventuallyAsync(() => time.Waits.Count == poll);
            time.Advance(time.Waits.Last() - time.GetUtcNow());
        }
        var (tokens, step) = await waiting;
        Assert.IsType<SignInStep.SignedIn>(step);
        Assert.Equal("refresh", tokens!.Refresh!.Reveal());
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(seconds, string.Join(' ', time.Waits.Select(until => (until - start).TotalSeconds)));
        Assert.Equal(1 + polls, provider.Requests.Count);
    }

    [Theory]
    [InlineData("authorization_declined", typeof(SignInStep.Declined))]
    [InlineData("access_denied", typeof(SignInStep.Declined))]
    [InlineData("expired_token", typeof(SignInStep.Expired))]
    [InlineData("bad_verification_code", typeof(SignInStep.Blocked))]
    [InlineData("invalid_grant", typeof(SignInStep.Blocked))]
    public async Task Any_other_answer_ends_it(string error, Type end)
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var time = new WatchedTime();
        var poller = new DeviceCodePoller(folder.Channel, time);
        provider.Script.Enqueue(new ProviderAnswer(200, Code + "}"));
        provider.Script.Enqueue(ProviderAnswer.Error(error));
        var account = AccountFolder.Describe("scan@contoso.example", 25, provider);
        var (code, _) = await poller.StartAsync(account, Cancel);
        var waiting = poller.WaitAsync(account, code!, Cancel);
        time.Advance(TimeSpan.FromSeconds(5));
        Assert.IsType(end, (await waiting).Step);
        Assert.Equal(2, provider.Requests.Count);
    }

    [Fact]
    public async Task A_code_that_nobody_enters_runs_out_on_its_time_and_not_later()
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var time = new WatchedTime();
        var poller = new DeviceCodePoller(folder.Channel, time);
        provider.Script.Enqueue(new ProviderAnswer(200, Code.Replace("900", "7", StringComparison.Ordinal) + "}"));
        provider.Script.Enqueue(Pending);
        var account = AccountFolder.Describe("scan@contoso.example", 25, provider);
        var (code, _) = await poller.StartAsync(account, Cancel);
        var waiting = poller.WaitAsync(account, code!, Cancel);
        time.Advance(TimeSpan.FromSeconds(5));
        await LabGateway.EventuallyAsync(() => provider.Requests.Count == 2);
        await LabGateway.EventuallyAsync(() => time.Waits.Count == 2);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.IsType<SignInStep.Expired>((await waiting).Step);
    }

    [Fact]
    public async Task An_error_with_status_200_is_an_error()
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var time = new WatchedTime();
        var poller = new DeviceCodePoller(folder.Channel, time);
        provider.Script.Enqueue(new ProviderAnswer(200, """{"error":"unauthorized_client","error_description":"AADSTS700016: Application was not found."}"""));
        var (code, end) = await poller.StartAsync(AccountFolder.Describe("scan@contoso.example", 25, provider), Cancel);
        Assert.Null(code);
        Assert.Equal("set-up-fault", Assert.IsType<SignInStep.Blocked>(end).Problem.Key);
    }

    [Fact]
    public async Task Googles_older_name_of_the_address_is_understood()
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var time = new WatchedTime();
        var poller = new DeviceCodePoller(folder.Channel, time);
        provider.Script.Enqueue(new ProviderAnswer(200, Code.Replace("verification_uri", "verification_url", StringComparison.Ordinal) + "}"));
        var (code, _) = await poller.StartAsync(AccountFolder.Describe("scan@contoso.example", 25, provider), Cancel);
        Assert.Equal("https://login.example/device", code?.Verification.ToString());
    }

    private static ProviderAnswer Answer(string word) => word switch
    {
        "pending" => Pending,
        "success" => Success,
        "503" => new ProviderAnswer(503, ""),
        "429" => new ProviderAnswer(429, "") { RetryAfter = "40" },
        "broken" => ProviderAnswer.Broken,
        "html" => new ProviderAnswer(502, "<html>"),
        _ => ProviderAnswer.Error(word),
    };

    /// <summary>Knows until when each wait was to last, so that a test moves the clock only when somebody waits.</summary>
    private sealed class WatchedTime : FakeTimeProvider
    {
        public ConcurrentQueue<DateTimeOffset> Waits { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Waits.Enqueue(GetUtcNow() + dueTime);
            return timer;
        }
    }
}
