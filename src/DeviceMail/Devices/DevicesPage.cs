using System.Net;
using System.Net.Sockets;
using DeviceMail.Web;

namespace DeviceMail.Devices;

/// <param name="Shell">What stands around.</param>
/// <param name="Known">Who may hand in mail.</param>
/// <param name="Waiting">Who asked in vain.</param>
/// <param name="Now">The gateway's time.</param>
public sealed record DevicesModel(PageShell Shell, IReadOnlyList<Device> Known, IReadOnlyList<WaitingDevice> Waiting, DateTimeOffset Now)
{
    /// <summary>Why the last press did nothing, or null.</summary>
    public string? Fault { get; init; }
}

/// <summary>Device Management > Devices.</summary>
internal static class DevicesPage
{
    public static void MapDevicesPage(this WebApplication app)
    {
        app.MapGet("/devices", IResult (HttpContext context) => Show(context, null));
        app.MapPost("/devices", async Task<IResult> (HttpContext context) =>
        {
            var posted = await context.Request.ReadFormAsync();
            var devices = context.Part<DeviceRegister>();
            if (posted["do"] == "remove" && devices.Find(posted["name"].ToString()) is { } known) await devices.RemoveAsync(known.Id);
            else if (posted["do"] == "allow" && await AllowAsync(devices, posted) is { } fault) return Show(context, fault);
            return Redirects.See("/devices");
        });
    }

    /// <returns>Null when the device is let in, otherwise why not.</returns>
    private static async Task<string?> AllowAsync(DeviceRegister devices, IFormCollection posted)
    {
        if (!IPAddress.TryParse(posted["address"], out var address)) return "This is no address.";
        if (Neighbours.IsGateway(address.ToString()))
            return $"{address} is this machine's way to other networks: letting it in would let in everybody behind it. Give the device a user name and a password: devicemail devices add.";
        var habits = Habits.None;
        foreach (var word in posted["habit"]) habits |= HabitWords.Find(word ?? "") ?? Habits.None;
        var range = new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
        var save = await devices.SaveAsync(new Device { Id = 0, Name = posted["name"].ToString().Trim(), Range = range, Habits = habits });
        return (save as DeviceSave.Refused)?.Sentence;
    }

    private static RazorSlices.RazorSlice<DevicesModel> Show(HttpContext context, string? fault)
    {
        var devices = context.Part<DeviceRegister>();
        var shell = context.Part<PageShells>().For(context, Menu.Devices, "Devices");
        var page = DevicesView.Create(new DevicesModel(shell, devices.All, devices.Waiting, context.Part<TimeProvider>().GetUtcNow()) { Fault = fault });
        if (fault is not null) page.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return page;
    }
}
