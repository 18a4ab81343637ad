using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using DeviceMail.Web;

namespace DeviceMail.Tests.Kit;

/// <summary>A script that uses the HTTP API: shows a key, keeps no cookie, names no origin.</summary>
public sealed class ApiCaller : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="address">Where paths begin.</param>
    /// <param name="certificate">The one certificate it goes on with.</param>
    /// <param name="key">Null: it shows none.</param>
    public ApiCaller(Uri address, X509Certificate2 certificate, string? key)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => certificate.Equals(shown);
        _http = new HttpClient(handler) { BaseAddress = address };
        if (key is not null) _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    /// <summary>Shows a new key with these scopes.</summary>
    public static async Task<ApiCaller> ForAsync(WebGateway gateway, ApiScope scopes) => With(gateway, await KeyAsync(gateway.Part<ApiKeyRegister>(), scopes));

    public static ApiCaller With(WebGateway gateway, string? key) => new(gateway.Web, gateway.Part<ServerCertificate>().Certificate, key);

    public static async Task<string> KeyAsync(ApiKeyRegister keys, ApiScope scopes) =>
        Assert.IsType<ApiKeySave.Saved>(await keys.AddAsync($"script {keys.All.Count + 1}", scopes)).Text;

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(path, TestContext.Current.CancellationToken);

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request) => _http.SendAsync(request, TestContext.Current.CancellationToken);

    public Task<HttpResponseMessage> SendAsync(string method, string path) => SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

    public Task<HttpResponseMessage> PostAsync(string path, string body, string type = "application/json") =>
        SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(type)) });

    /// <summary>The answer's JSON, which must be done.</summary>
    public async Task<JsonElement> ReadAsync(string path)
    {
        using var answer = await GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await JsonAsync(answer);
    }

    public static async Task<JsonElement> JsonAsync(HttpResponseMessage answer)
    {
        using var parsed = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return parsed.RootElement.Clone();
    }

    /// <summary>The answer is a problem of RFC 9457 with this status.</summary>
    /// <returns>Its detail.</returns>
    public static async Task<string> IsProblemAsync(HttpStatusCode status, HttpResponseMessage answer)
    {
        Assert.Equal((status, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
        var problem = await JsonAsync(answer);
        Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
        Assert.StartsWith("urn:devicemail:", problem.GetProperty("type").GetString(), StringComparison.Ordinal);
        Assert.NotEqual("", problem.GetProperty("title").GetString());
        return problem.GetProperty("detail").GetString()!;
    }

    public void Dispose() => _http.Dispose();
}
