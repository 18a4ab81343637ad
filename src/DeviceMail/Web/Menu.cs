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
    public static readonly MenuPage Activity = new("Activity", "/activity");
    public static readonly MenuPage Explain = new("Explain a Code", "/explain");
    public static readonly MenuPage NetworkStatus = new("Network Status", "/network-status");
    public static readonly MenuPage Interfaces = new("Interfaces", "/network-interfaces");
    public static readonly MenuPage EmailServerBasic = new("Basic", "/email-server", "Email Server");
    public static readonly MenuPage EmailServerRegistration = new("Application Registration", "/email-server/registration", "Email Server");
    public static readonly MenuPage ConnectionTest = new("Connection Test", "/email-server/connection-test", "Email Server");
    public static readonly MenuPage CaCertificate = new("CA Certificate", "/ca-certificate");
    public static readonly MenuPage RootCertificateUpdate = new("Root Certificate Update", "/root-certificate-update");
    public static readonly MenuPage UserSettings = new("User Settings", "/people");
    public static readonly MenuPage Scanners = new("Scanners", "/scanners");
    public static readonly MenuPage Devices = new("Devices", "/devices");
    public static readonly MenuPage Settings = new("Settings", "/settings");
    public static readonly MenuPage Password = new("Administrator Password", "/password");
    public static readonly MenuPage ApiKeys = new("API Keys", "/api-keys");
    public static readonly MenuPage Audit = new("Audit Log", "/audit");
    public static readonly MenuPage Notices = new("Notices", "/notices");
    public static readonly MenuPage Panels = new("Panels", "/panels");
    public static readonly MenuPage Doctor = new("Doctor", "/doctor");
    public static readonly MenuPage TenantSetUp = new("Tenant Set-up", "/doctor/tenant");

    public static IReadOnlyList<MenuTab> Tabs { get; } =
    [
        new("Home", [Home]),
        new("Job/Status", [JobStatus, Activity, Explain]),
        new("Network", [NetworkStatus, Interfaces, EmailServerBasic, EmailServerRegistration, ConnectionTest]),
        new("Network Security", [CaCertificate, RootCertificateUpdate]),
        new("To My Email", [UserSettings, Scanners]),
        new("Device Management", [Devices, Panels, Notices, Doctor, TenantSetUp, Settings, Password, ApiKeys, Audit]),
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
