using DeviceMail.Devices;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Routing;
using DeviceMail.Settings;

namespace DeviceMail.Receiving;

/// <summary>Which account sends a message, and how large it may be.</summary>
public delegate RouteOutcome RouteMail(Device? device, MailAddress? sender);

public delegate long SizeLimit(Device? device);

/// <summary>Whether an administrator has claimed the gateway; before that no mail is taken.</summary>
public delegate bool IsClaimed();

/// <summary>What every session of the receiver works with.</summary>
public sealed record ReceivingParts(AcceptMail Accept, HasRoom HasRoom, RouteMail Route, SizeLimit SizeLimit)
{
    public required IsClaimed IsClaimed { get; init; }

    public required DeviceRegister Devices { get; init; }

    public required SettingsStore Settings { get; init; }

    public required TlsChoice Tls { get; init; }

    public required ConnectionLimits Limits { get; init; }

    public required TimeProvider Time { get; init; }

    public NoteRefusal NoteRefusal { get; init; } = (_, _) => Task.CompletedTask;
}

/// <summary>Remembers for people that a device that is let in was refused for habits that it is not allowed.</summary>
public delegate Task NoteRefusal(Device device, string habits);

/// <summary>Tells Activity, once an hour for a device and its habits: a copier tries again and again.</summary>
internal sealed class HabitRefusals(Activity.ActivityLog activity, TimeProvider time)
{
    private static readonly TimeSpan _pause = TimeSpan.FromHours(1);

    private readonly System.Collections.Concurrent.ConcurrentDictionary<(long Device, string Habits), long> _told = new();

    public async Task NoteAsync(Device device, string habits)
    {
        var now = time.GetTimestamp();
        if (_told.TryGetValue((device.Id, habits), out var last) && time.GetElapsedTime(last, now) < _pause) return;
        _told[(device.Id, habits)] = now;
        await activity.RecordAsync(Activity.Subject.Device, device.Name,
            $"A mail of {device.Name} was refused, because the device {habits}. Allow it under Device Management > Devices > {device.Name} > Old habits, or change the device's settings.");
    }
}
