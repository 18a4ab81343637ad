using System.Net;
using DeviceMail.Activity;
using DeviceMail.Tests.Kit;
using DeviceMail.Web;

namespace DeviceMail.Tests.Web;

/// <summary>Who may ask the HTTP API for what.</summary>
public sealed class ApiGuardTests
{
    [Fact]
    public async Task Each_endpoint_opens_to_a_key_with_its_scope_and_to_no_other()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        var keys = gateway.Part<ApiKeyRegister>();
        foreach (var (word, scope) in ApiScopes.All.Select(one => (one.Word, one.Scope)))
        {
            using var with = await ApiCaller.ForAsync(gateway, scope);
            using var without = await ApiCaller.ForAsync(gateway, (ApiScope.Send | ApiScope.Read | ApiScope.Admin) & ~scope);
            foreach (var route in gateway.Part<ApiTable>().Routes.Where(route => route.Scope == scope))
            {
                var path = ApiDocument.PathOf(route.Pattern).Replace("{id}", "1", StringComparison.Ordinal);
                using var allowed = await with.SendAsync(route.Method, path);
                Assert.False(allowed.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden, $"{route.Method} {path} with {word}: {allowed.StatusCode}");
                using var refused = await without.SendAsync(route.Method, path);
                Assert.Contains($"needs the scope {word}", await ApiCaller.IsProblemAsync(HttpStatusCode.Forbidden, refused), StringComparison.Ordinal);
                Assert.Contains("insufficient_scope", refused.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
            }
        }
        Assert.Equal(6, keys.All.Count);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Basic YTpi")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer devicemail_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("Bearer a b")]
    public async Task Without_a_key_of_this_gateway_everything_but_the_document_is_refused(string? authorization)
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var caller = ApiCaller.With(gateway, null);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/status");
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var refused = await caller.SendAsync(request);
        await ApiCaller.IsProblemAsync(HttpStatusCode.Unauthorized, refused);
        Assert.Equal("Bearer", refused.Headers.WwwAuthenticate.Single().Scheme);
        Assert.False(refused.Headers.Contains("Set-Cookie"));
        await caller.ReadAsync("/api/v1/openapi.json");
    }

    [Fact]
    public async Task A_login_of_web_config_is_no_key()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        using var read = await visitor.GetAsync("/api/v1/status");
        Assert.Contains("A login of Web Config is no key", await ApiCaller.IsProblemAsync(HttpStatusCode.Unauthorized, read), StringComparison.Ordinal);
        using var changed = await visitor.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/api/v1/jobs/1/cancel"));
        await ApiCaller.IsProblemAsync(HttpStatusCode.Unauthorized, changed);
    }

    [Fact]
    public async Task Before_the_claim_it_says_what_to_do_first()
    {
        await using var gateway = await WebGateway.StartAsync();
        using var caller = ApiCaller.With(gateway, "x");
        using var answer = await caller.GetAsync("/api/v1/status");
        Assert.Contains("claims it first", await ApiCaller.IsProblemAsync(HttpStatusCode.ServiceUnavailable, answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_http_port_takes_no_key()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        var key = await ApiCaller.KeyAsync(gateway.Part<ApiKeyRegister>(), ApiScope.Read);
        using var caller = new ApiCaller(gateway.Clear, gateway.Part<ServerCertificate>().Certificate, key);
        using var answer = await caller.GetAsync("/api/v1/status");
        Assert.Equal(HttpStatusCode.PermanentRedirect, answer.StatusCode);
        Assert.Null(Assert.Single(gateway.Part<ApiKeyRegister>().All).LastUsed);
    }

    [Fact]
    public async Task Another_name_is_refused_as_a_problem()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var caller = await ApiCaller.ForAsync(gateway, ApiScope.Read);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/status");
        request.Headers.Host = "evil.example";
        using var answer = await caller.SendAsync(request);
        await ApiCaller.IsProblemAsync(HttpStatusCode.MisdirectedRequest, answer);
    }

    [Fact]
    public async Task Wrong_keys_are_slowed_and_a_right_one_and_the_administrator_are_not()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var guesser = ApiCaller.With(gateway, ApiKeyText.Make());
        for (var i = 0; i < 3; i++) await ApiCaller.IsProblemAsync(HttpStatusCode.Unauthorized, await guesser.GetAsync("/api/v1/status"));
        using var slowed = await guesser.GetAsync("/api/v1/status");
        await ApiCaller.IsProblemAsync(HttpStatusCode.TooManyRequests, slowed);
        Assert.Equal(TimeSpan.FromSeconds(1), slowed.Headers.RetryAfter?.Delta);
        using (var caller = await ApiCaller.ForAsync(gateway, ApiScope.Read)) await caller.ReadAsync("/api/v1/status");
        using var visitor = await gateway.LogInAsync();
        Assert.Equal(3, gateway.Part<AuditLog>().List(null, 100).Count(entry => entry.Deed.What.StartsWith("Showed a key", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_key_that_is_removed_opens_nothing_more()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var caller = await ApiCaller.ForAsync(gateway, ApiScope.Read);
        await caller.ReadAsync("/api/v1/status");
        await gateway.Part<ApiKeyRegister>().RemoveAsync(gateway.Part<ApiKeyRegister>().All[0]);
        await ApiCaller.IsProblemAsync(HttpStatusCode.Unauthorized, await caller.GetAsync("/api/v1/status"));
    }

    [Fact]
    public async Task The_last_use_is_known_at_once_and_written_once_an_hour()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var caller = await ApiCaller.ForAsync(gateway, ApiScope.Read);
        await caller.ReadAsync("/api/v1/status");
        var first = gateway.Time.GetUtcNow();
        gateway.Time.Advance(TimeSpan.FromMinutes(59));
        await caller.ReadAsync("/api/v1/status");
        Assert.Equal(gateway.Time.GetUtcNow(), gateway.Part<ApiKeyRegister>().All[0].LastUsed);
        Assert.Equal(first, OnDisk());
        gateway.Time.Advance(TimeSpan.FromMinutes(1));
        await caller.ReadAsync("/api/v1/status");
        Assert.Equal(gateway.Time.GetUtcNow(), OnDisk());

        DateTimeOffset? OnDisk() => new ApiKeyRegister(gateway.Database, gateway.Time).All[0].LastUsed;
    }
}
