using System.Net;
using DeviceMail.Devices;
using DeviceMail.Messages;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Devices;

/// <summary>Who is recognised, by what, and what is kept of it.</summary>
public sealed class DeviceRegisterTests : IAsyncLifetime
{
    private readonly QueueFolder _folder = new();
    private DeviceRegister _devices = null!;

    public ValueTask InitializeAsync()
    {
        _devices = new DeviceRegister(_folder.Database, _folder.Time);
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync() => _folder.DisposeAsync();

    [Theory]
    [InlineData("192.0.2.7", "printer")]
    [InlineData("::ffff:192.0.2.7", "printer")]
    [InlineData("192.0.2.8", "floor")]
    [InlineData("192.0.3.8", "house")]
    [InlineData("198.51.100.1", null)]
    [InlineData("2001:db8::1:7", "six")]
    [InlineData("2001:db9::1", null)]
    public async Task The_narrowest_range_that_holds_an_address_is_its_device(string address, string? device)
    {
        foreach (var (name, range) in ((string, string)[])[("house", "192.0.0.0/16"), ("printer", "192.0.2.7/32"), ("floor", "192.0.2.0/24"), ("six", "2001:db8::/32")])
            await SaveAsync(new Device { Id = 0, Name = name, Range = IPNetwork.Parse(range) });
        Assert.Equal(device, _devices.ByAddress(IPAddress.Parse(address))?.Name);
    }

    [Fact]
    public async Task A_device_is_the_same_after_a_restart()
    {
        var device = await SaveAsync(new Device
        {
            Id = 0,
            Name = "Copier, 2nd floor",
            Range = IPNetwork.Parse("2001:db8::/64"),
            UserName = "copier",
            Habits = Habits.LfLines | Habits.OldTls,
            AccountId = 3,
            Contact = MailAddress.Parse("help@contoso.example"),
        }, DeviceCredential.ForTyped(new Secret("right password")));
        await _folder.ReopenAsync();
        await InitializeAsync();
        Assert.Equal(device, Assert.Single(_devices.All));
        Assert.Equal(device, await _devices.SignInAsync("COPIER", new Secret("right password")));
    }

    [Theory]
    [InlineData("generated")]
    [InlineData("typed")]
    [InlineData("cram")]
    public async Task Only_the_right_password_signs_in(string kind)
    {
        var password = kind == "generated" ? DeviceCredential.Generate() : new Secret("right: pass:word");
        await SaveAsync(new Device { Id = 0, Name = "copier", UserName = "copier", Habits = kind == "cram" ? Habits.CramMd5 : Habits.None }, kind switch
        {
            "generated" => DeviceCredential.ForGenerated(password),
            "typed" => DeviceCredential.ForTyped(password),
            _ => DeviceCredential.ForCramMd5(password),
        });
        // Twice: what matched once is remembered, what did not is not.
        for (var i = 0; i < 2; i++)
        {
            Assert.Null(await _devices.SignInAsync("copier", new Secret("right: pass")));
            Assert.Null(await _devices.SignInAsync("copier", new Secret("")));
            Assert.Null(await _devices.SignInAsync("nobody", password));
            Assert.NotNull(await _devices.SignInAsync("copier", password));
        }
    }

    [Fact]
    public async Task A_new_password_ends_the_old_one_and_removing_ends_both()
    {
        var device = await SaveAsync(new Device { Id = 0, Name = "copier", UserName = "copier" }, DeviceCredential.ForTyped(new Secret("old password")));
        Assert.NotNull(await _devices.SignInAsync("copier", new Secret("old password")));
        await SaveAsync(device, DeviceCredential.ForTyped(new Secret("new password")));
        Assert.Null(await _devices.SignInAsync("copier", new Secret("old password")));
        Assert.NotNull(await _devices.SignInAsync("copier", new Secret("new password")));
        await _devices.RemoveAsync(device.Id);
        Assert.Null(await _devices.SignInAsync("copier", new Secret("new password")));
    }

    [Fact]
    public async Task A_password_is_kept_readable_only_as_long_as_CRAM_MD5_needs_it()
    {
        var device = await SaveAsync(new Device { Id = 0, Name = "copier", UserName = "copier", Habits = Habits.CramMd5 }, DeviceCredential.ForCramMd5(new Secret("plain to see")));
        Assert.Contains("plain to see", Kept(), StringComparison.Ordinal);
        device = await SaveAsync(device with { Habits = Habits.None });
        Assert.DoesNotContain("plain to see", Kept(), StringComparison.Ordinal);
        Assert.NotNull(await _devices.SignInAsync("copier", new Secret("plain to see")));
        Assert.IsType<DeviceSave.Refused>(await _devices.SaveAsync(device with { Habits = Habits.CramMd5 }));
    }

    [Fact]
    public async Task Names_and_user_names_belong_to_one_device()
    {
        await SaveAsync(new Device { Id = 0, Name = "copier", UserName = "copier" }, DeviceCredential.ForGenerated(DeviceCredential.Generate()));
        Assert.IsType<DeviceSave.Refused>(await _devices.SaveAsync(new Device { Id = 0, Name = "COPIER" }));
        Assert.IsType<DeviceSave.Refused>(await _devices.SaveAsync(new Device { Id = 0, Name = "other", UserName = "Copier" }));
        Assert.IsType<DeviceSave.Refused>(await _devices.SaveAsync(new Device { Id = 0, Name = "" }));
        Assert.IsType<DeviceSave.Refused>(await _devices.SaveAsync(new Device { Id = 0, Name = "a\u001bb" }));
        Assert.Single(_devices.All);
    }

    [Fact]
    public async Task Devices_that_are_saved_at_once_are_all_there()
    {
        await Task.WhenAll(Enumerable.Range(1, 50).Select(i => Task.Run(() => SaveAsync(new Device { Id = 0, Name = $"d{i}" }))));
        Assert.Equal(50, _devices.All.Count);
    }

    [Fact]
    public async Task A_stranger_is_noted_once_a_minute_and_forgotten_when_let_in()
    {
        var stranger = IPAddress.Parse("::ffff:192.0.2.7");
        await _devices.NoteUnknownAsync(stranger, "first", MailAddress.Parse("a@contoso.example"));
        await _devices.NoteUnknownAsync(stranger, "again", null);
        var seen = _folder.Time.GetUtcNow();
        _folder.Time.Advance(TimeSpan.FromMinutes(2));
        await _devices.NoteUnknownAsync(stranger, "later", null);
        var waiting = Assert.Single(_devices.Waiting);
        Assert.Equal(("192.0.2.7", "first", "a@contoso.example", 2), (waiting.Address, waiting.Greeting, waiting.FirstSender, waiting.Attempts));
        Assert.Equal((seen, _folder.Time.GetUtcNow()), (waiting.FirstSeen, waiting.LastSeen));
        await SaveAsync(new Device { Id = 0, Name = "printer", Range = IPNetwork.Parse("192.0.2.7/32") });
        Assert.Empty(_devices.Waiting);
    }

    [Fact]
    public void Every_habit_has_its_word_and_no_word_means_two()
    {
        Assert.Equal(Enum.GetValues<Habits>().Where(habit => habit != Habits.None), HabitWords.All.Select(one => one.Habit));
        Assert.All(HabitWords.All, one => Assert.Equal(one.Habit, HabitWords.Find(one.Word.ToUpperInvariant())));
        Assert.Null(HabitWords.Find("tls"));
    }

    private async Task<Device> SaveAsync(Device device, string? credential = null) => Assert.IsType<DeviceSave.Saved>(await _devices.SaveAsync(device, credential)).Device;

    private string Kept() => _folder.Database.Read(session => session.First("SELECT settings FROM device", row => row.Text(0)))!;
}
