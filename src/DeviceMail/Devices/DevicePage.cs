using DeviceMail.Accounts;
using DeviceMail.Web;

namespace DeviceMail.Devices;

/// <summary>The fields of a device as a browser sends them.</summary>
internal static class DeviceForm
{
    public static NewDevice Read(IFormCollection posted) => new(posted["name"].ToString().Trim())
    {
        Range = posted["range"].ToString().Trim(),
        UserName = posted["user"].ToString().Trim(),
        Contact = posted["contact"].ToString().Trim(),
        AccountId = long.TryParse(posted["account"], out var account) ? account : null,
        Habits = [.. posted["habit"].Select(word => word ?? "")],
    };

    /// <summary>On a page every habit is said, with or without a tick; where the desk starts from some, what has no tick is forbidden.</summary>
    public static NewDevice WithAllHabits(this NewDevice form) =>
        form with { Habits = [.. HabitWords.All.Select(one => form.Habits.Contains(one.Word) ? one.Word : $"-{one.Word}")] };

    public static NewDevice Of(Device device) => new(device.Name)
    {
        Range = device.Range is not { } range ? "" : range.PrefixLength is 32 or 128 ? $"{range.BaseAddress}" : $"{range}",
        UserName = device.UserName,
        Contact = device.Contact?.ToString(),
        AccountId = device.AccountId,
        Habits = DeviceControl.View(device).Habits,
    };
}

/// <param name="Shell">What stands around.</param>
/// <param name="Device">As it is kept; null for a new one.</param>
/// <param name="Form">What the fields hold.</param>
public sealed record DeviceModel(PageShell Shell, Device? Device, NewDevice Form)
{
    /// <summary>Accounts its mail can go out by.</summary>
    public required IReadOnlyList<Account> Accounts { get; init; }

    public DeviceDeskOutcome.Refused? Fault { get; init; }

    /// <summary>What was just made or changed; holds the new password where there is one.</summary>
    public DeviceMade? Made { get; init; }

    public DateTimeOffset? LastSeen { get; init; }

    public required DateTimeOffset Now { get; init; }

    public string? FaultOf(string field) => Fault?.Field == field ? Fault.Sentence : null;
}

/// <summary>One device: its name, how it is recognised, what it may do; and a new one.</summary>
internal static class DevicePage
{
    public static void MapDevicePage(this WebApplication app)
    {
        app.MapGet(DevicesPage.Address + "/new", IResult (HttpContext context) =>
            DeviceEditView.Create(ModelOf(context, null, new NewDevice("") { Habits = [HabitWords.All.First(one => one.Habit == Habits.HeloOnly).Word] })));
        app.MapPost(DevicesPage.Address + "/new", async Task<IResult> (HttpContext context) => await PressAsync(context, null));
        app.MapGet(DevicesPage.Address + "/{id:long}", IResult (HttpContext context, long id) => context.Part<DeviceRegister>().Find(id) is { } device
            ? DeviceEditView.Create(ModelOf(context, device, DeviceForm.Of(device)))
            : Redirects.See(DevicesPage.Address));
        app.MapPost(DevicesPage.Address + "/{id:long}", async Task<IResult> (HttpContext context, long id) =>
            context.Part<DeviceRegister>().Find(id) is { } device ? await PressAsync(context, device) : Redirects.See(DevicesPage.Address));
    }

    /// <summary>The page of a device that got a password, which it shows this once.</summary>
    public static IResult ShowMade(HttpContext context, DeviceDeskOutcome.Made made) =>
        DeviceEditView.Create(ModelOf(context, made.Kept, DeviceForm.Of(made.Kept)) with { Made = made.Device });

    private static async Task<IResult> PressAsync(HttpContext context, Device? device)
    {
        var posted = await context.Request.ReadFormAsync();
        var (desk, who, form) = (context.Part<DeviceDesk>(), WebPerson.Of(context), DeviceForm.Read(posted));
        if (posted["do"] == "remove" && device is not null)
        {
            await desk.RemoveAsync(device, who);
            return Redirects.See(DevicesPage.Address);
        }
        var outcome = (posted["do"].ToString(), device) switch
        {
            ("password", not null) => await desk.NewPasswordAsync(device, who),
            (_, not null) => await desk.ChangeAsync(device, form, who),
            // Without a password it can neither sign in nor, most of them, encrypt: the two habits belong to the choice.
            _ when posted["by"] == "address" => await desk.AllowAsync((form with { Habits = [.. form.Habits, "no-tls", "no-auth"] }).WithAllHabits(), who),
            _ => await desk.AddAsync(form.WithAllHabits(), who),
        };
        switch (outcome)
        {
            case DeviceDeskOutcome.Made made when made.Device.Password is not null: return ShowMade(context, made);
            case DeviceDeskOutcome.Made: return Redirects.See(DevicesPage.Address);
            case DeviceDeskOutcome.Refused refused:
                var page = DeviceEditView.Create(ModelOf(context, device, form) with { Fault = refused });
                page.StatusCode = StatusCodes.Status422UnprocessableEntity;
                return page;
            default: throw new InvalidOperationException($"{outcome} is no outcome.");
        }
    }

    private static DeviceModel ModelOf(HttpContext context, Device? device, NewDevice form) =>
        new(context.Part<PageShells>().For(context, Menu.Devices, device?.Name ?? "Add a device"), device, form)
        {
            Accounts = context.Part<AccountRegister>().All,
            LastSeen = device is null ? null : context.Part<DeviceRegister>().LastSeen(device.Id),
            Now = context.Part<TimeProvider>().GetUtcNow(),
        };
}
