using System.Collections.Concurrent;
using DeviceMail.Activity;
using DeviceMail.Devices;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Settings;

namespace DeviceMail.Notices;

/// <summary>
/// Tells the device's contact, else the administrator, that mail was not delivered: to whom, why, what to do. The first is told at once; what fails
/// within the hour after it shares one notice. Automatic mail, and so every notice of the gateway itself, is not answered (RFC 3834).
/// </summary>
internal sealed partial class FailureNotice
{
    private const int JobsNamed = 20, JobsLookedAt = 500, MostUntold = 10_000;

    private readonly ConcurrentDictionary<long, Job> _untold = new();
    private readonly ConcurrentDictionary<string, bool> _withoutWay = new();
    private readonly NoticeTools _tools;
    private readonly DeviceRegister _devices;
    private readonly ILogger<FailureNotice> _log;

    /// <summary>Takes up what failed before the program ended and was not told.</summary>
    public FailureNotice(NoticeTools tools, DeviceRegister devices, ILogger<FailureNotice> log)
    {
        (_tools, _devices, _log) = (tools, devices, log);
        var begun = tools.Book.Find(Kind, "").Level;
        if (begun == 0) return;
        foreach (var job in tools.Queue.List(new JobFilter(JobState.Failed, Count: JobsLookedAt)))
            if (job.FinishedAt?.ToUnixTimeMilliseconds() > Math.Max(begun, ReaderOf(job) is { } reader ? EntryOf(reader).Level : 0)) Note(job);
    }

    private static string Kind => NoticeKinds.NotDelivered.Key;

    /// <summary>A job failed; the next look tells it.</summary>
    public void Note(Job job)
    {
        if (_untold.Count < MostUntold) _untold[job.Id] = job;
    }

    /// <exception cref="Storage.StorageFailedException">The disk does not keep the notice; the next look tries again.</exception>
    public async Task LookAsync()
    {
        // From the first look on every failure is told or stands here; what failed before this gateway told any is history.
        if (_tools.Book.Find(Kind, "").Level == 0) await _tools.Book.SaveAsync(new NoticeEntry(Kind, "") { Level = _tools.Time.GetUtcNow().ToUnixTimeMilliseconds() });
        foreach (var job in _untold.Values)
            if (IsAutomatic(job))
            {
                _untold.TryRemove(job.Id, out _);
                LogAutomatic(job.Id);
            }
        foreach (var group in _untold.Values.GroupBy(ReaderOf).ToList()) await TellAsync(group.Key, [.. group.OrderBy(job => job.Id)]);
    }

    private async Task TellAsync(MailAddress? reader, List<Job> jobs)
    {
        var name = reader?.ToString() ?? "";
        var entry = reader is null ? null : EntryOf(reader);
        if (entry?.ToldAt is { } told && _tools.Time.GetUtcNow() - told < NoticeDesk.Pause) return;
        if (reader is null || _tools.Routes.Choose() is not { } route)
        {
            if (_withoutWay.TryAdd(name, true)) LogNoWay(jobs[0].Id);
            return;
        }
        var job = await _tools.Post.SendAsync(route, reader, Write(jobs));
        _withoutWay.TryRemove(name, out _);
        foreach (var one in jobs) _untold.TryRemove(one.Id, out _);
        var newest = jobs.Max(one => one.FinishedAt)?.ToUnixTimeMilliseconds() ?? 0;
        await _tools.Book.SaveAsync(entry! with
        {
            Level = Math.Max(newest, entry.Level),
            ToldAt = _tools.Time.GetUtcNow(),
            ToldTo = name,
            ToldBy = route.Account.Address.ToString(),
            JobId = job,
        });
    }

    private NoticeText Write(List<Job> jobs)
    {
        var first = jobs[0];
        var what = jobs.Count == 1 ? $"mail {first.Id} of {CauseWatch.Moment(first.ReceivedAt)}" : $"{jobs.Count} mails";
        var lines = new List<string>();
        foreach (var job in jobs.Take(JobsNamed)) lines.AddRange(Describe(job));
        if (jobs.Count > JobsNamed) lines.Add($"{jobs.Count - JobsNamed} more: Job Status shows them.");
        lines.Add($"A mail that was not delivered is kept for a while: see Job/Status > Job Status, job {first.Id}.");
        return new NoticeText(NoticeKinds.NotDelivered.Comes.Replace("{what}", what, StringComparison.Ordinal), lines, "jobs?state=failed") { AutoSubmitted = "auto-replied" };
    }

    private IEnumerable<string> Describe(Job job)
    {
        var device = _devices.All.FirstOrDefault(one => one.Id == job.Origin.DeviceId)?.Name;
        yield return $"Mail {job.Id}, which {(device is null ? "was handed in" : $"the device “{device}” handed in")} on {CauseWatch.Moment(job.ReceivedAt)}, could not be delivered.";
        foreach (var recipient in job.Recipients)
            yield return $"{recipient.Address}: {(recipient.State == RecipientState.Sent ? "delivered" : $"not delivered. The server said: {recipient.ServerWords ?? "nothing"}")}";
        if (Problems.Find(job.Problem, job.ServerWords) is { } problem) yield return $"{problem.Title}. {problem.Cause} {problem.Remedy}";
    }

    private bool IsAutomatic(Job job)
    {
        try
        {
            using var body = _tools.Queue.OpenBody(job);
            var header = new byte[Math.Min(job.Traits.HeaderLength, body.Length)];
            body.ReadExactly(header);
            return AutomaticMail.Is(job.Sender, header);
        }
        catch (Exception fault) when (fault is IOException or Storage.StorageFailedException)
        {
            // Its file is gone, or cannot be read: better told than not.
            return job.Sender is null;
        }
    }

    private NoticeEntry EntryOf(MailAddress reader) => _tools.Book.Find(Kind, reader.ToString());

    private MailAddress? ReaderOf(Job job) =>
        _devices.All.FirstOrDefault(one => one.Id == job.Origin.DeviceId)?.Contact ?? _tools.Settings.Current.Get(SettingsCatalogue.AdministratorAddress);

    [LoggerMessage(LogLevel.Warning, "Job {JobId} was not delivered, and nobody can be told now: its device has no contact and no administrator's address is set, or no account can send")]
    private partial void LogNoWay(long jobId);

    [LoggerMessage(LogLevel.Information, "Job {JobId} was not delivered; it was sent automatically, so no notice answers it")]
    private partial void LogAutomatic(long jobId);
}
