using DeviceMail.Web;

namespace DeviceMail.Devices;

/// <summary>How many mails each device has handed in since a moment; who keeps the mail answers.</summary>
public delegate IReadOnlyDictionary<long, long> CountMailsOfDevices(DateTimeOffset since);

/// <param name="Device">Who may hand in mail.</param>
/// <param name="LastSeen">When it last did; null: never.</param>
/// <param name="Today">Mails since midnight.</param>
public sealed record DeviceLine(Device Device, DateTimeOffset? LastSeen, long Today);

/// <param name="Asking">Who asked in vain.</param>
/// <param name="WhyNotByAddress">Why its address must not be its credential, or null.</param>
public sealed record WaitingLine(WaitingDevice Asking, string? WhyNotByAddress);

/// <param name="Shell">What stands around.</param>
/// <param name="Known">Who may hand in mail.</param>
/// <param name="Waiting">Who asked in vain.</param>
/// <param name="Now">The gateway's time.</param>
public sealed record DevicesModel(PageShell Shell, IReadOnlyList<DeviceLine> Known, IReadOnlyList<WaitingLine> Waiting, DateTimeOffset Now)
{
    /// <summary>How many are let in, whether shown or not.</summary>
    public required int KnownCount { get; init; }

    /// <summary>What is looked for; empty: nothing.</summary>
    public string Search { get; init; } = "";

    /// <summary>Why the last press did nothing, or null.</summary>
    public string? Fault { get; init; }
}

/// <summary>Device Management > Devices.</summary>
internal static class DevicesPage
{
    public const string Address = "/devices";

    public static void MapDevicesPage(this WebApplication app)
    {
        app.MapGet(Address, IResult (HttpContext context) => Show(context, null));
        app.MapPost(Address, async Task<IResult> (HttpContext context) => await PressAsync(context));
    }

    private static async Task<IResult> PressAsync(HttpContext context)
    {
        var posted = await context.Request.ReadFormAsync();
        var (desk, who, address) = (context.Part<DeviceDesk>(), WebPerson.Of(context), posted["address"].ToString());
        if (posted["do"] == "refuse")
        {
            await desk.RefuseAsync(address, who);
            return Redirects.See(Address);
        }
        var asked = DeviceForm.Read(posted).WithAllHabits();
        var outcome = posted["by"] == "password"
            ? await desk.AddAsync(asked with { Range = Neighbours.IsGateway(address) ? null : address }, who)
            : await desk.AllowAsync(asked with { Range = address }, who);
        switch (outcome)
        {
            case DeviceDeskOutcome.Made { Device.Password: not null } made:
                await context.Part<DeviceRegister>().ForgetWaitingAsync(address);
                return DevicePage.ShowMade(context, made);
            case DeviceDeskOutcome.Made: return Redirects.See(Address);
            case DeviceDeskOutcome.Refused refused:
                var page = Show(context, refused.Sentence);
                page.StatusCode = StatusCodes.Status422UnprocessableEntity;
                return page;
            default: throw new InvalidOperationException($"{outcome} is no outcome.");
        }
    }

    private static RazorSlices.RazorSlice<DevicesModel> Show(HttpContext context, string? fault)
    {
        var devices = context.Part<DeviceRegister>();
        var time = context.Part<TimeProvider>();
        var today = context.Part<CountMailsOfDevices>()(new DateTimeOffset(time.GetLocalNow().Date, time.GetLocalNow().Offset));
        var search = context.Request.Query["q"].ToString().Trim();
        var known = devices.All.Where(device => Fits(device, search)).OrderBy(device => device.Name, StringComparer.CurrentCultureIgnoreCase)
            .Select(device => new DeviceLine(device, devices.LastSeen(device.Id), today.GetValueOrDefault(device.Id)));
        return DevicesView.Create(new DevicesModel(context.Part<PageShells>().For(context, Menu.Devices, "Devices"), [.. known],
            [.. devices.Waiting.Select(one => new WaitingLine(one, Neighbours.WhyNotByAddress(one.Address)))], time.GetUtcNow())
        {
            KnownCount = devices.All.Count,
            Search = search,
            Fault = fault,
        });
    }

    private static bool Fits(Device device, string search) => search.Length == 0 || device.Name.Contains(search, StringComparison.OrdinalIgnoreCase)
        || device.UserName?.Contains(search, StringComparison.OrdinalIgnoreCase) == true || device.Range?.ToString().Contains(search, StringComparison.Ordinal) == true;
}
