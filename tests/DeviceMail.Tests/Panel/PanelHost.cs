using System.Net;
using System.Text.RegularExpressions;
using DeviceMail.Control;
using DeviceMail.Panel;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;
using DeviceMail.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace DeviceMail.Tests.Panel;

/// <summary>A claimed gateway over real https with a clock that the test moves, and browsers without a screen.</summary>
internal sealed class PanelHost : IAsyncDisposable
{
    private readonly Folder _folder = new();
    private readonly WebApplication _app;

    private PanelHost() => _app = DeviceMailHost.Build(new StartOptions
    {
        DataPath = _folder.Path,
        Smtp = [],
        Web = new IPEndPoint(IPAddress.Loopback, 0),
        Http = null,
        Time = Time,
        LogLevel = LogLevel.Error,
    });

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero));

    public Database Database => Part<Database>();

    public static async Task<PanelHost> StartAsync()
    {
        var host = new PanelHost();
        await host._app.StartAsync(TestContext.Current.CancellationToken);
        await host.Part<Claim>().ClaimUnattendedAsync("admin@contoso.example", LabGateway.Password);
        return host;
    }

    public T Part<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    public PanelClient Open() => new(new Uri($"https://{Part<Listeners>().Find(WebSetup.ListenerName)!}"));

    /// <summary>A browser that an administrator has paired.</summary>
    public async Task<PanelClient> PairAsync(string name)
    {
        var client = Open();
        Assert.IsType<PairOutcome.Paired>(await Part<PairingDesk>().PairAsync(await client.CodeAsync(), name));
        Assert.Equal((HttpStatusCode.SeeOther, "/panel"), await client.StatusAsync(PairPage.Address));
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>One browser: it keeps cookies, and follows no redirect.</summary>
internal sealed partial class PanelClient(Uri address) : IDisposable
{
    private readonly HttpClient _http = new(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, _, _, _) => true, AllowAutoRedirect = false })
    {
        BaseAddress = address,
    };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(path, Cancel);

    public async Task<string> PageAsync(string path) => await _http.GetStringAsync(path, Cancel);

    /// <summary>Status, and where the answer leads.</summary>
    public async Task<(HttpStatusCode Status, string? To)> StatusAsync(string path)
    {
        using var answer = await GetAsync(path);
        return (answer.StatusCode, answer.Headers.Location?.ToString());
    }

    /// <summary>What the page asks by itself.</summary>
    public async Task<HttpStatusCode> AskLiveAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-Live", "1");
        using var answer = await _http.SendAsync(request, Cancel);
        return answer.StatusCode;
    }

    /// <summary>The pairing code on the screen.</summary>
    public async Task<string> CodeAsync() => Code().Match(await PageAsync(PairPage.Address)).Groups[1].Value;

    public async Task<string> TokenAsync(string page) => Token().Match(await PageAsync(page)).Groups[1].Value;

    public async Task<(HttpStatusCode Status, string? To, string Page)> PostAsync(string path, params (string Name, string Value)[] fields)
    {
        using var post = new HttpRequestMessage(HttpMethod.Post, path);
        post.Headers.Add("Origin", address.GetLeftPart(UriPartial.Authority));
        post.Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using var answer = await _http.SendAsync(post, Cancel);
        return (answer.StatusCode, answer.Headers.Location?.ToString(), await answer.Content.ReadAsStringAsync(Cancel));
    }

    public async Task<(HttpStatusCode Status, string? To, string Page)> SignInAsync(string password, string next = "/panel") =>
        await PostAsync(AdministratorPage.Address, (PageGuard.TokenField, await TokenAsync(AdministratorPage.Address)), ("password", password), ("next", next));

    [GeneratedRegex("id=\"code\">([^<]+)<")]
    private static partial Regex Code();

    [GeneratedRegex("name=\"form-token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
