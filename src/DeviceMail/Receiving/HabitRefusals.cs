using System.Collections.Concurrent;
using DeviceMail.Activity;
using DeviceMail.Devices;

namespace DeviceMail.Receiving;

/// <summary>Tells Activity, once an hour for a device and its habits: a copier tries again and again.</summary>
internal sealed class HabitRefusals(ActivityLog activity, TimeProvider time)
{
    private static readonly TimeSpan _pause = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<(long Device, string Habits), long> _told = new();

    public async Task NoteAsync(Device device, string habits)
    {
        var now = time.GetTimestamp();
        if (_told.TryGetValue((device.Id, habits), out var last) && time.GetElapsedTime(last, now) < _pause) return;
        _told[(device.Id, habits)] = now;
        await activity.RecordAsync(Subject.Device, device.Name,
            $"A mail of {device.Name} was refused, because the device {habits}. Allow it under Device Management > Devices > {device.Name} > Old habits, or change the device's settings.");
    }
}
