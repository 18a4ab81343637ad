using DeviceMail.Tests.Kit;
using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(Browser))]

namespace DeviceMail.Tests.Kit;

/// <summary>A real browser for the whole run, one context a test. It believes the gateway's own certificate, and reaches nothing but this machine.</summary>
public sealed class Browser : IAsyncDisposable
{
    private readonly Lazy<Task<(IPlaywright Driver, IBrowser Browser)>> _started = new(StartAsync);

    /// <summary>A page of Web Config where the administrator has logged in.</summary>
    public async Task<IPage> LogInAsync(LabGateway gateway, BrowserNewContextOptions? options = null)
    {
        options ??= new BrowserNewContextOptions();
        options.IgnoreHTTPSErrors = true;
        options.BaseURL = gateway.WebConfig;
        var page = await (await (await _started.Value).Browser.NewContextAsync(options)).NewPageAsync();
        await page.GotoAsync("/login");
        await page.GetByLabel("Administrator password").FillAsync(LabGateway.AdministratorPassword);
        await page.GetByRole(AriaRole.Button, new() { Name = "OK" }).ClickAsync();
        await page.WaitForURLAsync(gateway.WebConfig + "/");
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_started.IsValueCreated) return;
        var (driver, browser) = await _started.Value;
        await browser.CloseAsync();
        driver.Dispose();
    }

    private static async Task<(IPlaywright Driver, IBrowser Browser)> StartAsync()
    {
        var driver = await Playwright.CreateAsync();
        return (driver, await driver.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        }));
    }
}
