using DeviceMail.Accounts;
using DeviceMail.Tests.Kit;
using DeviceMail.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace DeviceMail.Tests.EmailServer;

/// <summary>The guide's steps 2 to 5 and the fields of its page, in a browser.</summary>
public sealed class BasicWalks
{
    [Fact]
    public async Task G2_2_A_new_gateway_is_claimed_and_then_the_administrator_logs_in()
    {
        await using var gateway = await WebGateway.StartAsync();
        await using var browser = await Browser.OpenAsync(gateway.Web);
        await browser.GoAsync("/");
        await browser.SeesAsync("This gateway is new");
        await browser.ShowAsync("claim");
        await browser.Field("Claim code").FillAsync(gateway.Part<Claim>().MakeCode().Text);
        await browser.Field("Your mail address").FillAsync(WebGateway.Address);
        await browser.Field("Your administrator password").FillAsync(WebGateway.Password);
        await browser.Field("The same once more").FillAsync(WebGateway.Password);
        await browser.PressAsync("OK");
        await browser.SeesAsync("no account is set up");
        await browser.PressAsync("Log out");
        await browser.SeesAsync("Log in");
        await browser.ShowAsync("login");
        await browser.Field("Administrator password").FillAsync("not it at all");
        await browser.PressAsync("OK");
        await browser.SeesAsync("This is not the administrator's password.");
        await browser.Field("Administrator password").FillAsync(WebGateway.Password);
        await browser.PressAsync("OK");
        await browser.SeesAsync("no account is set up");
    }

