using System.Text.Json.Serialization;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Settings;
using DeviceMail.Storage;

namespace DeviceMail.Notices;

/// <summary>Who is told what, by which way, and when last: for the page and the command line.</summary>
/// <param name="Reader">The administrator's address; null: nobody is told.</param>
/// <param name="FirstRoute">The account by which notices usually go; null: there is none.</param>
/// <param name="SecondRoute">The account that steps in; null: none.</param>
/// <param name="Kinds">What is told.</param>
public sealed record NoticeReport(string? Reader, string? FirstRoute, string? SecondRoute, IReadOnlyList<NoticeLine> Kinds)
{
    /// <summary>What would keep a notice from reaching anybody, in sentences.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}

/// <summary>One kind of notice.</summary>
/// <param name="Key">Its name.</param>
/// <param name="Title">The subject, with an ellipsis for what differs.</param>
/// <param name="WhenItComes">When "(+)" goes out.</param>
/// <param name="WhenItGoes">When "(-)" goes out.</param>
/// <param name="ToWhom">Who is told.</param>
public sealed record NoticeLine(string Key, string Title, string WhenItComes, string WhenItGoes, string ToWhom)
{
    /// <summary>Whether it is the matter now.</summary>
    public bool IsThere { get; init; }

    public DateTimeOffset? LastTold { get; init; }

    public string? LastTo { get; init; }

    public string? LastBy { get; init; }
}

/// <summary>What became of a test mail.</summary>
public abstract record TestMail
{
    /// <param name="JobId">The number under which Job Status shows it.</param>
    /// <param name="To">The administrator.</param>
    /// <param name="Route">The way it goes.</param>
    public sealed record HandedIn(long JobId, MailAddress To, NoticeRoute Route) : TestMail
    {
        public string Sentence => $"The test mail to {To} goes by the {(Route.IsSecond ? "second" : "first")} route, {Route.Account.Address}, as job {JobId}.";
    }

    public sealed record Refused(string Sentence) : TestMail;
}

/// <summary>What a person does with notices: look, and try them.</summary>
internal sealed class NoticeOffice(NoticeTools tools)
{
    public NoticeReport Report()
    {
        var entries = tools.Book.All;
        return new NoticeReport(Reader?.ToString(), tools.Routes.First?.Address.ToString(), tools.Routes.Second?.Address.ToString(),
            [.. NoticeKinds.All.Select(kind => LineOf(kind, [.. entries.Where(entry => entry.Kind == kind.Key)]))])
        {
            Warnings = [.. Warnings()],
        };
    }

    /// <summary>What would keep a notice from reaching anybody; empty before there is an account.</summary>
    public IEnumerable<string> Warnings()
    {
        if (tools.Routes.First is not { } first) yield break;
        if (Reader is null) yield return "Nobody is told by mail when something goes wrong: no administrator's address is set.";
        else if (tools.Routes.Second is null)
            yield return $"There is no second route for notices: when {first.Address} cannot send, nobody is told by mail.";
    }

    /// <param name="wanted">The account to try; null: the route that a notice would take now.</param>
    /// <exception cref="StorageFailedException">The disk does not keep it.</exception>
    public async Task<TestMail> TestAsync(NoticeRoute? wanted)
    {
        if (Reader is not { } reader) return new TestMail.Refused("No administrator's address is set: there is nobody to send a test mail to.");
        if ((wanted ?? tools.Routes.Choose()) is not { } route)
        {
            return new TestMail.Refused(tools.Routes.First is not { } first ? "There is no account that could send it. Set one up under Network > Email Server > Basic."
                : $"No route can send now: {first.Address} is in trouble, and {(tools.Routes.Second is { } second ? $"so is {second.Address}" : "there is no second route")}. The first page says what to do.");
        }
        var text = new NoticeText("Test mail", ["This is a test mail. Notices of the gateway reach this address.", "A notice has (+) in its subject when a problem comes, and (-) when it goes."], "notices");
        var job = await tools.Post.SendAsync(route, reader, text);
        await tools.Activity.RecordAsync(Subject.Gateway, "Notices", $"A test mail to {reader} was handed in by {route.Account.Address}.");
        return new TestMail.HandedIn(job, reader, route);
    }

    /// <summary>The second route to try; null: there is none.</summary>
    public NoticeRoute? SecondRoute => tools.Routes.Second is { } second ? new NoticeRoute(second, true) : null;

    private MailAddress? Reader => tools.Settings.Current.Get(SettingsCatalogue.AdministratorAddress);

    private static NoticeLine LineOf(NoticeKind kind, IReadOnlyList<NoticeEntry> entries)
    {
        var last = entries.Where(entry => entry.ToldAt is not null).MaxBy(entry => entry.ToldAt);
        return new NoticeLine(kind.Key, Blank(kind.Comes), kind.WhenItComes, kind.WhenItGoes, kind.ToWhom)
        {
            IsThere = entries.Any(entry => entry is { Since: not null, Level: > 0 }),
            LastTold = last?.ToldAt,
            LastTo = last?.ToldTo,
            LastBy = last?.ToldBy,
        };
    }

    private static string Blank(string words) => words.Replace(" {what}", "", StringComparison.Ordinal).Replace("{who}", "an account", StringComparison.Ordinal).TrimEnd(':');
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(NoticeReport))]
internal sealed partial class NoticesJson : JsonSerializerContext;
