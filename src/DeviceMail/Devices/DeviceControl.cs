using System.Net;
using System.Net.Sockets;
using DeviceMail.Control;
using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.Devices;

/// <summary>One device as the command line and the API show it.</summary>
public sealed record DeviceView(string Name, string? Range, string? UserName, IReadOnlyList<string> Habits)
{
    public long? AccountId { get; init; }

    public string? Contact { get; init; }
}

public sealed record DeviceList(IReadOnlyList<DeviceView> Devices, IReadOnlyList<WaitingDevice> Waiting);

/// <summary>Allows a device by address, or makes one with credentials.</summary>
public sealed record NewDevice(string? Name)
{
    public string? Range { get; init; }

    public string? UserName { get; init; }

    /// <summary>Typed by a person; null: one is generated.</summary>
    public string? Password { get; init; }

    public IReadOnlyList<string> Habits { get; init; } = [];

    public long? AccountId { get; init; }

    public string? Contact { get; init; }
}

/// <summary>A device with the password it was given; the password is shown this once.</summary>
public sealed record DeviceMade(string Name, string? UserName, string? Password, string Sentence);

public sealed record HabitChange(string Name, IReadOnlyList<string> Habits);

internal static class DeviceControl
{
    public static void Map(RouteGroupBuilder control)
    {
        control.MapGet("/devices", IResult (DeviceRegister devices) => Results.Json(
            new DeviceList([.. devices.All.Select(View)], devices.Waiting), DevicesJson.Default.DeviceList));
        control.MapPost("/devices/allow", async Task<IResult> (HttpContext context, DeviceRegister devices) =>
            await AllowAsync(devices, (await context.Request.ReadFromJsonAsync(DevicesJson.Default.NewDevice))!));
        control.MapPost("/devices/add", async Task<IResult> (HttpContext context, DeviceRegister devices) =>
            await AddAsync(devices, (await context.Request.ReadFromJsonAsync(DevicesJson.Default.NewDevice))!));
        control.MapPost("/devices/habits", async Task<IResult> (HttpContext context, DeviceRegister devices) =>
            await HabitsAsync(devices, (await context.Request.ReadFromJsonAsync(DevicesJson.Default.HabitChange))!));
        control.MapPost("/devices/{name}/remove", async Task<IResult> (string name, DeviceRegister devices) => await RemoveAsync(devices, name));
    }

    public static DeviceView View(Device device) => new(
        device.Name, device.Range?.ToString(), device.UserName, [.. HabitWords.All.Where(one => device.Habits.HasFlag(one.Habit)).Select(one => one.Word)])
    {
        AccountId = device.AccountId,
        Contact = device.Contact?.ToString(),
    };

    private static async Task<IResult> AllowAsync(DeviceRegister devices, NewDevice asked)
    {
        if (Range(asked.Range ?? "") is not { } range)
            return UnknownRange(asked.Range);
        if (Neighbours.IsGateway(range.BaseAddress.ToString()))
            return ControlAnswers.Refused($"{range.BaseAddress} is this machine's gateway: a whole network hides behind it. Let the device sign in with `devices add` instead.");
        var habits = asked.Habits.Count == 0 ? HabitWords.Printer : Habits(asked.Habits, HabitWords.Printer);
        if (habits is null) return UnknownHabit();
        return await SaveAsync(devices, asked, new Device { Id = 0, Name = asked.Name ?? range.ToString(), Range = range, Habits = habits.Value }, null);
    }

