using DeviceMail.Storage;

namespace DeviceMail.Queue;

/// <summary>Writes what became of jobs. Nothing of it is forgotten: a disk that fails is asked again until it keeps it.</summary>
internal sealed partial class OutcomeWriter(QueueStorage storage, FreshJobs fresh, TimeProvider time, ILogger log)
{
    public async Task SaveAsync(Job job)
    {
        for (var wait = TimeSpan.FromMilliseconds(200); ; wait = wait < TimeSpan.FromSeconds(10) ? wait * 2 : wait)
        {
            try
            {
                await TrySaveAsync(job);
                return;
            }
            catch (Exception fault)
            {
                LogNotKept(job.Id, fault.Message);
                await Task.Delay(wait, time);
            }
        }
    }

    private async Task TrySaveAsync(Job job)
    {
        var isFresh = fresh.TryReplace(job);
        await fresh.WriteAsync();
        var step = JobHistory.Of(job, time.GetUtcNow());
        if (isFresh && step is null) return;
        await storage.Database.WriteAsync(session =>
        {
            if (step is not null) JobHistory.Add(session, job.Id, step);
            if (isFresh) return;
            JobStore.SaveProgress(session, job);
            JobStore.SaveRecipients(session, job);
            if (job.State == JobState.Sent) JobStore.DropBody(session, job.Id);
        });
        if (job is { State: JobState.Sent, BodyPlace: { } place }) storage.Journal.Release(place, job.Id);
    }

    [LoggerMessage(LogLevel.Error, "The outcome of job {JobId} could not be written yet: {Reason}")]
    private partial void LogNotKept(long jobId, string reason);
}
