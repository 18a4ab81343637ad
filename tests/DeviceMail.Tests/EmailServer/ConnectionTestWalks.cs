using DeviceMail.Tests.Kit;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace DeviceMail.Tests.EmailServer;

/// <summary>Network > Email Server > Connection Test, walked by a person with a browser (row G2.13).</summary>
public sealed class ConnectionTestWalks
{
    [Fact]
    public async Task G2_13_The_connection_test_shows_each_step_live()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await gateway.SignInAsync();
        await gateway.RestartAsync();
        gateway.Lab.Switches.SlowMilliseconds = 600;
        await using var browser = await Browser.LogInAsync(gateway);
        var page = browser.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Network", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Connection Test" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Start the test" }).ClickAsync();
        await Expect(page.GetByText("not reached").First).ToBeVisibleAsync();
        await Expect(page.GetByText("Mail can go out with these settings.")).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await Expect(page.GetByText("not reached")).ToHaveCountAsync(0);
        await Expect(page.Locator("[data-live]")).ToHaveCountAsync(0);
        await Expect(page.GetByText("Issuer: CN=PRETEND lab root")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "The server accepted the sender scan@contoso.example" })).ToBeVisibleAsync();
        Assert.Empty(gateway.Lab.Mailboxes["admin@contoso.example"]);
    }

    [Fact]
    public async Task G2_13_A_capture_server_gets_no_byte_of_the_sign_in_from_the_pages_button()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var capture = new ScriptedServer { Extensions = ["AUTH XOAUTH2 PLAIN LOGIN"] };
        await gateway.SignInAsync();
        await using var browser = await Browser.LogInWithoutScriptAsync(gateway);
        var page = browser.Page;
        await page.GotoAsync("/email-server");
        await page.GetByLabel("SMTP Server Port Number").FillAsync($"{capture.Port}");
        await page.GetByLabel("Secure Connection").SelectOptionAsync("None");
        await page.GetByRole(AriaRole.Button, new() { Name = "Connection Test" }).ClickAsync();
        await Expect(page.GetByText("The sign-in was not tested: these are not the settings it was made with")).ToBeVisibleAsync();
        await Expect(page.GetByText("These settings are not saved")).ToBeVisibleAsync();
        Assert.Equal(["EHLO", "QUIT"], capture.Commands.Select(line => line.Split(' ')[0]).Distinct());
        Assert.NotEqual(capture.Port, gateway.Account.Port);

        await page.GetByRole(AriaRole.Button, new() { Name = "Start again" }).ClickAsync();
        await Expect(page.GetByText("The sign-in was not tested")).ToBeVisibleAsync();
        Assert.Equal(["EHLO", "QUIT"], capture.Commands.Select(line => line.Split(' ')[0]).Distinct());
        await gateway.HandInAsync("still signed in", "anna@contoso.example");
        await gateway.ArrivesAsync("anna@contoso.example");
    }

    [Fact]
    public async Task G2_13_A_failed_step_leads_to_the_field_and_offers_the_fix_without_script()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInWithoutScriptAsync(gateway);
        var page = browser.Page;
        await page.GotoAsync("/email-server");
        await page.GetByLabel("Secure Connection").SelectOptionAsync("SSL/TLS");
        await page.GetByRole(AriaRole.Button, new() { Name = "Connection Test" }).ClickAsync();
        await Expect(page.GetByText("The server speaks no SSL/TLS")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Secure Connection" }).ClickAsync();
        Assert.EndsWith($"/email-server?account={gateway.Account.Id}#secure", page.Url, StringComparison.Ordinal);
        await page.GoBackAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Test with STARTTLS" }).ClickAsync();
        await Expect(page.GetByText("The connection is encrypted with TLS 1.3")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task G2_13_Settings_that_passed_are_saved_from_the_test()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var relay = new ScriptedServer();
        await using var browser = await Browser.LogInWithoutScriptAsync(gateway);
        var page = browser.Page;
        await page.GotoAsync("/email-server");
        await page.GetByLabel("Authentication Method").SelectOptionAsync("Off");
        await page.GetByLabel("SMTP Server Port Number").FillAsync($"{relay.Port}");
        await page.GetByLabel("Secure Connection").SelectOptionAsync("None");
        await page.GetByRole(AriaRole.Button, new() { Name = "Connection Test" }).ClickAsync();
        await Expect(page.GetByText("Mail can go out with these settings.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save these settings" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Email Server: Basic" })).ToBeVisibleAsync();
        Assert.Equal(relay.Port, gateway.Account.Port);
        await gateway.HandInAsync("by relay", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => relay.Messages.Count == 1);
    }

    [Fact]
    public async Task G2_13_A_test_mail_is_sent_only_when_the_box_is_ticked()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await gateway.SignInAsync();
        await using var browser = await Browser.LogInWithoutScriptAsync(gateway);
        var page = browser.Page;
        await page.GotoAsync("/email-server/connection-test");
        await Expect(page.GetByLabel("Address for the test mail")).ToHaveValueAsync("admin@contoso.example");
        await page.GetByLabel("Address for the test mail").FillAsync("anna@contoso.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start the test" }).ClickAsync();
        await Expect(page.GetByText("nothing was sent")).ToBeVisibleAsync(new() { Timeout = 15_000 });
        await page.GetByLabel("Also send a test mail").CheckAsync();
        await page.GetByLabel("Address for the test mail").FillAsync("anna@contoso.example");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start again" }).ClickAsync();
        await Expect(page.GetByText("The test mail to anna@contoso.example was handed over")).ToBeVisibleAsync(new() { Timeout = 15_000 });
        Assert.Single(gateway.Lab.Mailboxes["anna@contoso.example"]);
    }

    [Fact]
    public async Task A_servers_own_words_are_shown_and_never_run()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var server = new ScriptedServer();
        server.Say("", "554 <script>document.title='run'</script>");
        await using var browser = await Browser.LogInAsync(gateway);
        var page = browser.Page;
        await page.GotoAsync("/email-server");
        await page.GetByLabel("SMTP Server Port Number").FillAsync($"{server.Port}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Connection Test" }).ClickAsync();
        await page.GetByText("The other side's own words").ClickAsync();
        await Expect(page.GetByText("<script>document.title='run'</script>")).ToBeVisibleAsync();
        Assert.StartsWith("Email Server: Connection Test", await page.TitleAsync(), StringComparison.Ordinal);
    }
}
