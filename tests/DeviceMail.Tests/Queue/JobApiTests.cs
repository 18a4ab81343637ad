using System.Net;
using System.Text.Json;
using DeviceMail.Activity;
using DeviceMail.Queue;
using DeviceMail.Tests.Kit;
using DeviceMail.Web;

namespace DeviceMail.Tests.Queue;

/// <summary>/api/v1/jobs and /api/v1/status, asked by a script.</summary>
public sealed class JobApiTests
{
    private const string Api = "/api/v1/jobs";

    [Fact]
    public async Task Jobs_are_listed_page_by_page_searched_and_shown_whole()
    {
        await using var gateway = await RelayGateway.StartAsync();
        await gateway.PauseAsync(gateway.Account);
        for (var i = 1; i <= 5; i++) await gateway.AcceptAsync($"Invoice {i}");
        using var caller = await CallerAsync(gateway, ApiScope.Read);
        var (seen, next) = (new List<long>(), "");
        while (true)
        {
            var page = await caller.ReadAsync($"{Api}?count=2{next}");
            seen.AddRange(page.GetProperty("jobs").EnumerateArray().Select(job => job.GetProperty("id").GetInt64()));
            if (page.GetProperty("next").ValueKind == JsonValueKind.Null) break;
            next = $"&before={page.GetProperty("next").GetInt64()}";
        }
        Assert.Equal([5, 4, 3, 2, 1], seen);
        Assert.Equal(4, Assert.Single((await caller.ReadAsync($"{Api}?search=Invoice%204")).GetProperty("jobs").EnumerateArray()).GetProperty("id").GetInt64());
        Assert.Empty((await caller.ReadAsync($"{Api}?state=sent")).GetProperty("jobs").EnumerateArray());
        var whole = await caller.ReadAsync($"{Api}/4");
        Assert.Equal("Invoice 4", whole.GetProperty("subject").GetString());
        Assert.NotEmpty(whole.GetProperty("history").EnumerateArray());
        Assert.Equal("scan@contoso.example", (await caller.ReadAsync("/api/v1/status")).GetProperty("accounts")[0].GetProperty("address").GetString());
        await ApiCaller.IsProblemAsync(HttpStatusCode.NotFound, await caller.GetAsync($"{Api}/99"));
        foreach (var (query, field) in ((string, string)[])[("state=lost", "state"), ("state=1", "state"), ("before=x", "before"), ("count=0", "count"), ("count=201", "count"), ("count=-1", "count")])
        {
            using var refused = await caller.GetAsync($"{Api}?{query}");
            await ApiCaller.IsProblemAsync(HttpStatusCode.BadRequest, refused);
            Assert.NotEmpty((await ApiCaller.JsonAsync(refused)).GetProperty("errors").GetProperty(field).EnumerateArray());
        }
    }

    [Fact]
    public async Task A_job_is_tried_again_and_cancelled_in_the_name_of_the_key()
    {
        await using var gateway = await RelayGateway.StartAsync();
        gateway.Unplug();
        var (first, second) = (await gateway.AcceptAsync("first"), await gateway.AcceptAsync("second"));
        await gateway.StateAsync(first, JobState.Held);
        await gateway.StateAsync(second, JobState.Held);
        using var caller = await CallerAsync(gateway, ApiScope.Admin);
        using var cancelled = await caller.SendAsync("POST", $"{Api}/{first}/cancel");
        Assert.Equal((HttpStatusCode.OK, "Cancelled"), (cancelled.StatusCode, (await ApiCaller.JsonAsync(cancelled)).GetProperty("state").GetString()));
        gateway.PlugIn();
        using var tried = await caller.SendAsync("POST", $"{Api}/{second}/retry");
        Assert.Equal(HttpStatusCode.OK, tried.StatusCode);
        await gateway.StateAsync(second, JobState.Sent);
        Assert.Contains("can be done only while it waits", await ApiCaller.IsProblemAsync(HttpStatusCode.Conflict, await caller.SendAsync("POST", $"{Api}/{first}/cancel")), StringComparison.Ordinal);
        await ApiCaller.IsProblemAsync(HttpStatusCode.NotFound, await caller.SendAsync("POST", $"{Api}/99/retry"));
        Assert.Contains(gateway.Part<ActivityLog>().Latest(20), entry => entry.Sentence == $"Job {first} was cancelled by the API key script 1 (127.0.0.1); nobody gets it.");
        Assert.Equal(["API key script 1", "API key script 1"], gateway.Part<AuditLog>().List(null, 2).Select(entry => entry.By.Who));
    }

    private static async Task<ApiCaller> CallerAsync(RelayGateway gateway, ApiScope scopes) =>
        new(gateway.Web, gateway.Part<ServerCertificate>().Certificate, await ApiCaller.KeyAsync(gateway.Part<ApiKeyRegister>(), scopes));
}
