using DeviceMail.Devices;
using DeviceMail.Storage;

namespace DeviceMail.Queue;

/// <summary>Notes when each device last handed in mail.</summary>
internal sealed class DeviceWatch(MailQueue queue, DeviceRegister devices) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        queue.Changed += OnChanged;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        queue.Changed -= OnChanged;
        return Task.CompletedTask;
    }

    private void OnChanged(Job job)
    {
        if (job is { State: JobState.Waiting, Attempts: 0, Problem: null, Origin.DeviceId: { } device }) _ = NoteAsync(device);
    }

    private async Task NoteAsync(long device)
    {
        try
        {
            await devices.NoteSeenAsync(device);
        }
        catch (StorageFailedException)
        {
            // The disk has its own alarm; the device is seen again with its next mail.
        }
    }
}
