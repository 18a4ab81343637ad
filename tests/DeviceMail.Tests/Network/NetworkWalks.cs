using System.Net;
using DeviceMail.Accounts;
using DeviceMail.Network;
using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Parts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace DeviceMail.Tests.Network;

/// <summary>The pages of the network, walked by a person with a browser.</summary>
public sealed class NetworkWalks
{
    [Fact]
    public async Task G2_0_An_additional_network_makes_oauth2_unavailable_and_the_page_says_why()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await gateway.SignInAsync();
        await using var browser = await Browser.LogInAsync(gateway);
        var page = browser.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Network", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Interfaces", Exact = true }).First.ClickAsync();
        await page.GetByRole(AriaRole.Group, new() { Name = "lo", Exact = true }).GetByLabel("Additional").CheckAsync();
        await page.GetByLabel("Network interface").SelectOptionAsync("lo");
        await page.GetByRole(AriaRole.Button, new() { Name = "OK" }).ClickAsync();
        await Expect(page.GetByText("additional networks do not support OAuth 2.0 authentication")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Link, new() { Name = "Basic" }).ClickAsync();
        await Expect(page.GetByText("Outgoing connections leave by lo, an additional network, and additional networks do not support OAuth 2.0 authentication")).ToBeVisibleAsync();
        await Expect(page.GetByText("OAuth2 is not available on an additional network").First).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign In", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in with Microsoft", Exact = true }).ClickAsync();
        await Expect(page.Locator("main")).ToContainTextAsync("additional networks do not support OAuth 2.0 authentication");

        await page.GotoAsync("/network-status");
        await page.GetByRole(AriaRole.Link, new() { Name = "Open Interfaces" }).ClickAsync();
        await page.GetByRole(AriaRole.Group, new() { Name = "lo", Exact = true }).GetByLabel("Standard").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "OK" }).ClickAsync();
        await Expect(page.GetByText("Saved.")).ToBeVisibleAsync();
        await LabGateway.EventuallyAsync(() => gateway.Status.StatusOf(gateway.Account.Id) is AccountStatus.SignedIn);
        await page.GetByRole(AriaRole.Link, new() { Name = "Basic" }).ClickAsync();
        await Expect(page.GetByText("do not support OAuth 2.0")).ToHaveCountAsync(0);
        await Expect(page.GetByText("Signed in", new() { Exact = true }).First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Network_status_shows_interfaces_names_and_the_clock()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInWithoutScriptAsync(gateway);
        var page = browser.Page;
        await page.GotoAsync("/network-status");
        var row = page.GetByRole(AriaRole.Row, new() { Name = "lo Inside this machine" });
        await Expect(row).ToContainTextAsync("127.0.0.1");
        await Expect(row).ToContainTextAsync("Standard");
        await Expect(page.GetByText(Dns.GetHostName()).First).ToBeVisibleAsync();
        await Expect(page.GetByText("Not yet: the clock is compared with each answer of a sign-in service.")).ToBeVisibleAsync();
        await Expect(page.GetByText(TimeZoneInfo.Local.Id)).ToBeVisibleAsync();

        await gateway.SignInAsync();
        await page.ReloadAsync();
        await Expect(page.GetByText("The gateway's clock agrees with 127.0.0.1")).ToBeVisibleAsync();
        gateway.Services.GetRequiredService<GatewayClock>().Compare("login.test", TimeProvider.System.GetUtcNow(), TimeProvider.System.GetUtcNow().AddMinutes(12));
        await page.GotoAsync("/devices");
        await page.GetByRole(AriaRole.Link, new() { Name = "Open Network Status" }).ClickAsync();
        await Expect(page.GetByText("12 minutes behind login.test").Last).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_wrong_proxy_is_refused_beside_its_field_and_kept_as_typed()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInWithoutScriptAsync(gateway);
        var page = browser.Page;
        await page.GotoAsync("/network-interfaces");
        await page.GetByLabel("Proxy", new() { Exact = true }).FillAsync("proxy<b>3128");
        await page.GetByRole(AriaRole.Button, new() { Name = "OK" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Proxy must have the form http://host:port");
        await Expect(page.GetByLabel("Proxy", new() { Exact = true })).ToHaveValueAsync("proxy<b>3128");
    }

    [Fact]
    public async Task A_ca_certificate_is_imported_listed_and_removed_after_a_question()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        using var authority = new TestAuthority();
        await using var browser = await Browser.LogInWithoutScriptAsync(gateway);
        var page = browser.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Network Security" }).ClickAsync();
        await page.GetByLabel("File", new() { Exact = true }).SetInputFilesAsync(authority.GoodKeyFile);
        await page.GetByRole(AriaRole.Button, new() { Name = "Import the certificate" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("holds a private key");

        await page.GetByLabel("File", new() { Exact = true }).SetInputFilesAsync(authority.RootFile);
        await page.GetByRole(AriaRole.Button, new() { Name = "Import the certificate" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("Imported.");
        await page.GetByLabel("Or its text").FillAsync(gateway.Lab.RootCertificatePem);
        await page.GetByRole(AriaRole.Button, new() { Name = "Import the certificate" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("trusted already");

        await page.GetByRole(AriaRole.Button, new() { Name = "Remove CN=Test CA" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Keep it" }).ClickAsync();
        Assert.Equal(2, gateway.Services.GetRequiredService<CaCertificates>().All.Count);
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove CN=Test CA" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Remove the certificate" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Imported: 1" })).ToBeVisibleAsync();
        Assert.Equal("CN=PRETEND lab root", Assert.Single(gateway.Services.GetRequiredService<CaCertificates>().All).Subject);
    }

    [Fact]
    public async Task Root_certificates_are_updated_from_a_file_and_given_back_to_the_system()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        using var authority = new TestAuthority();
        await using var browser = await Browser.LogInWithoutScriptAsync(gateway);
        var page = browser.Page;
        await page.GetByRole(AriaRole.Link, new() { Name = "Network Security" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Root Certificate Update" }).ClickAsync();
        await Expect(page.GetByText("This machine's system")).ToBeVisibleAsync();
        await page.GetByLabel("File", new() { Exact = true }).SetInputFilesAsync(authority.GoodFile);
        await page.GetByRole(AriaRole.Button, new() { Name = "Use this file" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("is no root certificate");
        await page.GetByLabel("File", new() { Exact = true }).SetInputFilesAsync(authority.RootFile);
        await page.GetByRole(AriaRole.Button, new() { Name = "Use this file" }).ClickAsync();
        await Expect(page.GetByText("A file that was uploaded")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Use the system's root certificates" }).ClickAsync();
        await Expect(page.GetByText("This machine's system")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_a_certificate_says_is_shown_and_never_run()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        using var key = System.Security.Cryptography.ECDsa.Create();
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest("CN=<script>document.title='run'</script>", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        using var strange = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddDays(9));
        Assert.IsType<CertificateImport.Imported>(await gateway.Services.GetRequiredService<CaCertificates>().ImportAsync(strange.RawData));
        await using var browser = await Browser.LogInAsync(gateway);
        var page = browser.Page;
        await page.GotoAsync("/ca-certificate");
        await Expect(page.GetByRole(AriaRole.Rowheader)).ToHaveCountAsync(2);
        await Expect(page.GetByText("<script>document.title='run'</script>").First).ToBeVisibleAsync();
        Assert.StartsWith("CA Certificate", await page.TitleAsync(), StringComparison.Ordinal);
    }
}
