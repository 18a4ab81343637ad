namespace DeviceMail.Queue;

/// <summary>Once an hour removes bodies and history whose time is over.</summary>
public sealed partial class Housekeeping(MailQueue queue, TimeProvider time, ILogger<Housekeeping> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromHours(1), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await queue.ExpireAsync();
            }
            catch (Storage.StorageFailedException fault)
            {
                LogPutOff(fault.Message);
            }
        }
    }

    [LoggerMessage(LogLevel.Warning, "Old jobs could not be removed; tried again in an hour: {Reason}")]
    private partial void LogPutOff(string reason);
}
