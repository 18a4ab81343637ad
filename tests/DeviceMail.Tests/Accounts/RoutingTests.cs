using System.Net;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Devices;
using DeviceMail.Messages;
using DeviceMail.Routing;
using DeviceMail.Settings;

namespace DeviceMail.Tests.Accounts;

/// <summary>Which account sends a mail: the device's, else the sender's by address, else by domain, else the default.</summary>
public sealed class RoutingTests
{
    public static TheoryData<string?, string?, string?> Rules => new()
    {
        // the device's account, the sender, who sends
        { "fax@contoso.example", "hr@contoso.example", "fax@contoso.example" },
        { null, "hr@contoso.example", "hr@contoso.example" },
        { null, "HR@Contoso.Example", "hr@contoso.example" },
        { null, "lift@fabrikam.example", "hr@contoso.example" },
        { null, "door@fabrikam.example", "fax@contoso.example" },
        { null, "other@contoso.example", "scan@contoso.example" },
        { null, null, "scan@contoso.example" },
        { "gone", "hr@contoso.example", "hr@contoso.example" },
    };

    [Fact]
    public async Task The_mail_of_a_removed_account_never_becomes_another_accounts()
    {
        await using var folder = new AccountFolder();
        var gone = await folder.AddAsync(AccountFolder.Describe("fax@contoso.example", 25));
        await folder.Folder.AcceptAsync("Subject: fax\r\n\r\npage\r\n", "anna@x.example");
        await folder.Folder.Queue.HoldAsync(gone.Id, Problems.NotSignedIn, "");
        await folder.Accounts.RemoveAsync(gone.Id);
        var other = await folder.AddAsync(AccountFolder.Describe("scan@contoso.example", 25));
        Assert.NotEqual(gone.Id, other.Id);
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public async Task The_first_rule_that_matches_decides(string? ofDevice, string? sender, string? expected)
    {
        await using var folder = new AccountFolder();
        await folder.AddAsync(AccountFolder.Describe("scan@contoso.example", 25) with { IsDefault = true });
        await folder.AddAsync(AccountFolder.Describe("fax@contoso.example", 25) with { RoutedSenders = ["fabrikam.example"] });
        await folder.AddAsync(AccountFolder.Describe("hr@contoso.example", 25) with { RoutedSenders = ["lift@fabrikam.example"] });
        var id = ofDevice is null ? null : MailAddress.TryParse(ofDevice, out var address) ? folder.Accounts.Find(address)!.Id : (long?)99;
        var device = new Device { Id = 1, Name = "device", Range = new IPNetwork(IPAddress.Loopback, 32), AccountId = id };
        var route = new Router(folder.Accounts, new SettingsStore(folder.Folder.Database)).Route(device, sender is null ? null : MailAddress.Parse(sender));
        Assert.Equal(expected, Assert.IsType<RouteOutcome.ByAccount>(route).Account.Address.ToString());
    }

    [Fact]
    public async Task Without_a_default_among_several_accounts_nobody_sends()
    {
        await using var folder = new AccountFolder();
        await folder.AddAsync(AccountFolder.Describe("scan@contoso.example", 25));
        await folder.AddAsync(AccountFolder.Describe("fax@contoso.example", 25));
        var router = new Router(folder.Accounts, new SettingsStore(folder.Folder.Database));
        Assert.IsType<RouteOutcome.NoAccount>(router.Route(null, MailAddress.Parse("other@contoso.example")));
    }

    [Fact]
    public async Task Only_one_account_is_the_default()
    {
        await using var folder = new AccountFolder();
        await folder.AddAsync(AccountFolder.Describe("scan@contoso.example", 25) with { IsDefault = true });
        var second = await folder.AddAsync(AccountFolder.Describe("fax@contoso.example", 25) with { IsDefault = true });
        Assert.Equal(second.Id, Assert.Single(folder.Accounts.All, account => account.IsDefault).Id);
    }

    [Fact]
    public async Task Accounts_saved_at_once_are_all_there()
    {
        await using var folder = new AccountFolder();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => folder.AddAsync(AccountFolder.Describe($"a{i}@contoso.example", 25))));
        Assert.Equal(20, folder.Accounts.All.Count);
    }
}
