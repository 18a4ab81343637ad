using DeviceMail.Accounts;
using DeviceMail.Tests.Kit;
using Microsoft.Playwright;

namespace DeviceMail.Tests.EmailServer;

/// <summary>The guide's steps 6 to 12, in a browser, against the pretend Microsoft 365.</summary>
public sealed class SignInWalks
{
    private const string Mailbox = "scan@contoso.example";

    [Fact]
    public async Task G2_6_Sign_In_leads_to_Sign_in_with_Microsoft_which_shows_the_code()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInAsync(gateway);
        await browser.OpenAsync("Network", "Basic");
        await browser.PressAsync("Sign In");
        await browser.SeesAsync($"You sign in the mailbox that sends: {Mailbox}");
        await browser.SeesAsync("Use a mailbox of its own, without administrator's rights");
        await browser.ShowAsync("sign-in-begin");
        Assert.Empty(gateway.Lab.SignIns.Waiting);
        await browser.PressAsync("Sign in with Microsoft");
        await browser.SeesAsync("Waiting for you to finish in the other window");
        Assert.Single(gateway.Lab.SignIns.Waiting);
    }

    [Fact]
    public async Task G2_7_The_code_is_copied_the_link_opens_the_providers_page_and_the_time_runs()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInAsync(gateway);
        await browser.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        var code = await StartAsync(browser);
        await browser.ShowAsync("sign-in-code");
        await browser.PressAsync("Copy");
        await Assertions.Expect(browser.Button("Copied")).ToBeVisibleAsync();
        Assert.Equal(code, await browser.Page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        Assert.Equal(Assert.Single(gateway.Lab.SignIns.Waiting).UserCode, code);
        var link = browser.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = $"{gateway.Lab.Web}device" });
        Assert.Equal("noopener noreferrer", await link.GetAttributeAsync("rel"));
        await Assertions.Expect(browser.Page.GetByRole(AriaRole.Img, new PageGetByRoleOptions { Name = $"QR code for {gateway.Lab.Web}device" })).ToBeVisibleAsync();
        var clock = browser.Page.Locator("time[data-countdown]");
        var first = await clock.TextContentAsync();
        Assert.Matches("^1[45]:[0-5][0-9]$", first);
        await Assertions.Expect(clock).Not.ToHaveTextAsync(first!);
    }

    [Fact]
    public async Task G2_8_to_G2_12_A_person_signs_in_the_page_says_so_by_itself_and_OK_saves_it()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInAsync(gateway);
        var code = await StartAsync(browser);
        await using var phone = await Browser.OpenAsync(gateway.Lab.Web);
        await EnterAsync(phone, code, Mailbox);
        await phone.PressAsync("Accept");
        await phone.SeesAsync("You have signed in to DeviceMail");
        await browser.SeesAsync($"Signed in as {Mailbox} of organisation contoso.example");
        await browser.SeesAsync("not saved yet: press OK");
        await browser.ShowAsync("email-server-staged");
        await browser.GoAsync("/jobs");
        await browser.SeesAsync($"The new sign-in of {Mailbox} is not saved yet.");
        Assert.IsType<AccountStatus.SignedInNotSaved>(gateway.Status.StatusOf(gateway.Account.Id));
        await browser.FollowAsync("Open Email Server");
        await browser.PressAsync("OK");
        await Assertions.Expect(browser.Page.GetByText("Signed in", new PageGetByTextOptions { Exact = true }).First).ToBeVisibleAsync();
        await Assertions.Expect(browser.Button("Sign Out")).ToBeVisibleAsync();
        await Assertions.Expect(browser.Field("Authenticated Account")).ToHaveValueAsync(Mailbox);
        await browser.SeesNotAsync("not saved yet");
        await browser.ShowAsync("email-server-signed-in");
        Assert.IsType<AccountStatus.SignedIn>(gateway.Status.StatusOf(gateway.Account.Id));
    }

    [Fact]
    public async Task G1_1_Mail_goes_out_through_the_account_that_signed_in()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInAsync(gateway);
        gateway.Lab.SignIns.Approve(await StartAsync(browser), Mailbox);
        await browser.SeesAsync("press OK");
        await browser.PressAsync("OK");
        await Assertions.Expect(browser.Button("Sign Out")).ToBeVisibleAsync();
        await gateway.HandInAsync("scan", "anna@contoso.example");
        Assert.Equal(Mailbox, (await gateway.ArrivesAsync("anna@contoso.example")).Envelope.SignedIn);
    }

    [Fact]
    public async Task G2_9_When_another_mailbox_signed_in_it_can_be_used_or_tried_again()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInAsync(gateway);
        gateway.Lab.SignIns.Approve(await StartAsync(browser), "ben@contoso.example");
        await browser.SeesAsync($"This is not {Mailbox}, the mailbox that was asked for.");
        await browser.SeesAsync("private window");
        await browser.ShowAsync("email-server-wrong-mailbox");
        await browser.PressAsync("OK");
        await browser.SeesAsync("ben@contoso.example signed in, not scan@contoso.example");
        await browser.PressAsync("Try again");
        await browser.PressAsync("Sign in with Microsoft");
        gateway.Lab.SignIns.Approve(await CodeAsync(browser), "ben@contoso.example");
        await browser.PressAsync("Use ben@contoso.example");
        await Assertions.Expect(browser.Button("Sign Out")).ToBeVisibleAsync();
        await Assertions.Expect(browser.Field("Sender's Email Address")).ToHaveValueAsync("ben@contoso.example");
        Assert.Equal("ben@contoso.example", gateway.Account.Address.ToString());
    }

    [Fact]
    public async Task G2_10_A_code_that_ran_out_is_replaced_by_one_button()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInAsync(gateway);
        gateway.Lab.Switches.DeviceCodeSeconds = 2;
        var first = await StartAsync(browser);
        await browser.SeesAsync("The code has run out");
        await browser.ShowAsync("sign-in-ran-out");
        gateway.Lab.Switches.DeviceCodeSeconds = 900;
        Assert.Equal(["Get a new code"], await browser.Page.Locator("main").GetByRole(AriaRole.Button).AllTextContentsAsync());
        await browser.PressAsync("Get a new code");
        Assert.NotEqual(first, await CodeAsync(browser));
    }

    [Fact]
    public async Task G2_11_An_administrator_agrees_for_the_organisation_and_the_address_of_the_gateways_own_is_warned_of()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInAsync(gateway);
        gateway.Lab.Switches.UserConsentOff = true;
        await browser.OpenAsync("Network", "Basic");
        await browser.Field("Sender's Email Address").FillAsync("admin@contoso.example");
        await browser.PressAsync("Sign In");
        await browser.SeesAsync("is the address of this gateway's administrator");
        await browser.PressAsync("Sign in with Microsoft");
        await using var window = await Browser.OpenAsync(gateway.Lab.Web);
        await EnterAsync(window, await CodeAsync(browser), "admin@contoso.example");
        await window.Field("Consent on behalf of your organization").CheckAsync();
        await window.PressAsync("Accept");
        await browser.SeesAsync("Signed in as admin@contoso.example of organisation contoso.example");
        await browser.SeesAsync("A mailbox of its own is safer");
        Assert.True(gateway.Lab.Tenant.HasConsented(gateway.Lab.Tenant.Find("scan@contoso.example")!, "outlook/SMTP.Send"));
    }

    [Fact]
    public async Task G2_12_Until_OK_the_former_sign_in_sends_and_what_waits_survives_reload_and_restart()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await gateway.SignInAsync();
        await using (var browser = await Browser.LogInAsync(gateway))
        {
            gateway.Lab.SignIns.Approve(await StartAsync(browser, "Sign In again"), Mailbox);
            await browser.SeesAsync("Until you press OK, mail goes out with the former sign-in.");
            await browser.Page.ReloadAsync();
            await browser.SeesAsync("not saved yet: press OK");
        }
        await gateway.HandInAsync("before OK", "anna@contoso.example");
        await gateway.ArrivesAsync("anna@contoso.example");
        await gateway.RestartAsync();
        await using var later = await Browser.LogInAsync(gateway);
        await later.SeesAsync("is not saved yet");
        await later.FollowAsync("Open Email Server");
        // The former sign-in ends; the new one is as good as on the first day.
        gateway.Lab.Switches.AccessTokensExpired = true;
        await later.PressAsync("OK");
        await later.SeesNotAsync("not saved yet");
        await gateway.HandInAsync("after OK", "ben@contoso.example");
        await gateway.ArrivesAsync("ben@contoso.example");
    }

    [Fact]
    public async Task G2_12_Discard_drops_the_new_sign_in_and_Sign_Out_ends_the_saved_one()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await gateway.SignInAsync();
        var since = Assert.IsType<AccountStatus.SignedIn>(gateway.Status.StatusOf(gateway.Account.Id)).Since;
        await using var browser = await Browser.LogInAsync(gateway);
        gateway.Lab.SignIns.Approve(await StartAsync(browser, "Sign In again"), "ben@contoso.example");
        await browser.PressAsync("Discard");
        await browser.SeesNotAsync("ben@contoso.example");
        Assert.Equal(since, Assert.IsType<AccountStatus.SignedIn>(gateway.Status.StatusOf(gateway.Account.Id)).Since);
        await browser.PressAsync("Sign Out");
        await browser.SeesAsync("is then held, not lost");
        await browser.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Sign Out", Exact = true }).ClickAsync();
        await Assertions.Expect(browser.Button("Sign In")).ToBeVisibleAsync();
        Assert.IsType<AccountStatus.NotSignedIn>(gateway.Status.StatusOf(gateway.Account.Id));
        await browser.GoAsync("/audit");
        foreach (var deed in (string[])["Started a sign-in", "Discarded the sign-in as ben@contoso.example that was not saved", "Signed the account out"]) await browser.SeesAsync(deed);
    }

    [Fact]
    public async Task G2_6_to_G2_12_Without_script_the_whole_sign_in_works()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.OpenWithoutScriptAsync(gateway.Web);
        await browser.LogInAsync(LabGateway.Password);
        gateway.Lab.SignIns.Approve(await StartAsync(browser), Mailbox);
        // The page loads itself again every five seconds; a person may do so earlier.
        await browser.SeesAsync($"Signed in as {Mailbox} of organisation contoso.example");
        await browser.PressAsync("OK");
        await Assertions.Expect(browser.Button("Sign Out")).ToBeVisibleAsync();
        Assert.IsType<AccountStatus.SignedIn>(gateway.Status.StatusOf(gateway.Account.Id));
    }

    [Fact]
    public async Task G6_1_A_sign_in_that_a_policy_blocks_says_so_with_code_and_remedy()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.DeviceCodeBlocked = true;
        gateway.Lab.Switches.AccessTokensExpired = true;
        await ShowsAsync(gateway, "Conditional Access", "code 370", "Sign In");
    }

    [Fact]
    public async Task G6_2_A_sign_in_that_is_not_saved_is_told_of_on_Basic()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInAsync(gateway);
        gateway.Lab.SignIns.Approve(await StartAsync(browser), Mailbox);
        await browser.SeesAsync("not saved yet: press OK");
        await browser.GoAsync("/");
        await browser.SeesAsync("Press OK to send with it, or Discard to drop it");
    }

    [Fact]
    public async Task G6_3_A_sign_in_that_ended_by_disuse_says_so_and_a_new_one_sends_what_was_held()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.TokenExpiredByDisuse = true;
        gateway.Lab.Switches.AccessTokensExpired = true;
        await ShowsAsync(gateway, "expired", "code 361", "Sign In");
        await using var browser = await Browser.LogInAsync(gateway);
        gateway.Lab.SignIns.Approve(await StartAsync(browser), Mailbox);
        await browser.SeesAsync("press OK");
        await browser.PressAsync("OK");
        await gateway.ArrivesAsync("anna@contoso.example");
    }

    [Fact]
    public async Task G6_4_Basic_shows_360_before_a_sign_in_and_370_after_it_was_revoked()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using (var browser = await Browser.LogInAsync(gateway))
        {
            await browser.OpenAsync("Network", "Basic");
            await browser.SeesAsync("Not signed in, code 360");
        }
        await gateway.SignInAsync();
        gateway.Lab.Switches.TokenRevoked = true;
        gateway.Lab.Switches.AccessTokensExpired = true;
        await ShowsAsync(gateway, "code 370", "AADSTS50173", "Sign In");
    }

    /// <summary>The sender meets the refusal with a mail; then Basic shows all of these words.</summary>
    private static async Task ShowsAsync(LabGateway gateway, params string[] words)
    {
        await gateway.HandInAsync("held", "anna@contoso.example");
        await LabGateway.EventuallyAsync(() => gateway.Status.SavedStatusOf(gateway.Account.Id) is AccountStatus.Expired or AccountStatus.SignInAgain);
        await using var browser = await Browser.LogInAsync(gateway);
        await browser.OpenAsync("Network", "Basic");
        foreach (var word in words) await browser.SeesAsync(word);
        await browser.ShowAsync($"email-server-{words[0].Replace(' ', '-')}");
    }

    /// <summary>From Basic to the code.</summary>
    private static async Task<string> StartAsync(Browser browser, string button = "Sign In")
    {
        await browser.OpenAsync("Network", "Basic");
        await browser.PressAsync(button);
        await browser.PressAsync("Sign in with Microsoft");
        return await CodeAsync(browser);
    }

    private static async Task<string> CodeAsync(Browser browser) => (await browser.Page.Locator("#code").TextContentAsync())!;

    /// <summary>What the person does at the provider's page, up to the consent.</summary>
    private static async Task EnterAsync(Browser browser, string code, string mailbox)
    {
        await browser.GoAsync("device");
        await browser.Field("Code").FillAsync(code);
        await browser.PressAsync("Next");
        await browser.Field("Pick an account").SelectOptionAsync(mailbox);
        await browser.Field("Password").FillAsync("any");
        await browser.PressAsync("Sign in");
    }
}
