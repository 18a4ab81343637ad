namespace DeviceMail.Panel;

/// <summary>A line of the panel's menu, and the page it opens.</summary>
/// <param name="Name">As the guide spells it.</param>
public sealed record PanelMenuItem(string Name, string Address)
{
    /// <summary>What a person finds there.</summary>
    public string Hint { get; init; } = "";

    /// <summary>Whether only the administrator opens it.</summary>
    public bool IsLocked { get; init; }

    /// <summary>The lines under it; empty: it is a page of its own.</summary>
    public IReadOnlyList<PanelMenuItem> Items { get; init; } = [];
}

/// <summary>The panel's menu, with the guide's names in the guide's order: what is here exists.</summary>
public static class PanelMenu
{
    public const string Home = "/panel";

    public static readonly PanelMenuItem Addresses = new("Wired LAN/Wi-Fi Status", "/panel/network-status/addresses") { Hint = "Addresses of this gateway and of Web Config" };
    public static readonly PanelMenuItem EmailServerStatus = new("Email Server Status", "/panel/network-status/email-server") { Hint = "Settings of each account, and whether it sends", IsLocked = true };
    public static readonly PanelMenuItem PrintStatusSheet = new("Print Status Sheet", "/panel/network-status/sheet") { Hint = "One page with the network and email server settings", IsLocked = true };
    public static readonly PanelMenuItem NetworkStatus = new("Network Status", "/panel/network-status") { Hint = "Addresses, email server, status sheet", Items = [Addresses, EmailServerStatus, PrintStatusSheet] };
    public static readonly PanelMenuItem NetworkSettings = new("Network Settings", "/panel/network-settings") { Hint = "Network Status", Items = [NetworkStatus] };
    public static readonly PanelMenuItem GeneralSettings = new("General Settings", "/panel/general-settings") { Hint = "Network Settings", Items = [NetworkSettings] };
    public static readonly PanelMenuItem Settings = new("Settings", "/panel/settings") { Items = [GeneralSettings] };

    public static readonly PanelMenuItem JobStatus = new("Job Status", "/panel/jobs") { Hint = "What became of each mail, with its code" };
    public static readonly PanelMenuItem JobsAndStatus = new("Job/Status", "/panel/job-status") { Items = [JobStatus] };

    /// <summary>The tiles of the first page.</summary>
    public static IReadOnlyList<PanelMenuItem> Tiles { get; } = [JobsAndStatus, Settings];

    /// <summary>Every line that opens further lines.</summary>
    public static IEnumerable<PanelMenuItem> Lists => All(Tiles).Where(item => item.Items.Count > 0);

    /// <summary>The page above a page of the menu.</summary>
    public static (string Name, string Address) BackFrom(PanelMenuItem item) =>
        Lists.FirstOrDefault(list => list.Items.Contains(item)) is { } above ? (above.Name, above.Address) : ("Home", Home);

    private static IEnumerable<PanelMenuItem> All(IEnumerable<PanelMenuItem> items) => items.SelectMany(item => All(item.Items).Prepend(item));
}
