using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using DeviceMail.Control;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace DeviceMail.Tests.Kit;

/// <summary>A gateway with Web Config over real https and a clock that the test moves; new, and nobody's.</summary>
public sealed class WebGateway : IAsyncDisposable
{
    public const string Address = "admin@contoso.example", Password = "correct horse battery";

    private readonly Folder _folder = new();
    private readonly WebApplication _app;

    private WebGateway(LogLevel log) => _app = DeviceMailHost.Build(new StartOptions
    {
        DataPath = _folder.Path,
        Smtp = [new SmtpEndpoint(new IPEndPoint(IPAddress.Loopback, 0), TlsMode.StartTls)],
        Web = new IPEndPoint(IPAddress.Loopback, 0),
        Http = new IPEndPoint(IPAddress.Loopback, 0),
        Time = Time,
        LogLevel = log,
    });

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero));

    public IServiceProvider Services => _app.Services;

    public Uri Web => new(WebAddress.Of(Services)!);

    public Uri Clear => new($"http://{Find("Redirect to Web Config (http)")}/");

    public IPEndPoint Smtp => Find("SMTP");

    public Database Database => Part<Database>();

    public T Part<T>() where T : notnull => Services.GetRequiredService<T>();

    public static async Task<WebGateway> StartAsync()
    {
        var gateway = new WebGateway(LogLevel.Error);
        await gateway._app.StartAsync(TestContext.Current.CancellationToken);
        return gateway;
    }

    /// <summary>Made the administrator's, as DEVICEMAIL_ADMIN_PASSWORD_FILE does.</summary>
    public static async Task<WebGateway> StartClaimedAsync()
    {
        var gateway = await StartAsync();
        await gateway.Part<Claim>().ClaimUnattendedAsync(Address, Password);
        return gateway;
    }

    /// <summary>The same with endpoints of the test, and all that it logs given to the test.</summary>
    public static async Task<WebGateway> StartClaimedAsync(Action<WebApplication> prepare)
    {
        var gateway = new WebGateway(LogLevel.Debug);
        prepare(gateway._app);
        await gateway._app.StartAsync(TestContext.Current.CancellationToken);
        await gateway.Part<Claim>().ClaimUnattendedAsync(Address, Password);
        return gateway;
    }

    public async Task<WebVisitor> LogInAsync()
    {
        var visitor = Visit();
        using var answer = await visitor.PostAsync("/login", ("password", Password));
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        return visitor;
    }

    public WebVisitor Visit() => new(Web, Part<ServerCertificate>().Certificate);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    private IPEndPoint Find(string listener) => Services.GetRequiredService<Listeners>().Find(listener)!;
}

/// <summary>What a browser does, without one: keeps cookies, names the origin of its forms, and puts the page's token into them.</summary>
public sealed partial class WebVisitor : IDisposable
{
    private readonly HttpClient _http;

    /// <param name="address">Where paths begin.</param>
    /// <param name="certificate">The one certificate it goes on with.</param>
    public WebVisitor(Uri address, X509Certificate2 certificate)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, CookieContainer = Cookies };
        handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) => certificate.Equals(shown);
        _http = new HttpClient(handler) { BaseAddress = address };
    }

    public CookieContainer Cookies { get; } = new();

    public Uri Address => _http.BaseAddress!;

    public Task<HttpResponseMessage> GetAsync(string path) => _http.GetAsync(path, TestContext.Current.CancellationToken);

    public async Task<string> ReadAsync(string path)
    {
        using var answer = await GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    public async Task<HttpResponseMessage> PostAsync(string path, params (string Name, string Value)[] fields) =>
        await SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = Form([("form-token", await TokenAsync()), .. fields]) });

    /// <summary>A form exactly as given, with the origin of this gateway unless the request names another.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request)
    {
        if (!request.Headers.Contains("Origin")) request.Headers.Add("Origin", Address.GetLeftPart(UriPartial.Authority));
        return _http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>What a form of this login carries; empty without a login.</summary>
    public async Task<string> TokenAsync()
    {
        using var page = await GetAsync("/");
        return Token().Match(await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)) is { Success: true } found ? found.Groups[1].Value : "";
    }

    public static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) => new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));

    public void Dispose() => _http.Dispose();

    [GeneratedRegex("name=\"form-token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
