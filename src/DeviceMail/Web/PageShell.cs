using System.Globalization;
using DeviceMail.Control;
using DeviceMail.Settings;

namespace DeviceMail.Web;

/// <summary>What stands around the content of every page.</summary>
public sealed record PageShell
{
    public required string Title { get; init; }

    /// <summary>The page's place in the menu; null on pages without one.</summary>
    public MenuPage? Place { get; init; }

    /// <summary>The guide's path, longer than the menu's on pages below it.</summary>
    public string Path { get; init; } = "";

    /// <summary>Goes into every form, in the field <see cref="PageGuard.TokenField"/>.</summary>
    public string FormToken { get; init; } = "";

    public required string GatewayName { get; init; }

    /// <summary>The address by which the browser came.</summary>
    public required string GatewayAddress { get; init; }

    public required string Time { get; init; }

    /// <summary>What needs a person, whichever page is open.</summary>
    public IReadOnlyList<PageNotice> Notices { get; init; } = [];

    /// <summary>Seconds after which a browser without our script loads the page again; 0: never.</summary>
    public int ReloadAfter { get; init; }
}

/// <summary>One line above every page's title, until what it says is done.</summary>
/// <param name="Sentence">What is.</param>
/// <param name="LinkText">The verb and object of its link.</param>
/// <param name="Address">Where a person does it.</param>
public sealed record PageNotice(string Sentence, string LinkText, string Address);

/// <summary>A folder's notices for all pages; folders register theirs with the host.</summary>
public delegate IEnumerable<PageNotice> FindPageNotices();

/// <summary>Makes the shells of pages.</summary>
public sealed class PageShells(SettingsStore settings, Sessions sessions, IEnumerable<FindPageNotices> notices, TimeProvider time)
{
    /// <summary>A page of the menu.</summary>
    public PageShell For(HttpContext context, MenuPage place, string title) => Bare(context, title) with { Place = place, Path = Menu.PathOf(place), Notices = [.. notices.SelectMany(find => find())] };

    /// <summary>A page without menu: claim and login.</summary>
    public PageShell Bare(HttpContext context, string title) => new()
    {
        Title = title,
        FormToken = context.Features.Get<Session>() is { } session ? sessions.FormToken(session) : "",
        GatewayName = settings.Current.GatewayName,
        GatewayAddress = (context.Connection.LocalIpAddress is { IsIPv4MappedToIPv6: true } mapped ? mapped.MapToIPv4() : context.Connection.LocalIpAddress)?.ToString() ?? "",
        Time = time.GetLocalNow().ToString("HH:mm", CultureInfo.InvariantCulture),
    };

    public static string Version => $"{BuildVersion.Current}";
}
