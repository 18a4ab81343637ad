using DeviceMail.Activity;
using DeviceMail.Devices;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Devices;

/// <summary>What administrators do with devices.</summary>
public sealed class DeviceDeskTests
{
    private const string Who = "the administrator";

    [Fact]
    public async Task A_device_with_credentials_gets_a_strong_password_once_and_it_works()
    {
        await using var folder = new QueueFolder();
        var (register, desk) = Parts(folder);
        var made = Assert.IsType<DeviceDeskOutcome.Made>(await desk.AddAsync(new NewDevice("Payroll application"), Who));
        Assert.Equal("payroll-application", made.Device.UserName);
        Assert.Equal(26, made.Device.Password!.Length);
        Assert.True(folder.Database.Read(session => session.First("SELECT instr(settings, @1) FROM device", row => row.Long(0), made.Device.Password)) == 0, "the password is stored readable");
        var again = Assert.IsType<DeviceDeskOutcome.Made>(await desk.NewPasswordAsync(register.Find("Payroll application")!, Who));
        Assert.NotEqual(made.Device.Password, again.Device.Password);
        var changed = Assert.IsType<DeviceDeskOutcome.Made>(await desk.ChangeAsync(again.Kept, new NewDevice("Payroll") { UserName = "payroll-application", Range = "192.0.2.90", Habits = ["no-tls"] }, Who));
        Assert.Null(changed.Device.Password);
        Assert.Equal((Habits.NoTls, "192.0.2.90/32"), (register.Find("Payroll")!.Habits, $"{register.Find("Payroll")!.Range}"));
        Assert.DoesNotContain(new ActivityLog(folder.Database, folder.Time).Latest(50), entry => entry.Sentence.Contains(made.Device.Password, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "", "range")]
    [InlineData("not an address", "user", "range")]
    [InlineData("", "user no-tls", "range")]
    [InlineData("192.0.2.99", "contact", "contact")]
    public async Task A_change_that_makes_no_sense_names_its_field_and_changes_nothing(string range, string kind, string field)
    {
        await using var folder = new QueueFolder();
        var (register, desk) = Parts(folder);
        var device = Assert.IsType<DeviceDeskOutcome.Made>(await desk.AllowAsync(new NewDevice("Copier") { Range = "192.0.2.41" }, Who)).Kept;
        var asked = new NewDevice("Copier") { Range = range, UserName = kind.StartsWith("user", StringComparison.Ordinal) ? "copier" : "", Contact = kind == "contact" ? "nobody" : "", Habits = kind.EndsWith("no-tls", StringComparison.Ordinal) ? ["no-tls"] : [] };
        Assert.Equal(field, Assert.IsType<DeviceDeskOutcome.Refused>(await desk.ChangeAsync(device, asked, Who)).Field);
        Assert.Equal(device, register.Find("Copier"));
    }

    [Fact]
    public async Task A_refused_device_leaves_the_list_and_may_ask_again()
    {
        await using var folder = new QueueFolder();
        var (register, desk) = Parts(folder);
        await register.NoteUnknownAsync(System.Net.IPAddress.Parse("192.0.2.57"), "BRN1", null);
        await desk.RefuseAsync("192.0.2.57", Who);
        Assert.Empty(register.Waiting);
        await register.NoteUnknownAsync(System.Net.IPAddress.Parse("192.0.2.57"), "BRN1", null);
        Assert.Single(register.Waiting);
    }

    [Fact]
    public async Task When_a_device_was_last_seen_outlives_a_restart()
    {
        await using var folder = new QueueFolder();
        var (register, desk) = Parts(folder);
        var device = Assert.IsType<DeviceDeskOutcome.Made>(await desk.AllowAsync(new NewDevice("Copier") { Range = "192.0.2.41" }, Who)).Kept;
        Assert.Null(register.LastSeen(device.Id));
        await register.NoteSeenAsync(device.Id);
        var seen = folder.Time.GetUtcNow();
        folder.Time.Advance(TimeSpan.FromHours(3));
        Assert.Equal(seen, new DeviceRegister(folder.Database, folder.Time).LastSeen(device.Id));
    }

    private static (DeviceRegister, DeviceDesk) Parts(QueueFolder folder)
    {
        var register = new DeviceRegister(folder.Database, folder.Time);
        return (register, new DeviceDesk(register, new ActivityLog(folder.Database, folder.Time)));
    }

    [Theory]
    [InlineData("192.168.001.010")]
    [InlineData("010.0.0.1")]
    [InlineData("1")]
    [InlineData("0x7f.1")]
    [InlineData("0.0.0.0/0")]
    [InlineData("::/0")]
    public async Task An_address_that_is_read_as_another_and_the_whole_internet_are_refused(string range)
    {
        await using var gateway = await RelayGateway.StartAsync();
        Assert.IsType<DeviceDeskOutcome.Refused>(await gateway.Part<DeviceDesk>().AllowAsync(new NewDevice("copier") { Range = range }, "somebody"));
    }
}
