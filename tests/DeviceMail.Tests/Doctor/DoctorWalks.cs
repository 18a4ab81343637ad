using DeviceMail.Control;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace DeviceMail.Tests.Doctor;

/// <summary>Device Management > Doctor in a real browser.</summary>
public sealed class DoctorWalks
{
    [Fact]
    public async Task G1_2_the_page_names_the_switch_and_gives_the_lines_to_paste()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        DoctorTests.Close(gateway.Services.GetRequiredService<DataFolder>().Path);
        await gateway.SignInAsync();
        gateway.Lab.Switches.SmtpAuthOffForOrganisation = true;
        await using var browser = await Browser.LogInAsync(gateway);

        await browser.OpenAsync("Device Management", "Doctor");
        await browser.ShowAsync("doctor-empty");
        await browser.PressAsync("Examine");
        await browser.SeesAsync("2 lines failed");
        await browser.SeesAsync("The organisation's switch for SMTP AUTH stands in the way");
        await browser.SeesAsync("Exchange admin center > Settings > Mail flow");
        var lines = await browser.Page.Locator("kbd").First.TextContentAsync();
        Assert.Equal("Connect-ExchangeOnline\nSet-CASMailbox -Identity 'scan@contoso.example' -SmtpClientAuthenticationDisabled $false", lines);
        await Assertions.Expect(browser.Button("Copy the lines").First).ToBeVisibleAsync();
        await browser.ShowAsync("doctor-switch");

        gateway.Lab.Switches.SmtpAuthOffForOrganisation = false;
        await browser.PressAsync("Examine again");
        await browser.SeesAsync("Nothing stands in the way of mail");
        await browser.ShowAsync("doctor-healthy");
    }

    [Fact]
    public async Task G1_3_the_page_says_version_and_build()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await using var browser = await Browser.LogInAsync(gateway);

        await browser.OpenAsync("Device Management", "Doctor");
        await browser.PressAsync("Examine");
        await browser.SeesAsync($"This is {BuildVersion.Current}");
        await browser.ShowAsync("doctor-not-signed-in");
    }

    [Fact]
    public async Task The_page_works_without_script_and_can_be_cancelled()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        gateway.Lab.Switches.SlowMilliseconds = 4_000;
        await using var browser = await Browser.OpenWithoutScriptAsync(gateway.Web);
        await browser.LogInAsync(LabGateway.Password);

        await browser.GoAsync("/doctor");
        await browser.PressAsync("Examine");
        await browser.ShowAsync("doctor-working");
        await browser.PressAsync("Cancel");
        await browser.GoAsync("/doctor");
        await browser.SeesAsync("cancelled before it was looked at");
    }

    [Fact]
    public async Task What_a_server_says_is_text()
    {
        await using var gateway = await LabGateway.StartWithWebAsync();
        await gateway.SignInAsync();
        gateway.Lab.Switches.Scripts.Set(Lab.Switches.SmtpPhase.Auth, "535 5.7.139 <script>alert(1)</script> SmtpClientAuthentication is disabled", 5);
        await using var browser = await Browser.LogInAsync(gateway);

        await browser.GoAsync("/doctor");
        await browser.PressAsync("Examine");
        await browser.SeesAsync("<script>alert(1)</script>");
        Assert.Equal(0, await browser.Page.Locator("main script").CountAsync());
    }
}
