using DeviceMail.Activity;
using DeviceMail.Doctor;
using DeviceMail.Tests.Kit;
using DeviceMail.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace DeviceMail.Tests.Doctor;

/// <summary>Device Management > Tenant Set-up in a real browser.</summary>
public sealed class TenantWalks
{
    [Fact]
    public async Task The_page_leads_from_the_sign_in_over_the_preview_to_the_ids()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        gateway.Lab.Switches.DeviceCodeReportOnly = true;
        await using var browser = await Browser.LogInAsync(gateway);

        await browser.OpenAsync("Device Management", "Tenant Set-up");
        await browser.SeesAsync("DelegatedPermissionGrant.ReadWrite.All");
        await Assertions.Expect(browser.Field("Mailbox that will send")).ToHaveValueAsync("scan@contoso.example");
        await browser.ShowAsync("tenant-form");
        await browser.Page.GetByText("Another application, directory or cloud").ClickAsync();
        await browser.Field("Sign-in address").FillAsync("http://login.contoso.example");
        await browser.PressAsync("Sign in by code");
        await browser.SeesAsync("Sign-in address must begin with https://");
        await browser.ShowAsync("tenant-form-fault");

        await FillAsync(gateway, browser);
        await browser.PressAsync("Sign in by code");
        await browser.SeesAsync("Waiting for an administrator to sign in");
        await browser.ShowAsync("tenant-code");
        gateway.Lab.SignIns.Approve(gateway.Lab.SignIns.Waiting[0].UserCode, "admin@contoso.example");
        await browser.SeesAsync("Nothing is changed yet: this would be done");
        await browser.SeesAsync("Grant SMTP.Send at Office 365 Exchange Online for scan@contoso.example alone");
        await browser.SeesAsync("Microsoft-managed: Block device code flow");
        await browser.SeesAsync("Set-CASMailbox -Identity 'scan@contoso.example'");
        Assert.Equal(0, gateway.Lab.Directory.Writes);
        await browser.ShowAsync("tenant-preview");

