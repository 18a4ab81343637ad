using System.Net;
using DeviceMail.Scanning;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Scanning;

/// <summary>To My Email > Scanners, walked by a person with a browser; and the same at the command line.</summary>
public sealed class ScannersPageWalks
{
    [Fact]
    public async Task A_scanner_is_added_by_its_address_seen_and_removed()
    {
        await using var scanner = new ScriptedScanner();
        await using var gateway = await RelayGateway.StartAsync();
        await using var browser = await gateway.LogInAsync();
        await browser.OpenAsync("To My Email", "Scanners");
        await browser.SeesAsync("None yet. Let the gateway find scanners on the network, or type the address that a scanner shows in its network settings.");
        await browser.ShowAsync("scanners-empty");
        await browser.Field("Address").FillAsync($"127.0.0.1:{Parts.FreePort.Next()}");
        await browser.PressAsync("Add");
        await browser.SeesAsync("Nothing was added: Nothing listens at 127.0.0.1");
        await browser.Field("Address").FillAsync($"127.0.0.1:{scanner.Port}");
        await browser.Field("Name").FillAsync("Copier <2nd> floor");
        await browser.PressAsync("Add");
        await browser.SeesAsync("Copier <2nd> floor is in the list.");
        await browser.SeesAsync("Ready, paper in the feeder");
        await browser.SeesAsync("feeder (both sides), glass");
        await browser.ShowAsync("scanners");
        scanner.Misbehave = _ => RawAnswer.Of(503);
        await browser.GoAsync("/scanners");
        await browser.SeesAsync("Copier <2nd> floor is busy with other work.");
        await browser.PressAsync("Remove Copier <2nd> floor");
        await browser.SeesAsync("In the list: 0");
        Assert.Empty(gateway.Part<ScannerRegister>().All);
        await browser.OpenAsync("Job/Status", "Activity");
        await browser.SeesAsync("was removed by the administrator in Web Config (127.0.0.1); nobody can scan from it any more.");
        await browser.OpenAsync("Device Management", "Audit Log");
        await browser.SeesAsync("Added a scanner");
    }

    [Fact]
    public async Task Scanners_are_kept_at_the_command_line()
    {
        using var folder = new Folder();
        await using var scanner = new ScriptedScanner();

        var empty = await GatewayDriver.CommandAsync("scanners", "--data", folder.Path);
        var added = await GatewayDriver.CommandAsync("scanners", "add", scanner.Address, "--name", "Copier", "--data", folder.Path);
        var list = await GatewayDriver.CommandAsync("scanners", "--data", folder.Path);
        var removed = await GatewayDriver.CommandAsync("scanners", "remove", "copier", "--data", folder.Path);
        var unknown = await GatewayDriver.CommandAsync("scanners", "remove", "copier", "--data", folder.Path);
        var json = await GatewayDriver.CommandAsync("scanners", "--json", "--data", folder.Path);

        Assert.StartsWith("No scanner yet.", empty.Output, StringComparison.Ordinal);
        Assert.Equal("The scanner “Copier” is in the list.\n", added.Output);
        Assert.Contains("ready, paper in the feeder", list.Output, StringComparison.Ordinal);
        Assert.Contains("HP OfficeJet Pro 9010 series: feeder, glass", list.Output, StringComparison.Ordinal);
        Assert.Equal("The scanner “Copier” is no longer in the list.\n", removed.Output);
        Assert.Equal((1, "There is no scanner “copier”. `devicemail scanners` lists them.\n"), (unknown.Code, unknown.Error));
        Assert.Equal("[]", json.Output.Trim());
    }
}
