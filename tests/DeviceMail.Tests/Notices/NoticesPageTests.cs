using DeviceMail.Queue;
using Microsoft.Playwright;

namespace DeviceMail.Tests.Notices;

/// <summary>Device Management > Notices, in a real browser.</summary>
public sealed class NoticesPageTests
{
    [Fact]
    public async Task The_page_sets_the_second_route_and_says_by_which_route_a_test_mail_goes()
    {
        await using var gateway = await NoticeGateway.StartAsync();
        await gateway.AddSecondRouteAsync();
        await gateway.SetAsync("notices.second-route", "");
        using var driver = await Playwright.CreateAsync();
        await using var browser = await driver.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
        var page = await browser.NewPageAsync(new BrowserNewPageOptions { IgnoreHTTPSErrors = true, BaseURL = gateway.WebConfig });
        await page.GotoAsync("/login?next=%2Fnotices");
        await page.GetByLabel("Administrator password").FillAsync("correct horse battery");
        await page.GetByRole(AriaRole.Button, new() { Name = "OK" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = "Needs a person" })).ToContainTextAsync("There is no second route for notices");
        await page.GetByLabel("Second route").SelectOptionAsync(NoticeGateway.RelayAddress);
        await page.GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByText("Saved", new() { Exact = true })).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Region, new() { Name = "Needs a person" })).ToHaveCountAsync(0);
        // Nobody is signed in, so that the first route cannot send.
        await page.GetByRole(AriaRole.Button, new() { Name = "Send test mail", Exact = true }).ClickAsync();
        var job = Assert.Single(gateway.Queue.List(new JobFilter()));
        await Assertions.Expect(page.GetByText($"The test mail goes by the second route, {NoticeGateway.RelayAddress}")).ToContainTextAsync($"Job {job.Id}");
        await gateway.StepUntilAsync(TimeSpan.FromMilliseconds(100), () => gateway.Relay.Messages.Count == 1);
        await page.GetByLabel("Administrator's Email Address").FillAsync("<script>alert(1)</script>@");
        await page.EvaluateAsync("document.querySelector('form[action=\"/notices\"]').noValidate = true");
        await page.GetByRole(AriaRole.Button, new() { Name = "OK", Exact = true }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Not saved. Administrator's Email Address needs the form name@domain");
    }
}
