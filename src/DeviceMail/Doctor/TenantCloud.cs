namespace DeviceMail.Doctor;

/// <summary>One of Microsoft's clouds (Microsoft Graph, "Microsoft Graph and Graph Explorer service root endpoints"; Entra, "National clouds").</summary>
/// <param name="Key">Its name on the command line.</param>
/// <param name="Title">Its name on the page.</param>
/// <param name="Authority">Where people sign in, without a slash at its end.</param>
/// <param name="Graph">Where Microsoft Graph answers, with its version, without a slash at its end.</param>
public sealed record TenantCloud(string Key, string Title, string Authority, string Graph)
{
    /// <summary>What permissions at Graph begin with; stays when another address is given for it.</summary>
    public string Resource { get; } = new Uri(Graph).GetLeftPart(UriPartial.Authority);

    /// <summary>Microsoft's own empty page for programs without one.</summary>
    public string EndPage { get; } = $"{Authority}/common/oauth2/nativeclient";

    public static IReadOnlyList<TenantCloud> All { get; } =
    [
        new("worldwide", "Microsoft 365 worldwide", "https://login.microsoftonline.com", "https://graph.microsoft.com/v1.0"),
        new("gcc-high", "US Government GCC High", "https://login.microsoftonline.us", "https://graph.microsoft.us/v1.0"),
        new("dod", "US Government DoD", "https://login.microsoftonline.us", "https://dod-graph.microsoft.us/v1.0"),
        new("china", "China, by 21Vianet", "https://login.partner.microsoftonline.cn", "https://microsoftgraph.chinacloudapi.cn/v1.0"),
    ];

    public static TenantCloud? Find(string key) => All.FirstOrDefault(one => one.Key.Equals(key, StringComparison.OrdinalIgnoreCase));
}
