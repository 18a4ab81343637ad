using DeviceMail.Storage;

namespace DeviceMail.Queue;

/// <summary>Tidies the journal once a minute, and once an hour removes bodies and history whose time is over.</summary>
public sealed partial class Housekeeping(MailQueue queue, TimeProvider time, ILogger<Housekeeping> log) : BackgroundService
{
    private const int MinutesAnHour = 60;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1), time);
        for (var minute = 1; await timer.WaitForNextTickAsync(stoppingToken); minute++)
        {
            try
            {
                await queue.TidyJournalAsync();
                if (minute % MinutesAnHour == 0) await queue.ExpireAsync();
            }
            catch (Exception fault) when (fault is StorageFailedException or IOException)
            {
                LogPutOff(fault.Message);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Old jobs could not be put away; tried again in a minute: {Reason}")]
    private partial void LogPutOff(string reason);
}
