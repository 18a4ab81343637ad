using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Settings;
using DeviceMail.Storage;

namespace DeviceMail.Notices;

/// <summary>By what a notice finds its reader and its way.</summary>
internal sealed record NoticeTools(NoticeBook Book, NoticeRoutes Routes, NoticePost Post, MailQueue Queue)
{
    public required SettingsStore Settings { get; init; }

    public required ActivityLog Activity { get; init; }

    public required TimeProvider Time { get; init; }
}

/// <summary>
/// Tells the administrator what came and what went: at most one mail a cause and hour, whether "(+)" or "(-)". A cause that comes back before its
/// "(-)" was told is the same one.
/// </summary>
internal sealed partial class NoticeDesk(CauseWatch watch, NoticeTools tools, AccountRegister accounts, ILogger<NoticeDesk> log)
{
    /// <summary>Between two mails of one cause.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromHours(1);

    /// <summary>For so long a cause must be away before it is told to be over: a probe that is under way looks like that.</summary>
    private static readonly TimeSpan _settles = TimeSpan.FromMinutes(5);

    /// <summary>A wall clock that moves so much against the monotonic one has jumped.</summary>
    private static readonly TimeSpan _jump = TimeSpan.FromMinutes(5);

    /// <summary>For so long after a jump nothing is told that hangs on the date alone.</summary>
    private static readonly TimeSpan _disbelief = TimeSpan.FromMinutes(30);

    private readonly Dictionary<(string, string), long> _awaySince = [];
    private readonly HashSet<(string, string)> _withoutWay = [];
    private (DateTimeOffset Wall, long Stamp)? _lastLook;
    private long? _jumpedAt;

    /// <summary>Looks at all causes once, and tells what is due. One look at a time.</summary>
    /// <exception cref="StorageFailedException">The disk does not keep what was told; the next look goes on.</exception>
    public async Task LookAsync()
    {
        await FollowClockAsync();
        var present = watch.Find().ToDictionary(cause => (cause.Kind.Key, cause.Subject));
        foreach (var (key, cause) in present)
        {
            _awaySince.Remove(key);
            await FollowAsync(cause);
        }
        foreach (var entry in tools.Book.All)
            if (entry.Since is not null && NoticeKinds.Find(entry.Kind) is { } kind && !present.ContainsKey((entry.Kind, entry.Subject)))
                await EndAsync(kind, entry, kind.GivesWayTo is { } other && present.ContainsKey((other, entry.Subject)));
        foreach (var entry in tools.Book.All)
            if (entry.JobId is { } job) await FreeAsync(entry, job);
    }

    private async Task FollowAsync(NoticeCause cause)
    {
        var entry = tools.Book.Find(cause.Kind.Key, cause.Subject);
        if (entry.Since is null || entry.Who != cause.Who)
            await tools.Book.SaveAsync(entry = entry with { Since = entry.Since ?? cause.Since ?? Now, Who = cause.Who });
        if (cause.Level <= entry.Level || Now - (cause.Since ?? entry.Since!.Value) < cause.After || MustWait(entry)) return;
        if (cause.Kind.IsByDate && _jumpedAt is { } at && tools.Time.GetElapsedTime(at) < _disbelief) return;
        await TellAsync(entry with { Level = cause.Level }, new NoticeText($"(+) {Filled(cause.Kind.Comes, cause.Who, cause.What)}", cause.Sentences, cause.Page));
    }

    private async Task EndAsync(NoticeKind kind, NoticeEntry entry, bool givesWay)
    {
        var key = (entry.Kind, entry.Subject);
        var isGone = entry.Subject.Length > 0 && (!long.TryParse(entry.Subject, out var id) || accounts.Find(id) is null);
        var over = entry with { Since = null, Level = 0 };
        if (givesWay || isGone || entry.Level == 0 && !kind.IsToldAfterwards)
        {
            _awaySince.Remove(key);
            await tools.Book.SaveAsync(over);
            return;
        }
        if (!_awaySince.TryGetValue(key, out var away)) _awaySince[key] = away = tools.Time.GetTimestamp();
        if (tools.Time.GetElapsedTime(away) < _settles || MustWait(entry)) return;
        var text = new NoticeText($"(-) {Filled(kind.Goes, entry.Who, "")}", [$"{Filled(kind.Goes, entry.Who, "")}. It was otherwise since {CauseWatch.Moment(entry.Since!.Value)}."], "");
        await TellAsync(over, text);
    }