    [Fact]
    public async Task G2_3_Network_then_Email_Server_Basic_is_where_the_guide_says()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInAsync(gateway);
        await browser.OpenAsync("Network", "Basic");
        await browser.SeesAsync("Network › Email Server › Basic");
        await Assertions.Expect(browser.Heading("Email Server: Basic")).ToBeVisibleAsync();
        await browser.ShowAsync("email-server");
    }

    [Fact]
    public async Task G2_4_A_method_disables_the_fields_it_does_not_use_and_says_why()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInAsync(gateway);
        await browser.OpenAsync("Network", "Basic");
        Assert.Equal(["Off", "SMTP AUTH", "POP before SMTP", "OAuth2"], await browser.Field("Authentication Method").GetByRole(AriaRole.Option).AllTextContentsAsync());
        (string Method, string[] Used, string[] Unused)[] table =
        [
            ("OAuth2", ["Application (client) ID", "Directory (tenant) ID"], ["Authenticated Account", "Authenticated Password", "POP3 Server Address", "POP3 Server Port Number"]),
            ("SMTP AUTH", ["Authenticated Account", "Authenticated Password"], ["Application (client) ID", "Directory (tenant) ID", "POP3 Server Address", "Token address"]),
            ("POP before SMTP", ["Authenticated Account", "Authenticated Password", "POP3 Server Address", "POP3 Server Port Number"], ["Application (client) ID", "Scopes"]),
            ("Off", ["SMTP Server Address", "Sender's Email Address"], ["Authenticated Account", "Authenticated Password", "POP3 Server Address", "Application (client) ID"]),
        ];
        foreach (var (method, used, unused) in table)
        {
            await browser.Field("Authentication Method").SelectOptionAsync(method);
            if (method == "OAuth2") await Assertions.Expect(browser.Button("Sign In")).ToBeEnabledAsync();
            else await Assertions.Expect(browser.Button("Sign In")).ToBeDisabledAsync();
            foreach (var label in used) await Assertions.Expect(browser.Field(label)).ToBeEnabledAsync();
            foreach (var label in unused)
            {
                await Assertions.Expect(browser.Field(label)).ToBeDisabledAsync();
                var hint = (await browser.Field(label).GetAttributeAsync("aria-describedby"))!.Split(' ')[0];
                await Assertions.Expect(browser.Page.Locator($"#{hint}")).ToContainTextAsync("Used only with");
            }
        }
    }

    [Fact]
    public async Task G2_4_Without_script_a_button_shows_the_fields_of_the_chosen_method()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.OpenWithoutScriptAsync(gateway.Web);
        await browser.LogInAsync(LabGateway.Password);
        await browser.OpenAsync("Network", "Basic");
        await browser.Field("Authentication Method").SelectOptionAsync("SMTP AUTH");
        await browser.PressAsync("Show the fields of this method");
        await Assertions.Expect(browser.Field("Authenticated Password")).ToBeEnabledAsync();
        Assert.Equal(AuthenticationMethod.OAuth2, gateway.Account.Method);
        await browser.Field("Authenticated Account").FillAsync("relay-user");
        await browser.Field("Authenticated Password").FillAsync("a relay's password");
        await browser.PressAsync("OK");
        await browser.SeesAsync("A password is set. Empty keeps it; it is never shown.");
        Assert.Equal((AuthenticationMethod.SmtpAuth, "relay-user"), (gateway.Account.Method, gateway.Account.UserName));
    }

    [Fact]
    public async Task G2_5_Choosing_an_email_service_fills_server_port_and_security()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInAsync(gateway);
        await browser.GoAsync("/email-server?account=new");
        (string Service, string Server)[] services = [("Outlook.com", "smtp-mail.outlook.com"), ("Microsoft Exchange Online", "smtp.office365.com")];
        foreach (var (service, server) in services)
        {
            await browser.Field("Email service").SelectOptionAsync(service);
            await Assertions.Expect(browser.Field("SMTP Server Address")).ToHaveValueAsync(server);
            await Assertions.Expect(browser.Field("SMTP Server Port Number")).ToHaveValueAsync("587");
            await Assertions.Expect(browser.Field("Secure Connection")).ToHaveValueAsync("StartTls");
        }
    }

    [Fact]
    public async Task G2_13_Each_field_says_at_once_what_it_must_be_and_OK_saves_all_of_them()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInAsync(gateway);
        await browser.OpenAsync("Network", "Basic");
        await browser.Field("Authentication Method").SelectOptionAsync("POP before SMTP");
        (string Label, string Wrong, string Words, string Right)[] table =
        [
            ("Authenticated Account", "gerät", "can have up to 255 characters of ASCII", "device"),
            ("Sender's Email Address", "scan", "needs the form name@domain", "scan@contoso.example"),
            ("SMTP Server Address", "smtp server", "must be a host name or an IP address", "smtp.contoso.example"),
            ("SMTP Server Port Number", "65536", "must be a whole number from 1 to 65535", "25"),
            ("POP3 Server Address", "", "must be a host name or an IP address", "pop.contoso.example"),
            ("POP3 Server Port Number", "0", "must be a whole number from 1 to 65535", "995"),
        ];
        foreach (var (label, wrong, words, right) in table)
        {
            var field = browser.Field(label);
            await field.FillAsync(right);
            await field.BlurAsync();
            await field.FillAsync(wrong);
            await field.BlurAsync();
            await Assertions.Expect(field).ToHaveAttributeAsync("aria-invalid", "true");
            await browser.SeesAsync($"{label} {words}");
            if (label == "SMTP Server Port Number") await browser.ShowAsync("email-server-fault");
            await field.FillAsync(right);
            await field.BlurAsync();
            await Assertions.Expect(field).Not.ToHaveAttributeAsync("aria-invalid", "true");
        }
        await browser.Field("Secure Connection").SelectOptionAsync("SSL/TLS");
        await browser.Field("Disable").CheckAsync();
        await browser.Field("Authenticated Password").FillAsync("pass wörd");
        await browser.PressAsync("OK");
        await browser.SeesAsync("DeviceMail connects without checking that it talks to the right email server. Enable this.");
        var saved = gateway.Account;
        Assert.Equal((AuthenticationMethod.PopBeforeSmtp, "device", "smtp.contoso.example", 25, ConnectionSecurity.SslTls), (saved.Method, saved.UserName, saved.Host, saved.Port, saved.Security));
        Assert.Equal(("pop.contoso.example", 995, false), (saved.PopHost, saved.PopPort, saved.VerifiesCertificate));
        Assert.Equal("pass wörd", gateway.Services.GetRequiredService<PasswordKeeper>().Find(saved)?.Reveal());
        await browser.SeesAsync("A password is set. Empty keeps it; it is never shown.");
        await browser.ShowAsync("email-server-pop");
    }

    [Fact]
    public async Task G2_13_The_pages_links_stand_in_the_guides_places()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInAsync(gateway);
        await browser.OpenAsync("Network", "Basic");
        Assert.Equal("/ca-certificate", await browser.Link("CA Certificate").GetAttributeAsync("href"));
        Assert.Equal("/root-certificate-update", await browser.Link("Root Certificate Update").GetAttributeAsync("href"));
        Assert.Equal("/email-server/connection-test", await browser.Button("Connection Test").GetAttributeAsync("formaction"));
        await browser.SeesAsync("Keep this enabled.");
    }

    [Fact]
    public async Task Settings_password_audit_log_and_registration_are_pages_of_the_menu()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInAsync(gateway);
        foreach (var (tab, page) in ((string, string)[])[("Device Management", "Settings"), ("Device Management", "Administrator Password"), ("Device Management", "Audit Log"), ("Network", "Application Registration")])
        {
            await browser.OpenAsync(tab, page);
            await Assertions.Expect(browser.Heading(page)).ToBeVisibleAsync();
            await browser.ShowAsync(page.Replace(' ', '-').ToLowerInvariant());
        }
    }

    [Fact]
    public async Task The_password_is_asked_for_again_and_the_sign_in_goes_on()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        await using var browser = await Browser.OpenAsync(gateway.Web);
        await browser.LogInAsync(WebGateway.Password);
        await browser.OpenAsync("Device Management", "Settings");
        gateway.Time.Advance(TimeSpan.FromMinutes(6));
        await browser.PressAsync("Export");
        await browser.SeesAsync("Type your administrator password again to take the settings away as a file");
        await browser.ShowAsync("confirm");
        await browser.Field("Administrator password").FillAsync(WebGateway.Password);
        var file = await browser.Page.RunAndWaitForDownloadAsync(() => browser.PressAsync("OK"));
        Assert.Equal("devicemail-settings.json", file.SuggestedFilename);
    }
}
