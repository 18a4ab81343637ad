using DeviceMail.Accounts;
using DeviceMail.Lab.Entra;
using DeviceMail.Queue;
using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Parts;
using Microsoft.Playwright;

namespace DeviceMail.Tests.EmailServer;

/// <summary>Every way in, walked in a browser against the pretend Microsoft 365; and the office in which the usual one and SMTP are closed.</summary>
public sealed class WayWalks
{
    private const string Mailbox = "scan@contoso.example";

    [Fact]
    public async Task Where_codes_are_blocked_and_SMTP_AUTH_and_security_defaults_stand_in_the_way_the_pages_lead_to_a_way_that_sends()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await gateway.ChangeAsync(account => account with { GraphAddress = SendingAccount.WithGraphAt(gateway.Lab).GraphAddress });
        var switches = gateway.Lab.Switches;
        (switches.DeviceCodeBlocked, switches.SmtpAuthOffForOrganisation, switches.SecurityDefaults) = (true, true, true);
        await using var browser = await Browser.LogInAsync(gateway);
        await browser.OpenAsync("Network", "Basic");
        await browser.PressAsync("Sign In");
        await browser.PressAsync("Sign in with Microsoft");
        var code = (await browser.Page.Locator("#code").TextContentAsync())!;
        await using (var phone = await Browser.OpenAsync(gateway.Lab.Web))
        {
            await phone.GoAsync("device");
            await phone.Field("Code").FillAsync(code);
            await phone.PressAsync("Next");
            await phone.Field("Pick an account").SelectOptionAsync(Mailbox);
            await phone.Field("Password").FillAsync("any");
            await phone.PressAsync("Sign in");
            await Assertions.Expect(phone.Page.Locator("main")).ToContainTextAsync("AADSTS53003");
        }
        // The page with the code says what that number means, and the button above it is the way.
        await browser.Page.GetByText("Microsoft's page refuses").ClickAsync();
        await browser.SeesAsync("A sign-in in this browser is not touched by that");
        await browser.PressAsync("Sign in in this browser instead");
        await PasteAsync(gateway, browser, Mailbox);
        await browser.SeesAsync("press OK");
        await browser.PressAsync("OK");
        await gateway.HandInAsync("scan", "anna@contoso.example");
        var mail = await gateway.ArrivesAsync("anna@contoso.example");
        Assert.Equal(("graph", SessionOrigin.AuthorizationCode), (mail.Envelope.Way, mail.Envelope.Origin));
        await browser.GoAsync("/");
        await browser.SeesAsync("Mail goes out");
        await browser.OpenAsync("Network", "Basic");
        await browser.SeesAsync("SMTP is refused since");
        await browser.SeesAsync("Mail goes out by Microsoft Graph. Nothing has to be done.");
        await browser.ShowAsync("email-server-smtp-refused");
        // The sign-in was not born from a code: a renewal is not touched by the policy.
        switches.AccessTokensExpired = true;
        await gateway.HandInAsync("scan", "ben@contoso.example");
        await gateway.ArrivesAsync("ben@contoso.example");
    }

    [Fact]
    public async Task A_sign_in_in_the_browser_comes_back_by_itself_where_the_gateways_address_is_registered()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInAsync(gateway);
        await browser.OpenAsync("Network", "Basic");
        var own = $"{gateway.Web}sign-in/answer";
        await browser.SeesAsync(own);
        gateway.Lab.Tenant.AllowRedirect(new Uri(own));
        await browser.Field("Registered address").FillAsync(own);
        await browser.PressAsync("Sign In");
        await browser.ShowAsync("sign-in-ways");
        await browser.PressAsync("Sign in in this browser");
        await browser.SeesAsync("You come back here");
        await browser.ShowAsync("sign-in-browser");
        await browser.FollowAsync("Open the sign-in page");
        await browser.Field("Pick an account").SelectOptionAsync(Mailbox);
        await browser.PressAsync("Sign in");
        await browser.PressAsync("Accept");
        await browser.SeesAsync($"Signed in as {Mailbox} of organisation contoso.example");
        await browser.PressAsync("OK");
        await Assertions.Expect(browser.Button("Sign Out")).ToBeVisibleAsync();
        await gateway.HandInAsync("scan", "anna@contoso.example");
        Assert.Equal(SessionOrigin.AuthorizationCode, (await gateway.ArrivesAsync("anna@contoso.example")).Envelope.Origin);
        await browser.GoAsync("/audit");
        await browser.SeesAsync("Finished a sign-in in the browser");
        await browser.SeesNotAsync("code=");
    }

    [Fact]
    public async Task An_answer_that_another_browser_brings_is_not_taken_and_a_declined_one_is_told()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        var own = new Uri($"{gateway.Web}sign-in/answer");
        gateway.Lab.Tenant.AllowRedirect(own);
        await gateway.ChangeAsync(account => account with { RedirectAddress = own.ToString() });
        await using var browser = await Browser.LogInAsync(gateway);
        await StartAsync(browser);
        var address = new Uri((await browser.Page.Locator("#open").GetAttributeAsync("href"))!);
        var landed = gateway.Lab.Authorizations.Approve(address, Mailbox);
        await using (var stranger = await Browser.OpenAsync(gateway.Web))
        {
            await stranger.GoAsync(landed.PathAndQuery);
            await stranger.SeesAsync("This answer belongs to no sign-in of this browser");
        }
        Assert.IsType<AccountStatus.NotSignedIn>(gateway.Status.StatusOf(gateway.Account.Id));
        var declined = gateway.Lab.Authorizations.Decline(address, Mailbox);
        await browser.GoAsync(declined.PathAndQuery);
        await browser.SeesAsync("The sign-in was declined in the other window");
        // What was declined once is over, and so is its state.
        await browser.GoAsync(landed.PathAndQuery);
        await browser.SeesAsync("This answer belongs to no sign-in of this browser");
        await browser.ShowAsync("sign-in-answer-stranger");
    }

    [Fact]
    public async Task An_address_that_is_pasted_wrongly_says_so_and_another_mailbox_is_not_taken_silently()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInAsync(gateway);
        await StartAsync(browser);
        await browser.ShowAsync("sign-in-paste");
        await browser.Field("Address you landed on").FillAsync("http://localhost/?code=1&state=2");
        await browser.PressAsync("Finish the sign-in");
        await browser.SeesAsync("This is not the address that this sign-in landed on.");
        await PasteAsync(gateway, browser, "ben@contoso.example");
        await browser.SeesAsync($"This is not {Mailbox}, the mailbox that was asked for.");
    }

    [Fact]
    public async Task The_application_signs_in_for_itself_with_a_certificate_that_is_made_here()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInAsync(gateway);
        await browser.OpenAsync("Network", "Basic");
        await browser.Field("Sign in as").SelectOptionAsync("The application itself");
        await browser.PressAsync("Sign In");
        await Assertions.Expect(browser.Button("Sign in as the application")).ToBeDisabledAsync();
        await browser.ShowAsync("application-begin");
        await browser.PressAsync("Make a certificate");
        await browser.SeesAsync("The certificate is made. Its key stays here and is never shown");
        var pem = await browser.Page.Locator("#pem").TextContentAsync();
        using var folder = new Folder();
        await File.WriteAllTextAsync(folder.In("devicemail.pem"), pem, TestContext.Current.CancellationToken);
        var read = await OpenSsl.ReadAsync(folder.In("devicemail.pem"));
        Assert.Equal(3072, read.KeyBits);
        Assert.Null(await OpenSsl.SelfSignedFaultAsync(folder.In("devicemail.pem")));
        await browser.SeesAsync(read.Fingerprint);
        Assert.InRange(read.NotAfter - TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(729), TimeSpan.FromDays(731));

        // Not uploaded yet: said, and nothing is saved.
        await browser.PressAsync("Sign in as the application");
        await browser.SeesAsync("AADSTS700027");
        await browser.ShowAsync("application-refused");
        gateway.Lab.Tenant.AddCertificate(pem!);
        gateway.Lab.Tenant.AllowApplicationPermission("outlook/SMTP.SendAsApp");
        gateway.Lab.Tenant.AllowApplication(Mailbox);
        await browser.PressAsync("Sign in as the application");
        await Assertions.Expect(browser.Button("Sign Out")).ToBeVisibleAsync();
        await browser.SeesAsync("The application's certificate runs out.");
        await gateway.HandInAsync("scan", "anna@contoso.example");
        var mail = await gateway.ArrivesAsync("anna@contoso.example");
        Assert.Equal(("smtp", SessionOrigin.Application, Mailbox), (mail.Envelope.Way, mail.Envelope.Origin, mail.Envelope.SignedIn));

        // A renewal asks for nobody, and a second certificate takes over only when the provider knows it.
        await browser.PressAsync("Sign In again");
        await browser.PressAsync("Make another certificate");
        await browser.SeesAsync("A new certificate waits.");
        await browser.ShowAsync("application-next");
        await browser.PressAsync("Sign in as the application");
        await browser.SeesAsync("AADSTS700027");
        gateway.Lab.Switches.AccessTokensExpired = true;
        await gateway.HandInAsync("scan", "ben@contoso.example");
        await gateway.ArrivesAsync("ben@contoso.example");
        var next = await browser.Page.Locator("#pem").TextContentAsync();
        Assert.NotEqual(pem, next);
        gateway.Lab.Tenant.AddCertificate(next!);
        await browser.PressAsync("Sign in as the application");
        await Assertions.Expect(browser.Button("Sign Out")).ToBeVisibleAsync();
        Assert.Equal(next!.Trim(), gateway.Account.Certificate.Trim());
    }

    [Fact]
    public async Task The_application_signs_in_with_a_secret_whose_end_is_known_and_told()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await gateway.UseGraphAsync(account => account with { SignInAs = SignInAs.Application, Transport = TransportChoice.Graph });
        gateway.Lab.Tenant.AllowApplicationPermission("graph/Mail.Send");
        await using var browser = await Browser.LogInAsync(gateway);
        await browser.OpenAsync("Network", "Basic");
        await browser.PressAsync("Sign In");
        await browser.Page.GetByText("Or a client secret").ClickAsync();
        await browser.Field("Client secret").FillAsync(LabTenant.ClientSecret);
        await browser.Field("Ends on").FillAsync(TimeProvider.System.GetUtcNow().AddDays(10).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        await browser.PressAsync("Save the secret");
        await browser.SeesAsync("A secret is set. It is never shown.");
        await browser.PressAsync("Sign in as the application");
        await Assertions.Expect(browser.Button("Sign Out")).ToBeVisibleAsync();
        await browser.SeesAsync("The application's client secret runs out.");
        await gateway.HandInAsync("scan", "anna@contoso.example");
        Assert.Equal(("graph", SessionOrigin.Application), ((await gateway.ArrivesAsync("anna@contoso.example")).Envelope.Way, gateway.Lab.Mailboxes["anna@contoso.example"][0].Envelope.Origin));
        await browser.GoAsync("/");
        await browser.SeesAsync("client secret runs out");
        Assert.DoesNotContain("canary", await browser.Page.ContentAsync(), StringComparison.OrdinalIgnoreCase);
        Assert.Contains("client secret runs out", (await gateway.ArrivesAsync("admin@contoso.example")).Content.Text, StringComparison.Ordinal);

        // The end comes; mail is held, and the remedy names what ended.
        (gateway.Lab.Switches.ClientSecretExpired, gateway.Lab.Switches.AccessTokensExpired) = (true, true);
        await gateway.HandInAsync("held", "ben@contoso.example");
        // Not by its number: the end that comes is told by mail too.
        await LabGateway.EventuallyAsync(() => gateway.Queue.List(new JobFilter(JobState.Held)).Count > 0);
        await browser.GoAsync("/");
        await browser.SeesAsync("AADSTS7000222");
    }

    [Fact]
    public async Task The_administrators_agreement_comes_back_granted_declined_or_from_another_organisation()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        var own = new Uri($"{gateway.Web}sign-in/answer");
        gateway.Lab.Tenant.AllowRedirect(own);
        await gateway.UseGraphAsync(account => account with { RedirectAddress = own.ToString() });
        gateway.Lab.Switches.UserConsentOff = true;
        await using var browser = await Browser.LogInAsync(gateway);
        async Task<Uri> LinkAsync()
        {
            await browser.GoAsync($"/email-server/registration?account={gateway.Account.Id}");
            return new Uri((await browser.Page.Locator("#consent-link").TextContentAsync())!.Trim());
        }
        await browser.GoAsync(gateway.Lab.Authorizations.Decline(await LinkAsync(), "admin@contoso.example").PathAndQuery);
        await browser.FollowAsync("Go on in Web Config");
        await browser.SeesAsync("The administrator declined");
        gateway.Lab.Switches.ConsentWrongTenant = true;
        await browser.GoAsync(gateway.Lab.Authorizations.Approve(await LinkAsync(), "admin@contoso.example").PathAndQuery);
        await browser.FollowAsync("Go on in Web Config");
        await browser.SeesAsync("Another organisation agreed");
        gateway.Lab.Switches.ConsentWrongTenant = false;
        await browser.Page.GotoAsync((await LinkAsync()).ToString());
        await browser.Field("Pick an account").SelectOptionAsync("admin@contoso.example");
        await browser.PressAsync("Sign in");
        await browser.PressAsync("Accept");
        await browser.FollowAsync("Go on in Web Config");
        await browser.SeesAsync("The administrator agreed for the organisation");
        await browser.ShowAsync("registration-granted");
        Assert.True(gateway.Lab.Tenant.HasConsented(gateway.Lab.Tenant.Find(Mailbox)!, "outlook/SMTP.Send"));
    }

    /// <summary>From Basic to the page that waits for the browser.</summary>
    private static async Task StartAsync(Browser browser)
    {
        await browser.OpenAsync("Network", "Basic");
        await browser.PressAsync("Sign In");
        await browser.PressAsync("Sign in in this browser");
    }

    /// <summary>What a person does who has no registered address: sign in, copy the address, paste it.</summary>
    private static async Task PasteAsync(LabGateway gateway, Browser browser, string mailbox)
    {
        var address = new Uri((await browser.Page.Locator("#open").GetAttributeAsync("href"))!);
        await browser.Field("Address you landed on").FillAsync(gateway.Lab.Authorizations.Approve(address, mailbox).ToString());
        await browser.PressAsync("Finish the sign-in");
    }
}
