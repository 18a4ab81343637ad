using System.Collections.Concurrent;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Queue;
using DeviceMail.Storage;

namespace DeviceMail.Sending;

/// <summary>Writes into Activity when an account's mail begins to be held, when it goes out again, and when a mail failed.</summary>
internal sealed partial class TroubleLog(SendingParts parts, ActivityLog activity, ILogger<TroubleLog> log) : IHostedService
{
    private readonly ConcurrentDictionary<long, string> _known = new();

    public Task StartAsync(CancellationToken cancellationToken)
    {
        parts.Status.Changed += OnStatus;
        parts.Queue.Changed += OnJob;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        parts.Status.Changed -= OnStatus;
        parts.Queue.Changed -= OnJob;
        return Task.CompletedTask;
    }

    private void OnStatus(long accountId)
    {
        if (parts.Accounts.Find(accountId) is not { } account || parts.Status.TroubleOf(accountId) is null && !_known.ContainsKey(accountId)) return;
        var problem = parts.Status.StandsInTheWay(accountId);
        if (problem is null)
        {
            if (_known.TryRemove(accountId, out _)) Record(Subject.Account, account.Address.ToString(), $"Mail of {account.Address} goes out again.");
            return;
        }
        if (_known.TryGetValue(accountId, out var known) && known == problem.Key) return;
        _known[accountId] = problem.Key;
        Record(Subject.Account, account.Address.ToString(),
            $"Mail of {account.Address} is held from now on{(problem.Code is { } code ? $" (code {code})" : "")}: {problem.Title}.");
    }

    private void OnJob(Job job)
    {
        if (job.State != JobState.Failed) return;
        var problem = Problems.Find(job.Problem, job.ServerWords);
        Record(Subject.Job, $"{job.Id}", $"Job {job.Id} to {job.Recipients[0].Address}{(job.Recipients.Count > 1 ? " and others" : "")} failed: {problem?.Title ?? "the server refused it"}.");
    }

    private void Record(Subject subject, string of, string sentence) => _ = RecordAsync(subject, of, sentence);

    private async Task RecordAsync(Subject subject, string of, string sentence)
    {
        try
        {
            await activity.RecordAsync(subject, of, sentence);
        }
        catch (StorageFailedException fault)
        {
            LogNotKept(sentence, fault.Message);
        }
    }

    [LoggerMessage(LogLevel.Warning, "Activity could not keep “{Sentence}”: {Reason}")]
    private partial void LogNotKept(string sentence, string reason);
}
