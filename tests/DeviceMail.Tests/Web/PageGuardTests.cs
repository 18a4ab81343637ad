using System.Net;
using DeviceMail.Tests.Kit;
using DeviceMail.Web;

namespace DeviceMail.Tests.Web;

/// <summary>From where a form may come, by which name, and what every answer carries.</summary>
public sealed class PageGuardTests
{
    [Theory]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task A_form_of_another_site_does_nothing_though_it_holds_the_token(string header, string value)
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        using var request = Change(await visitor.TokenAsync());
        request.Headers.Add(header, value);
        await RefusesAsync(gateway, visitor, request);
    }

    [Fact]
    public async Task A_form_without_an_origin_does_nothing()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        using var request = Change(await visitor.TokenAsync());
        request.Headers.Add("Origin", "");
        await RefusesAsync(gateway, visitor, request);
    }

    [Fact]
    public async Task A_form_without_the_token_or_with_that_of_another_login_does_nothing()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        using var other = await gateway.LogInAsync();
        using var without = Change("");
        await RefusesAsync(gateway, visitor, without);
        using var foreign = Change(await other.TokenAsync());
        await RefusesAsync(gateway, visitor, foreign);
        using var own = Change(await visitor.TokenAsync());
        Assert.Equal(HttpStatusCode.SeeOther, (await visitor.SendAsync(own)).StatusCode);
    }

    [Theory]
    [InlineData("evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("127.0.0.1.evil.example", HttpStatusCode.MisdirectedRequest)]
    [InlineData("localhost", HttpStatusCode.OK)]
    [InlineData("[::1]", HttpStatusCode.OK)]
    public async Task A_name_that_is_none_of_ours_gets_no_page(string host, HttpStatusCode expected)
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = gateway.Visit();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/login");
        request.Headers.Host = $"{host}:{gateway.Web.Port}";
        Assert.Equal(expected, (await visitor.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task Every_answer_carries_the_strict_headers()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        foreach (var path in Menu.Tabs.SelectMany(tab => tab.Pages).Select(page => page.Address).Concat(["/login", "/no-such-page", "/claim", "/email-server/sign-in?account=1"]))
        {
            using var answer = await visitor.GetAsync(path);
            var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
            foreach (var rule in (string[])["default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"])
                Assert.Contains(rule, policy, StringComparison.Ordinal);
            Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
            Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
            Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Opener-Policy")));
            Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
            Assert.True(answer.Headers.CacheControl?.NoStore);
            Assert.False(answer.Headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task The_pages_hold_no_style_and_no_script_of_their_own()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        foreach (var page in Menu.Tabs.SelectMany(tab => tab.Pages))
        {
            var text = await visitor.ReadAsync(page.Address);
            Assert.DoesNotMatch("<style|<script(?! src=\"/app\\.js\")| style=\"| on[a-z]+=\"", text);
            Assert.True(text.Length < 60_000, $"{page.Name} has {text.Length} characters");
        }
    }

    [Theory]
    [InlineData("/", "/")]
    [InlineData("/email-server?account=1", "/email-server?account=1")]
    public async Task The_http_port_does_nothing_but_lead_to_https(string path, string expected)
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false });
        foreach (var method in (HttpMethod[])[HttpMethod.Get, HttpMethod.Post])
        {
            using var request = new HttpRequestMessage(method, new Uri(gateway.Clear, path));
            using var answer = await http.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.PermanentRedirect, answer.StatusCode);
            Assert.Equal(new Uri(gateway.Web, expected), answer.Headers.Location);
            Assert.False(answer.Headers.Contains("Set-Cookie"));
        }
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("/\\evil.example")]
    public async Task A_login_leads_to_no_other_site(string next)
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = gateway.Visit();
        using var answer = await visitor.PostAsync("/login", ("password", WebGateway.Password), ("next", next));
        Assert.Equal("/", answer.Headers.Location?.ToString());
    }

    private static HttpRequestMessage Change(string token) =>
        new(HttpMethod.Post, "/settings") { Content = WebVisitor.Form(("form-token", token), ("gateway.name", "changed.example"), ("was:gateway.name", "")) };

    private static async Task RefusesAsync(WebGateway gateway, WebVisitor visitor, HttpRequestMessage request)
    {
        using var answer = await visitor.SendAsync(request);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        Assert.NotEqual("changed.example", gateway.Part<Settings.SettingsStore>().Current.GatewayName);
    }

    [Theory]
    [InlineData("text/plain", "password=x", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json", "{}", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("multipart/form-data", "x", HttpStatusCode.BadRequest)]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\ncut", HttpStatusCode.BadRequest)]
    [InlineData("application/x-www-form-urlencoded", "password=a%00b", HttpStatusCode.BadRequest)]
    public async Task What_no_browser_sends_is_refused_in_one_sentence(string type, string content, HttpStatusCode status)
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = gateway.Visit();
        var body = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(content));
        body.Headers.TryAddWithoutValidation("Content-Type", type);
        using var answer = await visitor.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/login") { Content = body });
        Assert.Equal(status, answer.StatusCode);
        Assert.Contains("nothing was done", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_form_of_too_many_fields_is_refused_in_one_sentence()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = gateway.Visit();
        using var answer = await visitor.PostAsync("/login", [.. Enumerable.Range(0, 2_000).Select(i => ($"f{i}", "x"))]);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task After_the_login_a_path_beyond_ascii_is_led_to_in_percents()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = gateway.Visit();
        using var answer = await visitor.PostAsync("/login", ("password", WebGateway.Password), ("next", "/é/ü?q=ß"));
        Assert.Equal((HttpStatusCode.SeeOther, "/%C3%A9/%C3%BC?q=%C3%9F"), (answer.StatusCode, answer.Headers.Location?.OriginalString));
    }
}
