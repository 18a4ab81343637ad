using System.CommandLine;
using System.Net;
using System.Text.Json;
using DeviceMail.Activity;
using DeviceMail.Tests.Kit;
using DeviceMail.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;

namespace DeviceMail.Tests.Web;

/// <summary>Keys of the HTTP API are made, shown once, and removed.</summary>
public sealed class ApiKeyTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_key_is_made_on_the_page_works_and_is_nowhere_afterwards()
    {
        var log = new KeptLog();
        await using var gateway = await WebGateway.StartClaimedAsync(app => app.Services.GetRequiredService<ILoggerFactory>().AddProvider(log));
        using var visitor = await gateway.LogInAsync();
        gateway.Time.Advance(TimeSpan.FromMinutes(6));
        (string, string)[] form = [("do", "make"), ("name", "Monitoring"), ("scope", "read")];
        using (var asked = await visitor.PostAsync("/api-keys", form)) Assert.Equal(HttpStatusCode.Forbidden, asked.StatusCode);
        Assert.Empty(gateway.Part<ApiKeyRegister>().All);
        using var made = await visitor.PostAsync("/confirm", ("password", WebGateway.Password));
        var key = (await made.Content.ReadAsStringAsync(Cancel)).Split("id=\"new-key\">")[1].Split('<')[0];
        using var caller = ApiCaller.With(gateway, key);
        await caller.ReadAsync("/api/v1/status");
        await ApiCaller.IsProblemAsync(HttpStatusCode.Forbidden, await caller.SendAsync("POST", "/api/v1/jobs/1/cancel"));

        var kept = gateway.Part<AuditLog>().List(null, 100).Select(entry => $"{entry}").Concat(gateway.Part<ActivityLog>().Latest(100).Select(entry => $"{entry}"))
            .Concat([await visitor.ReadAsync("/api-keys"), await visitor.ReadAsync("/audit"), .. log.Lines, $"{gateway.Part<ApiKeyRegister>().All[0]}"]).ToList();
        foreach (var file in Directory.EnumerateFiles(gateway.Database.Folder.Path, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) is not ("lock" or "control.sock")))
        {
            await using var octets = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var text = new StreamReader(octets, System.Text.Encoding.Latin1);
            kept.Add(await text.ReadToEndAsync(Cancel));
        }
        var secret = key[ApiKeyText.Mark.Length..];
        Assert.All(kept, text => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        Assert.Contains(kept, text => text.Contains(ApiKeyText.HashOf(key)!, StringComparison.Ordinal));
        Assert.Equal(("Made a key of the HTTP API", "scopes = read"), gateway.Part<AuditLog>().List(null, 100).Where(entry => entry.Deed.Subject == "Monitoring").Select(entry => (entry.Deed.What, entry.Deed.After)).Single());
    }

    [Fact]
    public async Task A_key_without_a_name_or_scope_or_with_a_name_that_is_taken_is_not_made()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        foreach (var (name, scope, says) in ((string, string, string)[])[("", "read", "needs a name"), ("Monitoring", "", "at least one of send, read and admin"), ("Monitoring", "root", "at least one")])
        {
            using var refused = await visitor.PostAsync("/api-keys", ("do", "make"), ("name", name), ("scope", scope));
            Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
            Assert.Contains(says, await refused.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        }
        var both = await Task.WhenAll(gateway.Part<ApiKeyRegister>().AddAsync("Monitoring", ApiScope.Read), gateway.Part<ApiKeyRegister>().AddAsync("monitoring", ApiScope.Read));
        Assert.Single(both.OfType<ApiKeySave.Saved>());
        Assert.Single(both.OfType<ApiKeySave.Refused>());
    }

    [Fact]
    public async Task The_command_line_makes_lists_and_removes_keys()
    {
        using var folder = new Folder();
        Assert.Equal(2, (await RunAsync(folder, "api-keys", "add", "Scanner", "--scopes", "send,root")).Code);
        Assert.Equal(2, (await RunAsync(folder, "api-keys", "add", "Scanner")).Code);
        Assert.Equal(1, (await RunAsync(folder, "api-keys", "add", "Scanner", "--scopes", ",")).Code);
        using var made = JsonDocument.Parse((await RunAsync(folder, "api-keys", "add", "Scanner", "--scopes", "send,READ", "--json")).Text);
        var key = made.RootElement.GetProperty("key").GetString()!;
        Assert.NotNull(ApiKeyText.HashOf(key));
        Assert.Equal(1, (await RunAsync(folder, "api-keys", "add", "scanner", "--scopes", "read")).Code);
        var listed = (await RunAsync(folder, "api-keys")).Text;
        Assert.Contains("send,read", listed, StringComparison.Ordinal);
        Assert.DoesNotContain(key, listed, StringComparison.Ordinal);
        Assert.Contains("Made a key of the HTTP API", (await RunAsync(folder, "audit")).Text, StringComparison.Ordinal);
        Assert.Equal(0, (await RunAsync(folder, "api-keys", "remove", "Scanner")).Code);
        Assert.Equal(1, (await RunAsync(folder, "api-keys", "remove", "Scanner")).Code);
    }

    [Fact]
    public async Task An_administrator_makes_a_key_copies_it_and_removes_it()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        await using var browser = await Browser.OpenAsync(gateway.Web);
        await browser.LogInAsync(WebGateway.Password);
        await browser.OpenAsync("Device Management", "API Keys");
        await browser.ShowAsync("api-keys");
        await browser.Field("Name").FillAsync("Monitoring");
        await browser.PressAsync("Make the key");
        await browser.SeesAsync("is shown this once");
        await Assertions.Expect(browser.Button("Copy the key")).ToBeVisibleAsync();
        await browser.SeesAsync("curl --cacert gateway.pem");
        await browser.ShowAsync("api-keys-made");
        Assert.NotNull(gateway.Part<ApiKeyRegister>().FindByKey((await browser.Page.Locator("#new-key").TextContentAsync())!));
        await browser.GoAsync("/api-keys");
        await browser.SeesNotAsync("is shown this once");
        await browser.SeesAsync("Keys: 1");
        await browser.PressAsync("Remove Monitoring");
        await browser.ShowAsync("api-keys-remove");
        await browser.PressAsync("Remove the key");
        await browser.SeesAsync("Nobody reaches the HTTP API");
        Assert.Empty(gateway.Part<ApiKeyRegister>().All);
    }

    private static async Task<(int Code, string Text)> RunAsync(Folder folder, params string[] arguments)
    {
        var text = new StringWriter();
        var code = await CommandLine.RunAsync([.. arguments, "--data", folder.In("data")], new InvocationConfiguration { Output = text, Error = text, EnableDefaultExceptionHandler = false });
        return (code, text.ToString());
    }

    /// <summary>Keeps each line that is logged.</summary>
    private sealed class KeptLog : ILoggerProvider, ILogger
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<string> _lines = new();

        public IEnumerable<string> Lines => _lines;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _lines.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
