using DeviceMail.Accounts;
using DeviceMail.Queue;
using DeviceMail.Tests.Kit;
using Microsoft.Playwright;

namespace DeviceMail.Tests.EmailServer;

/// <summary>The first page: is mail going out, and if not, what do I do?</summary>
public sealed class HomePageWalks
{
    [Fact]
    public async Task The_first_page_says_that_mail_goes_out_how_much_room_there_is_and_what_happened()
    {
        await using var gateway = await RelayGateway.StartAsync(new Budget(3, 25, 10_000));
        await using var browser = await gateway.LogInAsync();
        await browser.SeesAsync("No mail has gone out yet.");
        await browser.ShowAsync("home-empty");
        await Assertions.Expect(browser.Heading("Mail goes out")).ToBeVisibleAsync();
        for (var hour = 0; hour < 20; hour++)
        {
            for (var i = 0; i < 1 + hour * 7 % 10; i++) await gateway.AcceptAsync($"Scan {hour}.{i}", "ines.bauer@contoso.example");
            await LabGateway.EventuallyAsync(() => gateway.Queue.Counts().GetValueOrDefault(JobState.Waiting) == 0);
            gateway.Time.Advance(TimeSpan.FromMinutes(hour == 19 ? 2 : 60));
        }
        await browser.LogInAsync(RelayGateway.Password);
        await browser.SeesAsync("The last mail left 2 min ago. Nothing is held, and nothing waits.");
        await browser.SeesAsync("Mail from Copier 2nd floor went out to ines.bauer@contoso.example.");
        await browser.SeesAsync($"{gateway.Queue.Figures.LastDay().Sent} sent, none held, none failed");
        await browser.SeesAsync("of 10,000 recipients");
        await Assertions.Expect(browser.Page.GetByRole(AriaRole.Img)).ToHaveAttributeAsync("aria-label", new System.Text.RegularExpressions.Regex("Jobs in each hour since 05:00 yesterday: .* Busiest from"));
        await browser.ShowAsync("home");
    }

    [Fact]
    public async Task The_first_page_says_at_once_that_the_server_cannot_be_reached_and_when_it_is_back()
    {
        await using var gateway = await RelayGateway.StartAsync();
        await gateway.AcceptAsync("good");
        await LabGateway.EventuallyAsync(() => gateway.Queue.Counts().GetValueOrDefault(JobState.Sent) == 1);
        await using var browser = await gateway.LogInAsync();
        await Assertions.Expect(browser.Heading("Mail goes out")).ToBeVisibleAsync();
        gateway.Time.Advance(TimeSpan.FromMinutes(5));
        gateway.Unplug();
        for (var i = 0; i < 4; i++) await gateway.AcceptAsync($"stuck {i}");
        await Assertions.Expect(browser.Heading("Mail is held: the mail server cannot be reached (scan@contoso.example)")).ToBeVisibleAsync();
        await browser.SeesAsync("The 4 held jobs go out by themselves then. Nothing is lost");
        await browser.SeesAsync("How long can it wait?");
        await browser.ShowAsync("home-trouble");
        await browser.FollowAsync("Check the server's address");
        await Assertions.Expect(browser.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/email-server"));
        await browser.GoAsync("/");
        gateway.PlugIn();
        gateway.Time.Advance(TimeSpan.FromMinutes(1));
        await Assertions.Expect(browser.Heading("Mail goes out")).ToBeVisibleAsync();
    }
}
