using DeviceMail.Accounts;
using DeviceMail.Devices;
using DeviceMail.Messages;
using DeviceMail.Settings;

namespace DeviceMail.Routing;

public abstract record RouteOutcome
{
    public sealed record ByAccount(Account Account) : RouteOutcome;

    /// <summary>The sentence is for the device's operator; it goes out with 550 5.7.1.</summary>
    public sealed record NoAccount(string Sentence) : RouteOutcome;
}

/// <summary>Which account sends a mail. Three rules, the first that matches: the device's account, the sender's address or domain, the default.</summary>
public sealed class Router(AccountRegister accounts, SettingsStore settings)
{
    public RouteOutcome Route(Device? device, MailAddress? sender)
    {
        var account = OfDevice(device) ?? OfSender(sender) ?? accounts.Default;
        return account is not null
            ? new RouteOutcome.ByAccount(account)
            : new RouteOutcome.NoAccount("No account sends mail of this sender. An administrator can choose one under Network > Email Server.");
    }

    /// <summary>The SIZE to announce before the sender is known (RFC 1870): the device's account's, else the default account's.</summary>
    public long SizeLimitFor(Device? device)
    {
        var most = settings.Current.Get(SettingsCatalogue.MaxMessageSize);
        return Math.Min(most, (OfDevice(device) ?? accounts.Default)?.LargestMail ?? most);
    }

    private Account? OfDevice(Device? device) => device?.AccountId is { } id ? accounts.Find(id) : null;

    private Account? OfSender(MailAddress? sender) => sender is null ? null
        : accounts.Find(sender)
        ?? accounts.All.FirstOrDefault(account => account.RoutedSenders.Any(one => one.Equals(sender.ToString(), StringComparison.OrdinalIgnoreCase)))
        ?? accounts.All.FirstOrDefault(account => account.RoutedSenders.Any(one => one.Equals(sender.Domain, StringComparison.OrdinalIgnoreCase)));
}
