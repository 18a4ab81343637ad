using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using DeviceMail.Activity;
using DeviceMail.Tests.Kit;
using DeviceMail.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace DeviceMail.Tests.Web;

/// <summary>What holds for every endpoint of the HTTP API, whoever maps it.</summary>
public sealed partial class ApiFrameTests
{
    [Theory]
    [InlineData("GET", "/api/v1/nothing", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/v1/nothing.json", HttpStatusCode.NotFound)]
    [InlineData("POST", "/api", HttpStatusCode.NotFound)]
    [InlineData("GET", "/API/v2/status", HttpStatusCode.NotFound)]
    [InlineData("GET", "/api/v1/jobs/x", HttpStatusCode.NotFound)]
    [InlineData("DELETE", "/api/v1/jobs", HttpStatusCode.MethodNotAllowed)]
    [InlineData("OPTIONS", "/api/v1/status", HttpStatusCode.MethodNotAllowed)]
    [InlineData("GET", "/api/v1/jobs/1/cancel", HttpStatusCode.MethodNotAllowed)]
    public async Task What_it_does_not_have_is_told_as_a_problem(string method, string path, HttpStatusCode status)
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var caller = await ApiCaller.ForAsync(gateway, ApiScope.Read | ApiScope.Admin);
        using var answer = await caller.SendAsync(method, path);
        Assert.Contains(path, await ApiCaller.IsProblemAsync(status, answer), StringComparison.Ordinal);
        if (status == HttpStatusCode.MethodNotAllowed) Assert.Equal(path.EndsWith("cancel", StringComparison.Ordinal) ? "POST" : "GET", string.Join(", ", answer.Content.Headers.Allow));
    }

    [Theory]
    [InlineData("text/plain", "{}", HttpStatusCode.UnsupportedMediaType, "application/json")]
    [InlineData("application/json", "{", HttpStatusCode.BadRequest, "not the JSON")]
    [InlineData("application/json", "", HttpStatusCode.BadRequest, "not the JSON")]
    [InlineData("application/json", "null", HttpStatusCode.BadRequest, "not the JSON")]
    [InlineData("application/json", "{\"name\": 7}", HttpStatusCode.BadRequest, "$.name")]
    [InlineData("application/json", "{}", HttpStatusCode.BadRequest, "not the JSON")]
    public async Task A_body_that_cannot_be_read_is_told_as_a_problem(string type, string body, HttpStatusCode status, string says)
    {
        await using var gateway = await WebGateway.StartClaimedAsync(Prepare);
        using var caller = await ApiCaller.ForAsync(gateway, ApiScope.Admin);
        using var answer = await caller.PostAsync("/api/v1/greetings", body, type);
        Assert.Contains(says, await ApiCaller.IsProblemAsync(status, answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_is_too_large_or_not_wanted_is_told_as_a_problem()
    {
        await using var gateway = await WebGateway.StartClaimedAsync(Prepare);
        using var caller = await ApiCaller.ForAsync(gateway, ApiScope.Admin);
        var large = $"{{\"name\": \"{new string('x', 2_000)}\"}}";
        Assert.Contains("1,000", await ApiCaller.IsProblemAsync(HttpStatusCode.RequestEntityTooLarge, await caller.PostAsync("/api/v1/greetings", large)), StringComparison.Ordinal);
        // Without a length, it shows only while it is read.
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/api/v1/greetings") { Content = new StringContent(large, null, "application/json") };
        chunked.Headers.TransferEncodingChunked = true;
        await ApiCaller.IsProblemAsync(HttpStatusCode.RequestEntityTooLarge, await caller.SendAsync(chunked));
        await ApiCaller.IsProblemAsync(HttpStatusCode.UnsupportedMediaType, await caller.PostAsync("/api/v1/jobs/1/cancel", "{}"));
    }

    [Fact]
    public async Task Files_come_as_a_form_that_is_whole()
    {
        await using var gateway = await WebGateway.StartClaimedAsync(Prepare);
        using var caller = await ApiCaller.ForAsync(gateway, ApiScope.Send);
        using var form = new MultipartFormDataContent { { new ByteArrayContent(new byte[300_000]), "file", "scan.pdf" } };
        using var done = await caller.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/api/v1/files") { Content = form });
        Assert.Equal("scan.pdf: 300000", await done.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        foreach (var (type, status) in ((string, HttpStatusCode)[])[("multipart/form-data; boundary=b", HttpStatusCode.BadRequest), ("multipart/form-data", HttpStatusCode.BadRequest), ("application/json", HttpStatusCode.UnsupportedMediaType)])
        {
            var cut = new StringContent("--b\r\nContent-Disposition: form-data; name=\"x\"\r\n\r\ncut");
            cut.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);
            await ApiCaller.IsProblemAsync(status, await caller.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/api/v1/files") { Content = cut }));
        }
        // Handing in is no change of the gateway.
        Assert.DoesNotContain(gateway.Part<AuditLog>().List(null, 10), entry => entry.By.Who.StartsWith("API key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_asked_rightly_is_done_and_the_key_is_named_in_the_audit_log()
    {
        await using var gateway = await WebGateway.StartClaimedAsync(Prepare);
        using var caller = await ApiCaller.ForAsync(gateway, ApiScope.Admin);
        using var answer = await caller.PostAsync("/api/v1/greetings", "{\"name\": \"Anna\"}");
        Assert.Equal((HttpStatusCode.OK, "Anna"), (answer.StatusCode, (await ApiCaller.JsonAsync(answer)).GetProperty("name").GetString()));
        var entry = gateway.Part<AuditLog>().List(null, 1)[0];
        Assert.Equal((new Actor("API key script 1", "127.0.0.1"), "Asked the HTTP API for POST /api/v1/greetings"), (entry.By, entry.Deed.What));
    }

    [Fact]
    public async Task A_fault_of_ours_ends_in_a_problem_without_its_words()
    {
        await using var gateway = await WebGateway.StartClaimedAsync(Prepare);
        using var caller = await ApiCaller.ForAsync(gateway, ApiScope.Read);
        using var answer = await caller.GetAsync("/api/v1/fault");
        await ApiCaller.IsProblemAsync(HttpStatusCode.InternalServerError, answer);
        Assert.DoesNotContain("canary", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", string.Concat(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_openapi_document_holds_each_endpoint_that_is_mapped_and_none_beyond()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var caller = ApiCaller.With(gateway, null);
        var document = await caller.ReadAsync("/api/v1/openapi.json");
        Assert.StartsWith("3.1.", document.GetProperty("openapi").GetString(), StringComparison.Ordinal);
        var told = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(one => $"{one.Name} {path.Name}"));
        var mapped = gateway.Part<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
            .Where(one => one.RoutePattern.RawText!.StartsWith("/api", StringComparison.OrdinalIgnoreCase) && !one.RoutePattern.RawText.StartsWith("/api-keys", StringComparison.Ordinal) && one.Metadata.GetMetadata<ApiOtherMethod>() is null)
            .SelectMany(one => one.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(method => $"{method.ToLowerInvariant()} {ApiDocument.PathOf(one.RoutePattern.RawText!)}"));
        Assert.Equal(mapped.Order(), told.Order());
        Assert.Contains("post /api/v1/jobs/{id}/cancel", told);
    }

    [Fact]
    public async Task The_openapi_document_names_parameters_scopes_and_schemas_that_are_there()
    {
        await using var gateway = await WebGateway.StartClaimedAsync(Prepare);
        using var caller = ApiCaller.With(gateway, null);
        var document = await caller.ReadAsync("/api/v1/openapi.json");
        var schemas = document.GetProperty("components").GetProperty("schemas").EnumerateObject().Select(one => $"#/components/schemas/{one.Name}").ToHashSet();
        Assert.All(References(document), reference => Assert.Contains(reference, schemas));
        Assert.Equal(["#/components/schemas/ApiProblem", "#/components/schemas/Greeting", "#/components/schemas/JobPage"], schemas.Intersect(References(document)).Where(name => name[21..] is "ApiProblem" or "Greeting" or "JobPage").Order());
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                var named = operation.Value.TryGetProperty("parameters", out var parameters) ? parameters.EnumerateArray().Where(one => one.GetProperty("in").GetString() == "path").Select(one => $"{{{one.GetProperty("name").GetString()}}}") : [];
                Assert.Equal(path.Name.Split('/').Where(step => step.StartsWith('{')), named);
                Assert.Equal(path.Name != "/api/v1/openapi.json", operation.Value.TryGetProperty("security", out _));
            }
        }
    }

    private static IEnumerable<string> References(JsonElement part) => part.ValueKind switch
    {
        JsonValueKind.Object => part.EnumerateObject().SelectMany(one => one.Name == "$ref" ? [one.Value.GetString()!] : References(one.Value)),
        JsonValueKind.Array => part.EnumerateArray().SelectMany(References),
        _ => [],
    };

    private static void Prepare(WebApplication app)
    {
        app.ApiGroup(ApiScope.Admin).Post("/greetings", new ApiRoute("Greets") { LargestBody = 1_000, Answer = ApiTestJson.Default.Greeting }, ApiTestJson.Default.Greeting,
            (_, greeting) => Task.FromResult(Results.Json(greeting, ApiTestJson.Default.Greeting)));
        app.ApiGroup(ApiScope.Send).PostForm("/files", new ApiRoute("Takes a file") { AnswerType = "text/plain" },
            (_, form) => Task.FromResult(Results.Text($"{form.Files[0].FileName}: {form.Files[0].Length}")));
        app.ApiGroup(ApiScope.Read).Get("/fault", new ApiRoute("Fails"), IResult (_) => throw new InvalidOperationException("canary"));
    }

    internal sealed record Greeting
    {
        public required string Name { get; init; }
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
    [JsonSerializable(typeof(Greeting))]
    internal sealed partial class ApiTestJson : JsonSerializerContext;
}
