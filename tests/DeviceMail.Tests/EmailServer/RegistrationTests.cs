using System.Net;
using DeviceMail.Accounts;
using DeviceMail.EmailServer;
using DeviceMail.Lab.Entra;
using DeviceMail.Messages;
using DeviceMail.Tests.Kit;
using DeviceMail.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace DeviceMail.Tests.EmailServer;

/// <summary>Network > Email Server > Application Registration, in a browser and as text.</summary>
public sealed class RegistrationTests
{
    [Fact]
    public async Task The_check_says_in_plain_words_what_the_provider_says_about_the_ids()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        var accounts = gateway.Services.GetRequiredService<AccountRegister>();
        var endpoints = gateway.Account.OAuth with { DeviceAuthorization = $"{gateway.Lab.Web}{{tenant}}/oauth2/v2.0/devicecode", Token = $"{gateway.Lab.Web}{{tenant}}/oauth2/v2.0/token" };
        Assert.IsType<AccountSave.Saved>(await accounts.SaveAsync(gateway.Account with { OAuth = endpoints }));
        await using var browser = await Browser.LogInAsync(gateway);
        await browser.OpenAsync("Network", "Application Registration");
        var (client, tenant) = (LabTenant.ClientId.ToString(), LabTenant.TenantId.ToString());

        await CheckAsync(browser, "d0c0ffee", tenant, "32 digits or letters a to f in five groups");
        await CheckAsync(browser, client, client, "Both fields hold the same ID");
        await CheckAsync(browser, "11111111-2222-4333-8444-555555555555", tenant, "AADSTS700016");
        await CheckAsync(browser, client, "11111111-2222-4333-8444-555555555555", "AADSTS90002");
        gateway.Lab.Switches.PublicClientFlowsOff = true;
        await CheckAsync(browser, client, tenant, "Allow public client flows");
        await browser.ShowAsync("application-registration-refused");
        gateway.Lab.Switches.PublicClientFlowsOff = false;
        gateway.Lab.Switches.EntraUnreachable = true;
        await CheckAsync(browser, client, tenant, "nothing is known about the ids");
        gateway.Lab.Switches.EntraUnreachable = false;
        await CheckAsync(browser, client, tenant, "The provider knows this application");
        await browser.ShowAsync("application-registration-good");
        Assert.IsType<AccountStatus.NotSignedIn>(gateway.Status.StatusOf(gateway.Account.Id));
        await browser.FollowAsync("Use these IDs in Email Server: Basic");
        await Assertions.Expect(browser.Field("Application (client) ID")).ToHaveValueAsync(client);
    }

    [Fact]
    public async Task The_page_of_a_new_gateway_checks_for_Exchange_Online_and_offers_the_administrators_link_once_it_has_both_ids()
    {
        await using var gateway = await WebGateway.StartClaimedAsync();
        using var visitor = await gateway.LogInAsync();
        var page = WebUtility.HtmlDecode(await visitor.ReadAsync(Menu.EmailServerRegistration.Address));
        Assert.Contains("It needs both IDs", page, StringComparison.Ordinal);
        Assert.All(Registration.Script.Split('\n'), line => Assert.Contains(line.TrimEnd(), page, StringComparison.Ordinal));
    }

    [Fact]
    public void The_administrators_link_asks_for_sending_alone_and_leads_back_to_Microsoft()
    {
        var account = new Account
        {
            Id = 1,
            Address = MailAddress.Parse("scan@contoso.example"),
            Provider = "exchange-online",
            Method = AuthenticationMethod.OAuth2,
            ClientId = "d0c0ffee-0000-4000-8000-0000deadbeef",
            TenantId = "c0ffee00-1111-4222-8333-444455556666",
            OAuth = Providers.Find("exchange-online")!.OAuth,
            Host = "smtp.office365.com",
            Port = 587,
            Security = ConnectionSecurity.StartTls,
            SizeLimit = 1 << 20,
            Budget = new Budget(1, 0, 0),
        };
        var link = new Uri(Registration.ConsentLink(account, "state")!);
        Assert.Equal("https://login.microsoftonline.com/c0ffee00-1111-4222-8333-444455556666/v2.0/adminconsent", link.GetLeftPart(UriPartial.Path));
        var query = link.Query[1..].Split('&').Select(part => part.Split('=')).ToDictionary(part => part[0], part => Uri.UnescapeDataString(part[1]));
        Assert.Equal("https://outlook.office.com/SMTP.Send https://graph.microsoft.com/Mail.Send", query["scope"]);
        Assert.False(query.ContainsKey("state"));
        Assert.Equal(account.ClientId, query["client_id"]);
        // The script registers the very address; another one ends in AADSTS50011.
        Assert.Contains($"'{query["redirect_uri"]}'", Registration.Script, StringComparison.Ordinal);
        Assert.Null(Registration.ConsentLink(account with { ClientId = "d0c0ffee" }, "state"));
        Assert.Null(Registration.ConsentLink(account with { Provider = "yahoo" }, "state"));
    }

    private static async Task CheckAsync(Browser browser, string client, string tenant, string words)
    {
        await browser.Field("Application (client) ID").FillAsync(client);
        await browser.Field("Directory (tenant) ID").FillAsync(tenant);
        await browser.PressAsync("Check");
        await browser.SeesAsync(words);
    }
}