    /// <summary>Hands the notice in and remembers it; without a way, what was told stays as it is, and the next look tries again.</summary>
    /// <param name="told">What is remembered when it has gone.</param>
    /// <param name="text">What it says.</param>
    private async Task TellAsync(NoticeEntry told, NoticeText text)
    {
        var key = (told.Kind, told.Subject);
        var reader = tools.Settings.Current.Get(SettingsCatalogue.AdministratorAddress);
        if (reader is null || tools.Routes.Choose() is not { } route)
        {
            if (!_withoutWay.Add(key)) return;
            LogNoWay(text.Subject);
            await tools.Activity.RecordAsync(Subject.Gateway, "Notices", $"“{text.Subject}” could not be told: {(reader is null ? "no administrator's address is set" : "neither route can send")}.");
            return;
        }
        var job = await tools.Post.SendAsync(route, reader, text);
        _withoutWay.Remove(key);
        _awaySince.Remove(key);
        LogTold(text.Subject, job);
        await tools.Book.SaveAsync(told with { ToldAt = Now, ToldTo = reader.ToString(), ToldBy = route.Account.Address.ToString(), JobId = job });
    }

    /// <summary>A notice that fell behind the trouble of its own account goes by the other one.</summary>
    private async Task FreeAsync(NoticeEntry entry, long jobId)
    {
        var job = tools.Queue.Find(jobId);
        if (job is not { State: JobState.Held })
        {
            if (job is null || JobStates.IsFinished(job.State)) await tools.Book.SaveAsync(entry with { JobId = null });
            return;
        }
        if (tools.Routes.Choose() is not { } route || route.Account.Id == job.AccountId || await tools.Post.MoveAsync(job, route) is not { } moved) return;
        LogMoved(jobId, moved);
        await tools.Book.SaveAsync(entry with { ToldBy = route.Account.Address.ToString(), JobId = moved });
    }

    private async Task FollowClockAsync()
    {
        var (wall, stamp) = (Now, tools.Time.GetTimestamp());
        var last = _lastLook;
        _lastLook = (wall, stamp);
        if (last is null) return;
        var jump = wall - last.Value.Wall - tools.Time.GetElapsedTime(last.Value.Stamp, stamp);
        if (jump.Duration() < _jump) return;
        _jumpedAt = stamp;
        LogJump(jump);
        await tools.Book.ShiftAsync(jump);
    }

    private bool MustWait(NoticeEntry entry) => entry.ToldAt is { } told && Now - told < Pause;

    private DateTimeOffset Now => tools.Time.GetUtcNow();

    private static string Filled(string words, string who, string what) =>
        words.Replace("{who}", who, StringComparison.Ordinal).Replace("{what}", what, StringComparison.Ordinal);

    [LoggerMessage(LogLevel.Information, "Told by mail: {Subject} (job {JobId})")]
    private partial void LogTold(string subject, long jobId);

    [LoggerMessage(LogLevel.Warning, "“{Subject}” cannot be told: no administrator's address is set, or no account can send. A second route helps")]
    private partial void LogNoWay(string subject);

    [LoggerMessage(LogLevel.Information, "The notice of job {JobId} was held and goes by the other route as job {Moved}")]
    private partial void LogMoved(long jobId, long moved);

    [LoggerMessage(LogLevel.Warning, "The clock jumped by {Jump}; notices that hang on the date wait for half an hour")]
    private partial void LogJump(TimeSpan jump);
}
