using System.Net;
using DeviceMail.Devices;
using DeviceMail.Messages;
using DeviceMail.Tests.Kit;
using Microsoft.Playwright;

namespace DeviceMail.Tests.Devices;

/// <summary>Device Management > Devices, walked by a person with a browser.</summary>
public sealed class DevicesPageWalks
{
    [Fact]
    public async Task A_device_that_asks_is_let_in_by_one_button_with_the_habits_that_are_ticked()
    {
        await using var gateway = await RelayGateway.StartAsync();
        await gateway.AcceptAsync("seen");
        var register = gateway.Part<DeviceRegister>();
        await register.NoteUnknownAsync(IPAddress.Parse("192.0.2.57"), "BRN3C2AF4A1", MailAddress.Parse("mfc@contoso.example"));
        await using var browser = await gateway.LogInAsync();
        await browser.SeesAsync("One device asks to be let in. 192.0.2.57 calls itself BRN3C2AF4A1");
        await browser.FollowAsync("Look at it");
        await browser.SeesAsync("It wanted to send from mfc@contoso.example.");
        await browser.SeesAsync("Copier 2nd floor");
        await browser.SeesAsync("just now");
        await browser.ShowAsync("devices");
        await browser.Page.GetByLabel("says HELO instead of EHLO").UncheckAsync();
        await browser.Field("Name").FillAsync("Front desk");
        await browser.PressAsync("Let it in");
        await browser.SeesAsync("Let in: 2");
        await browser.SeesNotAsync("asks to be let in");
        Assert.Equal(HabitWords.Printer & ~Habits.HeloOnly, register.Find("Front desk")!.Habits);
        await browser.OpenAsync("Job/Status", "Activity");
        await browser.SeesAsync("The device “Front desk” was let in (192.0.2.57) by the administrator in Web Config (127.0.0.1).");
    }

    [Fact]
    public async Task A_device_by_user_name_gets_a_password_that_is_shown_once()
    {
        await using var gateway = await RelayGateway.StartAsync();
        await using var browser = await gateway.LogInAsync();
        await browser.OpenAsync("Device Management", "Devices");
        await browser.FollowAsync("Add a device");
        await browser.ShowAsync("devices-new");
        await browser.Field("Name").FillAsync("Payroll application");
        await browser.Field("Contact").FillAsync("it@contoso.example");
        await browser.PressAsync("Let it in");
        var password = await browser.Page.Locator("#new-password").TextContentAsync();
        Assert.Equal(26, password!.Length);
        await browser.ShowAsync("devices-password");
        await browser.FollowAsync("Cancel");
        await browser.SeesAsync("user payroll-application");
        await browser.FollowAsync("Payroll application");
        await browser.SeesNotAsync(password);
        await browser.PressAsync("New password");
        await browser.PressAsync("Make a new password");
        Assert.NotEqual(password, await browser.Page.Locator("#new-password").TextContentAsync());
    }

    [Fact]
    public async Task A_device_is_renamed_its_habits_switched_and_it_is_removed_after_a_question()
    {
        await using var gateway = await RelayGateway.StartAsync();
        var register = gateway.Part<DeviceRegister>();
        await using var browser = await gateway.LogInAsync();
        await browser.GoAsync("/devices");
        await browser.FollowAsync("Copier 2nd floor");
        await browser.ShowAsync("devices-one");
        await browser.Field("Name").FillAsync("Copier, kitchen");
        await browser.Page.GetByLabel("ends its lines with LF alone").CheckAsync();
        await browser.Page.GetByLabel("sends without signing in").UncheckAsync();
        await browser.Field("Sent by").SelectOptionAsync("scan@contoso.example");
        await browser.PressAsync("OK");
        await browser.SeesAsync("Copier, kitchen");
        var device = register.Find("Copier, kitchen")!;
        Assert.Equal((Habits.NoTls | Habits.LfLines, gateway.Account.Id), (device.Habits, device.AccountId));
        await browser.FollowAsync("Copier, kitchen");
        await browser.Field("Address").FillAsync("192.0.2.300");
        await browser.PressAsync("OK");
        await browser.SeesAsync("“192.0.2.300” is no address or range: write 192.0.2.7 or 192.0.2.0/24, without zeros in front");
        await Assertions.Expect(browser.Field("Address")).ToHaveAttributeAsync("aria-invalid", "true");
        await browser.ShowAsync("devices-fault");
        await browser.PressAsync("Remove");
        await Assertions.Expect(browser.Button("Keep it")).ToBeFocusedAsync();
        await browser.PressAsync("Remove this device");
        await browser.SeesAsync("None yet. Send a test page from a device to this gateway");
        Assert.Empty(register.All);
    }
}
