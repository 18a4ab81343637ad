using DeviceMail.Activity;
using DeviceMail.Web;

namespace DeviceMail.Queue;

/// <param name="Shell">What stands around.</param>
/// <param name="Entries">One page, newest first.</param>
/// <param name="Filter">What is shown.</param>
public sealed record ActivityModel(PageShell Shell, IReadOnlyList<ActivityEntry> Entries, ActivityFilter Filter)
{
    public required bool HasOlder { get; init; }

    public required DateTimeOffset Now { get; init; }

    /// <summary>This page's address with other filters; null leaves one out.</summary>
    public string Address(Subject? subject, long? before)
    {
        string?[] parts = [subject is null ? null : $"about={$"{subject}".ToLowerInvariant()}", Filter.Search.Length == 0 ? null : $"q={Uri.EscapeDataString(Filter.Search)}",
            before is null ? null : $"before={before}"];
        return "/activity?" + string.Join('&', parts.Where(part => part is not null));
    }
}

/// <summary>Job/Status > Activity.</summary>
internal static class ActivityPage
{
    private const int RowsOnAPage = 50, LongestSearch = 200;

    public static void MapActivity(this WebApplication app) => app.MapGet("/activity", IResult (HttpContext context) =>
    {
        var query = context.Request.Query;
        Subject? about = Enum.TryParse<Subject>(query["about"], ignoreCase: true, out var only) && !int.TryParse(query["about"], out _) ? only : null;
        var search = query["q"].ToString().Trim();
        var filter = new ActivityFilter(about, search.Length > LongestSearch ? search[..LongestSearch] : search, long.TryParse(query["before"], out var before) ? before : null, RowsOnAPage + 1);
        var entries = context.Part<ActivityLog>().List(filter);
        return ActivityView.Create(new ActivityModel(context.Part<PageShells>().For(context, Menu.Activity, "Activity"), [.. entries.Take(RowsOnAPage)], filter)
        {
            HasOlder = entries.Count > RowsOnAPage,
            Now = context.Part<TimeProvider>().GetUtcNow(),
        });
    });
}
