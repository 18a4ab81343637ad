using DeviceMail.Control;

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
    private const string Who = "an administrator at the command line";

    public static void Map(RouteGroupBuilder control)
    {
        control.MapGet("/devices", IResult (DeviceRegister devices) => Results.Json(
            new DeviceList([.. devices.All.Select(View)], devices.Waiting), DevicesJson.Default.DeviceList));
        control.MapPost("/devices/allow", async Task<IResult> (HttpContext context, DeviceDesk desk) =>
            Answer(await desk.AllowAsync((await context.Request.ReadFromJsonAsync(DevicesJson.Default.NewDevice))!, Who)));
        control.MapPost("/devices/add", async Task<IResult> (HttpContext context, DeviceDesk desk) =>
            Answer(await desk.AddAsync((await context.Request.ReadFromJsonAsync(DevicesJson.Default.NewDevice))!, Who)));
        control.MapPost("/devices/habits", async Task<IResult> (HttpContext context, DeviceRegister devices) =>
            await HabitsAsync(devices, (await context.Request.ReadFromJsonAsync(DevicesJson.Default.HabitChange))!));
        control.MapPost("/devices/remove", async Task<IResult> (string name, DeviceRegister devices, DeviceDesk desk) =>
        {
            if (devices.Find(name) is not { } device) return Unknown(name);
            await desk.RemoveAsync(device, Who);
            return ControlAnswers.Done($"The device “{device.Name}” may no longer send.");
        });
    }

    public static DeviceView View(Device device) => new(
        device.Name, device.Range?.ToString(), device.UserName, [.. HabitWords.All.Where(one => device.Habits.HasFlag(one.Habit)).Select(one => one.Word)])
    {
        AccountId = device.AccountId,
        Contact = device.Contact?.ToString(),
    };

    private static IResult Answer(DeviceDeskOutcome outcome) => outcome switch
    {
        DeviceDeskOutcome.Made made => Results.Json(made.Device, DevicesJson.Default.DeviceMade),
        DeviceDeskOutcome.Refused refused => ControlAnswers.Refused(refused.Sentence),
        _ => throw new InvalidOperationException($"{outcome} is no outcome."),
    };

    private static async Task<IResult> HabitsAsync(DeviceRegister devices, HabitChange change)
    {
        if (devices.Find(change.Name) is not { } device) return Unknown(change.Name);
        if (Habits(change.Habits, device.Habits) is not { } habits) return UnknownHabit();
        if (await devices.SaveAsync(device with { Habits = habits }) is DeviceSave.Refused refused) return ControlAnswers.Refused(refused.Sentence);
        return ControlAnswers.Done($"The device “{device.Name}” {(habits == Devices.Habits.None ? "has no old habits" : HabitWords.Of(habits))}.");
    }

    private static IResult Unknown(string name) => ControlAnswers.Refused($"There is no device “{name}”. `devicemail devices` lists them.");

    private static IResult UnknownHabit() => ControlAnswers.Refused(DeviceDesk.UnknownHabit);

    private static Habits? Habits(IReadOnlyList<string> changes, Habits from) => DeviceDesk.HabitsOf(changes, from);
}