        await browser.PressAsync("Yes, do this");
        await browser.SeesAsync("The organisation is set up");
        await browser.ShowAsync("tenant-done");
        Assert.Equal(4, gateway.Lab.Directory.Writes);
        var audit = gateway.Services.GetRequiredService<AuditLog>().List(null, 10).Select(entry => entry.Deed).ToList();
        Assert.Contains(audit, deed => deed.What.StartsWith("Agreed to the set-up of the organisation", StringComparison.Ordinal) && deed.After.Contains("Make the application DeviceMail", StringComparison.Ordinal));
        await browser.FollowAsync("Use these IDs in Email Server: Basic");
        await Assertions.Expect(browser.Field("Application (client) ID")).ToHaveValueAsync(gateway.Lab.Directory.Applications[0].AppId);
    }

    [Fact]
    public async Task The_page_works_without_script_and_can_be_cancelled()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInWithoutScriptAsync(gateway);

        await OpenFilledAsync(gateway, browser);
        await browser.PressAsync("Sign in by code");
        await browser.SeesAsync(gateway.Lab.SignIns.Waiting[0].UserCode);
        gateway.Lab.SignIns.Approve(gateway.Lab.SignIns.Waiting[0].UserCode, "admin@contoso.example");
        await browser.SeesAsync("Nothing is changed yet: this would be done");
        await browser.PressAsync("No, change nothing");
        await browser.GoAsync("/doctor/tenant");
        await browser.SeesAsync("The set-up was cancelled.");
        Assert.Equal(0, gateway.Lab.Directory.Writes);

        await browser.PressAsync("Begin again");
        await browser.SeesAsync("What the administrator lends it");
    }

    [Fact]
    public async Task Where_codes_are_blocked_the_administrator_signs_in_in_the_browser_and_pastes_where_it_landed()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        gateway.Lab.Switches.DeviceCodeBlocked = true;
        await using var browser = await Browser.LogInAsync(gateway);
        await OpenFilledAsync(gateway, browser);
        await browser.PressAsync("Sign in by code");
        await browser.Page.GetByText("Microsoft's page refuses").ClickAsync();
        await browser.SeesAsync("A sign-in in this browser is not touched by that");
        await browser.PressAsync("Sign in in this browser instead");

        await browser.SeesAsync("Copy the address you land on");
        await browser.ShowAsync("tenant-browser");
        await browser.Field("Address you landed on").FillAsync("http://localhost/?code=1&state=2");
        await browser.PressAsync("Finish the sign-in");
        await browser.SeesAsync("This is not the address that this sign-in landed on.");
        await browser.ShowAsync("tenant-browser-fault");
        await using (var page = await Browser.OpenAsync(gateway.Lab.Web))
        {
            await page.GoAsync(await AddressAsync(browser));
            await page.Field("Pick an account").SelectOptionAsync("admin@contoso.example");
            await page.PressAsync("Sign in");
            await Assertions.Expect(page.Page.Locator("main")).ToContainTextAsync("Policy.Read.All");
        }
        await browser.Field("Address you landed on").FillAsync(gateway.Lab.Authorizations.Approve(new Uri(await AddressAsync(browser)), "admin@contoso.example").ToString());
        await browser.PressAsync("Finish the sign-in");
        await browser.SeesAsync("Nothing is changed yet: this would be done");
        await browser.PressAsync("Yes, do this");
        await browser.SeesAsync("The organisation is set up");
        Assert.Equal(4, gateway.Lab.Directory.Writes);
        await browser.GoAsync("/audit");
        await browser.SeesAsync("Finished the administrator's sign-in in a browser");
        await browser.SeesNotAsync("code=");
    }

    [Fact]
    public async Task The_browser_way_needs_no_script_and_what_it_foretells_stands_on_the_pages()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        gateway.Lab.Switches.DeviceCodeReportOnly = true;
        await gateway.SignInAsync();
        await using var browser = await Browser.LogInWithoutScriptAsync(gateway);
        await OpenFilledAsync(gateway, browser);
        await browser.PressAsync("Sign in in this browser");
        await browser.Field("Address you landed on").FillAsync(gateway.Lab.Authorizations.Approve(new Uri(await AddressAsync(browser)), "admin@contoso.example").ToString());
        await browser.PressAsync("Finish the sign-in");
        await browser.SeesAsync("Nothing is changed yet: this would be done");
        await browser.PressAsync("No, change nothing");
        await using var scripted = await Browser.LogInAsync(gateway);
        await scripted.OpenAsync("Network", "Basic");
        await scripted.SeesAsync("The organisation's policy “Microsoft-managed: Block device code flow” blocks sign-ins by device code when it is switched on");
        await scripted.ShowAsync("email-server-foretold");
        await scripted.GoAsync("/");
        await scripted.SeesAsync(Words.Date(TimeProvider.System.GetUtcNow().AddDays(25)));
        await scripted.SeesAsync("A sign-in in a browser is not touched by it.");
        await scripted.ShowAsync("home-foretold");
    }

    [Fact]
    public async Task A_refusal_says_who_can_do_it_and_leads_to_the_other_way()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        foreach (var permission in TenantPermissions.Asked) gateway.Lab.Tenant.ConsentForOrganisation($"graph/{permission.Name}");
        await using var browser = await Browser.LogInAsync(gateway);

        await OpenFilledAsync(gateway, browser);
        await browser.PressAsync("Sign in by code");
        await browser.SeesAsync("Waiting for an administrator to sign in");
        gateway.Lab.SignIns.Approve(gateway.Lab.SignIns.Waiting[0].UserCode, "anna@contoso.example");
        await browser.SeesAsync("The account that signed in does not have the rights for this.");
        await browser.ShowAsync("tenant-refused");
        await browser.FollowAsync("Show the script");
        await browser.SeesAsync("Application Registration");
    }

    private static async Task<string> AddressAsync(Browser browser) => (await browser.Page.Locator("#open").GetAttributeAsync("href"))!;

    private static async Task OpenFilledAsync(LabGateway gateway, Browser browser)
    {
        await browser.GoAsync("/doctor/tenant");
        await browser.Page.GetByText("Another application, directory or cloud").ClickAsync();
        await FillAsync(gateway, browser);
    }

    private static async Task FillAsync(LabGateway gateway, Browser browser)
    {
        await browser.Field("Sign-in address").FillAsync($"{gateway.Lab.Web}");
        await browser.Field("Address of Microsoft Graph").FillAsync($"{gateway.Lab.Web}graph/v1.0");
    }
}
