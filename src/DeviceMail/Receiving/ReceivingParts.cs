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
