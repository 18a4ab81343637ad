namespace DeviceMail.Web;

/// <summary>A page of the menu.</summary>
/// <param name="Name">As the guide spells it.</param>
/// <param name="Address">Its path.</param>
/// <param name="Under">The heading it stands under inside its tab, or empty.</param>
public sealed record MenuPage(string Name, string Address, string Under = "");

/// <summary>A tab: a page of its own, or the name over several.</summary>
public sealed record MenuTab(string Name, IReadOnlyList<MenuPage> Pages)
{
    public string Address => Pages[0].Address;
}

/// <summary>Web Config's menu, in the guide's order: what is here exists.</summary>
public static class Menu
{
    public static readonly MenuPage Home = new("Home", "/");
    public static readonly MenuPage JobStatus = new("Job Status", "/jobs");
    public static readonly MenuPage Explain = new("Explain a Code", "/explain");
    public static readonly MenuPage EmailServerBasic = new("Basic", "/email-server", "Email Server");
    public static readonly MenuPage Devices = new("Devices", "/devices");
    public static readonly MenuPage Doctor = new("Doctor", "/doctor");

    public static IReadOnlyList<MenuTab> Tabs { get; } =
    [
        new("Home", [Home]),
        new("Job/Status", [JobStatus, Explain]),
        new("Network", [EmailServerBasic]),
        new("Device Management", [Devices, Doctor]),
    ];

    public static MenuTab TabOf(MenuPage page) => Tabs.First(tab => tab.Pages.Contains(page));

    /// <summary>The guide's path to a page, such as Network › Email Server › Basic; empty for Home.</summary>
    public static string PathOf(MenuPage page)
    {
        if (page == Home) return "";
        string[] steps = [TabOf(page).Name, page.Under, page.Name];
        return string.Join(" › ", steps.Where(step => step.Length > 0));
    }
}
