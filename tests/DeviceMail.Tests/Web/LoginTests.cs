using System.Net;
using DeviceMail.Tests.Kit;
using DeviceMail.Web;

namespace DeviceMail.Tests.Web;

/// <summary>Logins: how they begin, how they end, and how guessing is made slow.</summary>
public sealed class LoginTests
{
    [Fact]
    public async Task The_cookie_is_bound_to_this_host_and_hidden_from_scripts()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = gateway.Visit();
        using var answer = await visitor.PostAsync("/login", ("password", WebGateway.Password));
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        var parts = cookie.Split("; ");
        Assert.StartsWith("__Host-devicemail=", parts[0], StringComparison.Ordinal);
        Assert.Equal(["httponly", "path=/", "samesite=strict", "secure"], parts[1..].Order());
        // 256 bits in base64url.
        Assert.Equal(43, parts[0].Split('=', 2)[1].Length);
    }

    [Fact]
    public async Task Each_login_has_another_id()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        var first = visitor.Cookies.GetCookieHeader(gateway.Web);
        using var again = await visitor.PostAsync("/login", ("password", WebGateway.Password));
        Assert.NotEqual(first, visitor.Cookies.GetCookieHeader(gateway.Web));
        using var old = gateway.Visit();
        old.Cookies.SetCookies(gateway.Web, first);
        Assert.False(await IsInAsync(old));
        Assert.True(await IsInAsync(visitor));
    }

    [Fact]
    public async Task A_login_ends_after_30_idle_minutes_and_not_before()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        gateway.Time.Advance(TimeSpan.FromMinutes(30));
        Assert.True(await IsInAsync(visitor));
        gateway.Time.Advance(TimeSpan.FromMinutes(30) + TimeSpan.FromSeconds(1));
        Assert.False(await IsInAsync(visitor));
    }

    [Fact]
    public async Task A_login_ends_after_12_hours_however_busy()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        for (var part = 0; part < 36; part++)
        {
            gateway.Time.Advance(TimeSpan.FromMinutes(20));
            Assert.True(await IsInAsync(visitor));
        }
        gateway.Time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(await IsInAsync(visitor));
    }

    [Fact]
    public async Task Logging_out_ends_it_on_the_server_too()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        var cookie = visitor.Cookies.GetCookieHeader(gateway.Web);
        using var answer = await visitor.PostAsync("/logout");
        using var thief = gateway.Visit();
        thief.Cookies.SetCookies(gateway.Web, cookie);
        Assert.False(await IsInAsync(thief));
    }

    [Fact]
    public async Task A_changed_password_ends_every_other_login_and_keeps_this_one()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        using var other = await gateway.LogInAsync();
        using var wrong = await visitor.PostAsync("/password", ("former", "not it at all"), ("password", "a new long phrase"), ("again", "a new long phrase"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        using var weak = await visitor.PostAsync("/password", ("former", WebGateway.Password), ("password", "password1234"), ("again", "password1234"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, weak.StatusCode);
        Assert.True(await IsInAsync(other));
        using var changed = await visitor.PostAsync("/password", ("former", WebGateway.Password), ("password", "a new long phrase"), ("again", "a new long phrase"));
        Assert.Equal(HttpStatusCode.SeeOther, changed.StatusCode);
        Assert.True(await IsInAsync(visitor));
        Assert.False(await IsInAsync(other));
        Assert.True(await gateway.Part<Administrator>().HasPasswordAsync("a new long phrase"));
    }

    [Fact]
    public async Task Wrong_passwords_cost_more_and_more_time_and_the_right_one_always_comes_in_after_it()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = gateway.Visit();
        var waits = new List<double>();
        for (var wrong = 0; wrong < 12; wrong++)
        {
            Assert.Equal(HttpStatusCode.UnprocessableEntity, (await visitor.PostAsync("/login", ("password", $"guess number {wrong}"))).StatusCode);
            var wait = gateway.Part<LoginDelay>().WaitOf(IPAddress.Loopback);
            waits.Add(wait.TotalSeconds);
            if (wait > TimeSpan.Zero)
            {
                using var early = await visitor.PostAsync("/login", ("password", WebGateway.Password));
                Assert.Equal((HttpStatusCode.TooManyRequests, true), (early.StatusCode, early.Headers.RetryAfter?.Delta > TimeSpan.Zero));
            }
            gateway.Time.Advance(wait);
        }
        Assert.Equal([0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60, 60], waits);
        Assert.Equal(HttpStatusCode.SeeOther, (await visitor.PostAsync("/login", ("password", WebGateway.Password))).StatusCode);
    }

    [Fact]
    public void Strangers_share_a_hundred_guesses_an_hour_and_a_known_address_comes_in_under_attack()
    {
        var time = new Microsoft.Extensions.Time.Testing.FakeTimeProvider();
        var delay = new LoginDelay(time);
        var home = IPAddress.Parse("192.0.2.1");
        delay.Succeeded(home);
        for (var stranger = 1; stranger <= 100; stranger++) delay.Begin(new IPAddress([198, 51, 100, (byte)stranger]));
        Assert.True(delay.WaitOf(IPAddress.Parse("203.0.113.9")) > TimeSpan.FromMinutes(59));
        Assert.Equal(TimeSpan.Zero, delay.WaitOf(home));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(TimeSpan.Zero, delay.WaitOf(IPAddress.Parse("203.0.113.9")));
    }

    [Fact]
    public void Guesses_that_run_at_once_do_not_all_pass_before_the_first_has_failed()
    {
        var delay = new LoginDelay(new Microsoft.Extensions.Time.Testing.FakeTimeProvider());
        Assert.Equal(3, Enumerable.Range(0, 50).Count(_ => delay.Begin(IPAddress.Parse("203.0.113.9")) == TimeSpan.Zero));
    }

    [Theory]
    [InlineData("/ca-certificate")]
    [InlineData("/root-certificate-update")]
    [InlineData("/network-interfaces")]
    [InlineData("/panels")]
    [InlineData("/settings")]
    public async Task Whom_the_gateway_trusts_and_by_which_way_it_goes_is_not_changed_without_the_password(string address)
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        gateway.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(HttpStatusCode.Forbidden, (await visitor.PostAsync(address)).StatusCode);
    }

    [Fact]
    public async Task Five_minutes_after_the_password_it_is_asked_for_again_and_the_form_goes_on_by_itself()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        gateway.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(HttpStatusCode.OK, (await visitor.PostAsync("/settings/export")).StatusCode);
        gateway.Time.Advance(TimeSpan.FromSeconds(1));
        using var asked = await visitor.PostAsync("/settings/export");
        Assert.Equal(HttpStatusCode.Forbidden, asked.StatusCode);
        using var wrong = await visitor.PostAsync("/confirm", ("password", "not it at all"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await visitor.PostAsync("/settings/export")).StatusCode);
        using var file = await visitor.PostAsync("/confirm", ("password", WebGateway.Password));
        Assert.Equal((HttpStatusCode.OK, "application/json"), (file.StatusCode, file.Content.Headers.ContentType?.MediaType));
        Assert.Equal(HttpStatusCode.OK, (await visitor.PostAsync("/settings/export")).StatusCode);
    }

    [Fact]
    public async Task A_form_that_waits_for_the_password_is_dropped_after_ten_minutes()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        gateway.Time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal(HttpStatusCode.Forbidden, (await visitor.PostAsync("/settings/export")).StatusCode);
        gateway.Time.Advance(TimeSpan.FromMinutes(11));
        using var late = await visitor.PostAsync("/confirm", ("password", WebGateway.Password));
        Assert.Equal((HttpStatusCode.SeeOther, "/"), (late.StatusCode, late.Headers.Location?.ToString()));
    }

    private static async Task<bool> IsInAsync(WebVisitor visitor)
    {
        using var answer = await visitor.GetAsync("/settings");
        if (answer.StatusCode == HttpStatusCode.OK) return true;
        Assert.Equal("/login?next=%2Fsettings", answer.Headers.Location?.ToString());
        return false;
    }
}