    private static async Task<IResult> AddAsync(DeviceRegister devices, NewDevice asked)
    {
        if (asked.Name is not { Length: > 0 } name) return ControlAnswers.Refused("A device with credentials needs a name.");
        if (Habits(asked.Habits, Devices.Habits.HeloOnly) is not { } habits) return UnknownHabit();
        var password = asked.Password is { } typed ? new Secret(typed) : DeviceCredential.Generate();
        if (asked.Password is { Length: < 8 }) return ControlAnswers.Refused("A password of a device needs 8 characters or more; without one, a strong one is made.");
        var credential = habits.HasFlag(Devices.Habits.CramMd5) ? DeviceCredential.ForCramMd5(password)
            : asked.Password is null ? DeviceCredential.ForGenerated(password) : DeviceCredential.ForTyped(password);
        var range = asked.Range is null ? null : Range(asked.Range);
        if (asked.Range is not null && range is null) return UnknownRange(asked.Range);
        if (range is null && (habits & (Devices.Habits.NoTls | Devices.Habits.OldTls)) != Devices.Habits.None)
            return ControlAnswers.Refused("Signing in without encryption or with old TLS is allowed by address alone: name the device's address or range with --range.");
        var user = asked.UserName ?? new string([.. name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]);
        var device = new Device { Id = 0, Name = name, UserName = user, Habits = habits, Range = range };
        return await SaveAsync(devices, asked with { Password = asked.Password is null ? password.Reveal() : null }, device, credential);
    }

    private static async Task<IResult> SaveAsync(DeviceRegister devices, NewDevice asked, Device device, string? credential)
    {
        MailAddress? contact = null;
        if (asked.Contact is { Length: > 0 } text && !MailAddress.TryParse(text, out contact)) return ControlAnswers.Refused($"“{text}” is not a mail address.");
        return await devices.SaveAsync(device with { AccountId = asked.AccountId, Contact = contact }, credential) switch
        {
            DeviceSave.Saved { Device: var saved } => Results.Json(
                new DeviceMade(saved.Name, saved.UserName, credential is null ? null : asked.Password, Sentence(saved)), DevicesJson.Default.DeviceMade),
            DeviceSave.Refused refused => ControlAnswers.Refused(refused.Sentence),
            _ => throw new InvalidOperationException("A save is saved or refused."),
        };
    }

    private static string Sentence(Device device) => device.Habits.HasFlag(Devices.Habits.CramMd5)
        ? $"The device “{device.Name}” may send. Its password is stored readable, because CRAM-MD5 needs that: use it nowhere else."
        : $"The device “{device.Name}” may send.";

    private static async Task<IResult> HabitsAsync(DeviceRegister devices, HabitChange change)
    {
        if (devices.Find(change.Name) is not { } device) return Unknown(change.Name);
        if (Habits(change.Habits, device.Habits) is not { } habits) return UnknownHabit();
        if (await devices.SaveAsync(device with { Habits = habits }) is DeviceSave.Refused refused) return ControlAnswers.Refused(refused.Sentence);
        return ControlAnswers.Done($"The device “{device.Name}” {(habits == Devices.Habits.None ? "has no old habits" : HabitWords.Of(habits))}.");
    }

    private static async Task<IResult> RemoveAsync(DeviceRegister devices, string name)
    {
        if (devices.Find(name) is not { } device) return Unknown(name);
        await devices.RemoveAsync(device.Id);
        return ControlAnswers.Done($"The device “{device.Name}” may no longer send.");
    }

    private static IResult Unknown(string name) => ControlAnswers.Refused($"There is no device “{name}”. `devicemail devices` lists them.");

    private static IResult UnknownRange(string? text) => ControlAnswers.Refused($"“{text}” is no address or range: write 192.0.2.7 or 192.0.2.0/24.");

    private static IResult UnknownHabit() => ControlAnswers.Refused($"A habit is one of {string.Join(", ", HabitWords.All.Select(one => one.Word))}, with + to allow and - to forbid.");

    private static Habits? Habits(IReadOnlyList<string> changes, Habits from)
    {
        foreach (var change in changes)
        {
            var word = change.TrimStart('+', '-');
            if (HabitWords.Find(word) is not { } habit) return null;
            from = change.StartsWith('-') ? from & ~habit : from | habit;
        }
        return from;
    }

    private static IPNetwork? Range(string text)
    {
        if (IPNetwork.TryParse(text, out var network)) return network;
        return IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128) : null;
    }
}
