using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(DeviceMail.Tests.Kit.Chromium))]

namespace DeviceMail.Tests.Kit;

/// <summary>One headless Chromium for the whole run, started by the first test that opens a page.</summary>
public sealed class Chromium : IAsyncDisposable
{
    private static readonly SemaphoreSlim _one = new(1, 1);
    private static IPlaywright? _playwright;
    private static IBrowser? _browser;

    internal static async Task<IBrowser> GetAsync()
    {
        await _one.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_browser is { IsConnected: true }) return _browser;
            _playwright ??= await Playwright.CreateAsync();
            return _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
            {
                ExecutablePath = "/usr/bin/chromium",
                Args =
                [
                    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
                ],
            });
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null) await _browser.CloseAsync();
        _playwright?.Dispose();
        (_browser, _playwright) = (null, null);
    }
}

/// <summary>
/// A person's browser: a context of its own, which goes on past the certificate's warning. Controls are found as a person finds them, by role and
/// label. With DEVICEMAIL_SCREENSHOTS=folder each <see cref="ShowAsync"/> puts pictures there.
/// </summary>
public sealed class Browser : IAsyncDisposable
{
    private static readonly (string Name, int Width, int Height, ColorScheme Scheme)[] _looks =
    [
        ("desktop-light", 1280, 900, ColorScheme.Light), ("desktop-dark", 1280, 900, ColorScheme.Dark),
        ("phone-light", 390, 844, ColorScheme.Light), ("phone-dark", 390, 844, ColorScheme.Dark),
    ];

    private readonly IBrowserContext _context;

    private Browser(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    /// <param name="address">Where paths begin.</param>
    public static Task<Browser> OpenAsync(Uri address) => OpenAsync(address, new BrowserNewContextOptions());

    /// <summary>A browser that runs no script.</summary>
    public static Task<Browser> OpenWithoutScriptAsync(Uri address) => OpenAsync(address, new BrowserNewContextOptions { JavaScriptEnabled = false });

    /// <summary>Logged in as the gateway's administrator.</summary>
    public static async Task<Browser> LogInAsync(LabGateway gateway)
    {
        var browser = await OpenAsync(gateway.Web);
        await browser.LogInAsync(LabGateway.Password);
        return browser;
    }

    public static async Task<Browser> LogInWithoutScriptAsync(LabGateway gateway)
    {
        var browser = await OpenWithoutScriptAsync(gateway.Web);
        await browser.LogInAsync(LabGateway.Password);
        return browser;
    }

    public async Task LogInAsync(string password)
    {
        await GoAsync("/login");
        await Field("Administrator password").FillAsync(password);
        await PressAsync("OK");
    }

    public Task GoAsync(string path) => Page.GotoAsync(path);

    /// <summary>The control with this label.</summary>
    public ILocator Field(string label) => Page.GetByLabel(label, new PageGetByLabelOptions { Exact = true });

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    public ILocator Link(string name) => Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = name, Exact = true });

    public ILocator Heading(string name) => Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = name, Exact = true });

    public Task PressAsync(string name) => Button(name).ClickAsync();

    public Task FollowAsync(string name) => Link(name).ClickAsync();

    /// <summary>Waits until the page says so, wherever.</summary>
    public Task SeesAsync(string words) => Assertions.Expect(Page.Locator("main")).ToContainTextAsync(words);

    public Task SeesNotAsync(string words) => Assertions.Expect(Page.Locator("main")).Not.ToContainTextAsync(words);

    /// <summary>Chooses a page of the menu as the guide names it: Network, Email Server: Basic is Network, then Basic.</summary>
    public async Task OpenAsync(string tab, string page)
    {
        await Menu(tab).ClickAsync();
        await Menu(page).ClickAsync();
    }

    /// <summary>Pictures of the page at desktop and phone width, light and dark, where somebody asked for them.</summary>
    public async Task ShowAsync(string name)
    {
        await Axe.FindsNothingAsync(Page, name);
        if (Environment.GetEnvironmentVariable("DEVICEMAIL_SCREENSHOTS") is not { Length: > 0 } folder) return;
        foreach (var look in _looks)
        {
            await Page.SetViewportSizeAsync(look.Width, look.Height);
            await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = look.Scheme });
            // As tall as the page: what stays in view would lie over its middle otherwise.
            await Page.SetViewportSizeAsync(look.Width, Math.Max(look.Height, await Page.EvaluateAsync<int>("document.documentElement.scrollHeight")));
            await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"{name}-{look.Name}.png"), FullPage = true });
        }
        await Page.SetViewportSizeAsync(1280, 900);
        await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Light });
    }

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    private ILocator Menu(string name) =>
        Page.GetByRole(AriaRole.Navigation, new PageGetByRoleOptions { Name = "Web Config" }).GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = name, Exact = true }).First;

    private static async Task<Browser> OpenAsync(Uri address, BrowserNewContextOptions options)
    {
        options.BaseURL = address.ToString();
        options.IgnoreHTTPSErrors = true;
        options.ViewportSize = new ViewportSize { Width = 1280, Height = 900 };
        var context = await (await Chromium.GetAsync()).NewContextAsync(options);
        context.SetDefaultTimeout(60_000);
        Assertions.SetDefaultExpectTimeout(60_000);
        return new Browser(context, await context.NewPageAsync());
    }
}
