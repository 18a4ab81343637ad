using DeviceMail.Accounts;
using DeviceMail.Devices;
using DeviceMail.Queue;
using DeviceMail.Settings;
using DeviceMail.Storage;

namespace DeviceMail.Notices;

/// <summary>What a look is worth looking for.</summary>
internal sealed record NoticeTriggers(AccountRegister Accounts, AccountStatusBoard Board, MailQueue Queue, DeviceRegister Devices, SettingsStore Settings);

/// <summary>Looks once a minute, and at once when something happened that may have to be told; never more than once a second.</summary>
internal sealed partial class NoticeWorker(NoticeDesk desk, FailureNotice failures, NoticeTriggers on, TimeProvider time, ILogger<NoticeWorker> log) : BackgroundService
{
    private static readonly TimeSpan _usual = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _least = TimeSpan.FromSeconds(1);

    private readonly Doorbell _bell = new();
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>Listens before anything sends, so that no failure goes unheard.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        on.Accounts.Changed += AccountChanged;
        on.Board.Changed += AccountChanged;
        on.Queue.Changed += JobChanged;
        on.Devices.Changed += _bell.Ring;
        on.Settings.Saved += _bell.Ring;
        return base.StartAsync(cancellationToken);
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        on.Accounts.Changed -= AccountChanged;
        on.Board.Changed -= AccountChanged;
        on.Queue.Changed -= JobChanged;
        on.Devices.Changed -= _bell.Ring;
        on.Settings.Saved -= _bell.Ring;
        return base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var least = new PeriodicTimer(_least, time);
        while (await least.WaitForNextTickAsync(stoppingToken))
        {
            var rung = _bell.Next;
            await LookAsync();
            using var end = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(rung, Task.Delay(_usual, time, end.Token));
            await end.CancelAsync();
            stoppingToken.ThrowIfCancellationRequested();
        }
    }

    private void AccountChanged(long accountId) => _bell.Ring();

    private void JobChanged(Job job)
    {
        if (job.State == JobState.Failed) failures.Note(job);
        if (job.State is JobState.Failed or JobState.Held) _bell.Ring();
    }

    public override void Dispose()
    {
        base.Dispose();
        _one.Dispose();
    }

    /// <summary>One look at everything; looks never meet.</summary>
    internal async Task LookAsync()
    {
        await _one.WaitAsync();
        try
        {
            await desk.LookAsync();
            await failures.LookAsync();
        }
        catch (StorageFailedException fault)
        {
            LogDisk(fault.Message);
        }
        catch (Exception bug) when (bug is not OperationCanceledException)
        {
            // An edge: a bug in one look must not end all notices.
            LogBug(bug);
        }
        finally
        {
            _one.Release();
        }
    }

    [LoggerMessage(LogLevel.Error, "Notices wait for the disk: {Reason}")]
    private partial void LogDisk(string reason);

    [LoggerMessage(LogLevel.Error, "A look for notices met a fault of the gateway itself; the next is in a minute")]
    private partial void LogBug(Exception fault);
}
