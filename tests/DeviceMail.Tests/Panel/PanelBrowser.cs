using DeviceMail.Panel;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace DeviceMail.Tests.Panel;

/// <summary>A touch screen of 1024 x 600 beside a copier, and the administrator's browser at a desk. With DEVICEMAIL_SCREENSHOTS=folder it leaves pictures there.</summary>
internal sealed class PanelBrowser : IAsyncDisposable
{
    public const string Name = "Copier 2nd floor";

    private static readonly (string Name, int Width, int Height, ColorScheme Scheme)[] _looks =
    [
        ("touch-light", 1024, 600, ColorScheme.Light), ("touch-dark", 1024, 600, ColorScheme.Dark),
        ("phone-light", 390, 844, ColorScheme.Light), ("phone-dark", 390, 844, ColorScheme.Dark),
    ];

    private PanelBrowser(Browser touch) => Touch = touch;

    public Browser Touch { get; }

    public IPage Page => Touch.Page;

    /// <summary>A browser that nobody has paired, at the panel's address.</summary>
    public static async Task<PanelBrowser> OpenAsync(LabGateway gateway)
    {
        var panel = new PanelBrowser(await Browser.OpenAsync(gateway.Web));
        await panel.Page.SetViewportSizeAsync(1024, 600);
        await panel.Touch.GoAsync(PanelMenu.Home);
        return panel;
    }

    /// <summary>A paired one, on its first page. Pairing itself is walked elsewhere.</summary>
    public static async Task<PanelBrowser> PairAsync(LabGateway gateway)
    {
        var panel = await OpenAsync(gateway);
        Assert.IsType<PairOutcome.Paired>(await gateway.Services.GetRequiredService<PairingDesk>().PairAsync(await panel.CodeAsync(), Name));
        await Assertions.Expect(panel.Touch.Heading(Name)).ToBeVisibleAsync();
        return panel;
    }

    public async Task<string> CodeAsync() => (await Page.Locator("#code").TextContentAsync())!;

    /// <summary>Selects one line or tile after the other, as the guide names them.</summary>
    public async Task SelectAsync(params string[] names)
    {
        foreach (var name in names) await Page.Locator("main").GetByRole(AriaRole.Link).Filter(new LocatorFilterOptions { HasText = name }).First.ClickAsync();
    }

    public async Task SignInAsync(string password = LabGateway.Password)
    {
        await Touch.Field("Administrator password").FillAsync(password);
        await Touch.PressAsync("OK");
    }

    /// <summary>The page fits the screen: nothing to scroll, up or sideways.</summary>
    public async Task FitsAsync()
    {
        // A page that was just followed to may still be on its way.
        await Page.WaitForLoadStateAsync(LoadState.Load);
        Assert.True(await Page.EvaluateAsync<bool>("document.documentElement.scrollHeight <= innerHeight"), $"{Page.Url} is {await Page.EvaluateAsync<int>("document.documentElement.scrollHeight")} pixels high");
        Assert.True(await Page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= innerWidth"), $"{Page.Url} is too wide");
        await TouchableAsync();
    }

    public async Task ShowAsync(string name)
    {
        await Axe.FindsNothingAsync(Page, $"panel-{name}");
        if (Environment.GetEnvironmentVariable("DEVICEMAIL_SCREENSHOTS") is not { Length: > 0 } folder) return;
        foreach (var look in _looks)
        {
            await Page.SetViewportSizeAsync(look.Width, look.Height);
            await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = look.Scheme });
            await Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(folder, $"panel-{name}-{look.Name}.png"), FullPage = true });
        }
        await Page.SetViewportSizeAsync(1024, 600);
        await Page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = ColorScheme.Light });
    }

    public async ValueTask DisposeAsync() => await Touch.DisposeAsync();

    /// <summary>Every control is at least 52 pixels high: fingers are not pointers.</summary>
    private async Task TouchableAsync() => Assert.Equal("", await Page.EvaluateAsync<string>(
        "[...document.querySelectorAll('a, button, select, input:not([type=hidden])')].filter(one => one.getBoundingClientRect().height < 52).map(one => one.outerHTML).join('; ')"));
}
