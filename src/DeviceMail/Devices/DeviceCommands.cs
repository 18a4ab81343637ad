using System.CommandLine;
using DeviceMail.Control;

namespace DeviceMail.Devices;

/// <summary><c>devicemail devices</c>: who may hand in mail.</summary>
public static class DeviceCommands
{
    public static Command Create(CommandFrame frame)
    {
        var command = new Command("devices", "Devices that may hand in mail, and those that wait to be allowed");
        frame.Run(command, async run => run.Print(await run.Client.GetAsync("/control/devices", DevicesJson.Default.DeviceList, run.Cancel), DevicesJson.Default.DeviceList, Write));
        command.Add(Allow(frame));
        command.Add(Add(frame));
        command.Add(Habits(frame));
        command.Add(Remove(frame));
        return command;
    }

    private static Command Allow(CommandFrame frame)
    {
        var range = new Argument<string>("range") { Description = "An address, or a range such as 192.0.2.0/24" };
        var shared = new Shared();
        var command = new Command("allow", "Allow devices by their address, without signing in") { range };
        shared.AddTo(command);
        frame.Run(command, run => SendAsync(run, "/control/devices/allow", shared.Read(run) with { Range = run.Get(range) }));
        return command;
    }

    private static Command Add(CommandFrame frame)
    {
        var name = new Argument<string>("name") { Description = "What people call it" };
        var user = new Option<string>("--user") { Description = "The user name it signs in with [made from the name]" };
        var password = new Option<string>("--password-file") { Description = "A file with its password, or - for standard input [a strong one is made]" };
        var range = new Option<string>("--range") { Description = "Where it signs in from; must be known to sign in without encryption or with old TLS" };
        var shared = new Shared(null);
        var command = new Command("add", "Make a device that signs in; its password is shown once") { name, user, password, range };
        shared.AddTo(command);
        frame.Run(command, async run => await SendAsync(run, "/control/devices/add", shared.Read(run) with
        {
            Name = run.Get(name),
            UserName = run.Get(user),
            Range = run.Get(range),
            Password = run.Get(password) is { } file ? await TypedSecret.ReadAsync(file, run.Cancel) : null,
        }));
        return command;
    }

    private static Command Habits(CommandFrame frame)
    {
        var name = new Argument<string>("name") { Description = "The device, as `devices` lists it" };
        var change = new Option<string[]>("--set") { Description = "Old habits, + allows and - forbids: +lf -no-tls", AllowMultipleArgumentsPerToken = true };
        var command = new Command("habits", $"Allow or forbid what old devices do: {string.Join(", ", HabitWords.All.Select(one => one.Word))}") { name, change };
        frame.Run(command, async run => run.Print(await run.Client.PostAsync("/control/devices/habits",
            new HabitChange(run.Get(name), run.Get(change) ?? []), DevicesJson.Default.HabitChange, ControlJson.Default.Done)));
        return command;
    }

    private static Command Remove(CommandFrame frame)
    {
        var name = new Argument<string>("name") { Description = "The device, as `devices` lists it" };
        var command = new Command("remove", "Forbid a device to send") { name };
        frame.Run(command, async run => run.Print(await run.Client.PostAsync($"/control/devices/remove?name={Uri.EscapeDataString(run.Get(name))}")));
        return command;
    }

    private static async Task SendAsync(CommandRun run, string path, NewDevice device)
    {
        var made = await run.Client.PostAsync(path, device, DevicesJson.Default.NewDevice, DevicesJson.Default.DeviceMade);
        run.Print(made, DevicesJson.Default.DeviceMade, (one, to) =>
        {
            to.WriteLine(one.Sentence);
            if (one.UserName is not null) to.WriteLine($"  User name: {one.UserName}");
            if (one.Password is not null) to.WriteLine($"  Password:  {one.Password}   (shown this once)");
        });
    }

    private static void Write(DeviceList list, TextWriter to)
    {
        if (list.Devices.Count == 0) to.WriteLine("No device may send yet. `devicemail devices allow ADDRESS` or `devicemail devices add NAME` lets one in.");
        foreach (var device in list.Devices)
            to.WriteLine($"{device.Name,-24} {device.Range ?? $"signs in as {device.UserName}",-28} {string.Join(' ', device.Habits)}");
        if (list.Waiting.Count > 0) to.WriteLine("\nWaiting to be allowed:");
        foreach (var device in list.Waiting)
            to.WriteLine($"  {device.Address,-22} {device.Greeting,-20} first wanted to send as {device.FirstSender ?? "nobody"}, {device.Attempts} times, last {device.LastSeen:yyyy-MM-dd HH:mm} UTC");
    }

    /// <summary>Options that both ways of making a device have.</summary>
    private sealed class Shared
    {
        private readonly Option<string>? _name;
        private readonly Option<string> _contact = new("--contact") { Description = "Who is told when its mail cannot be delivered" };
        private readonly Option<long?> _account = new("--account") { Description = "Id of the account its mail goes out by" };
        private readonly Option<string[]> _habits = new("--habit") { Description = "Old habits, as with `habits --set`", AllowMultipleArgumentsPerToken = true };

        public Shared(Option<string>? withName) => _name = withName;

        public Shared() => _name = new Option<string>("--name") { Description = "What people call it" };

        public void AddTo(Command command)
        {
            if (_name is not null) command.Add(_name);
            command.Add(_contact);
            command.Add(_account);
            command.Add(_habits);
        }

        public NewDevice Read(CommandRun run) => new(_name is null ? null : run.Get(_name))
        {
            Contact = run.Get(_contact),
            AccountId = run.Get(_account),
            Habits = run.Get(_habits) ?? [],
        };
    }
}
