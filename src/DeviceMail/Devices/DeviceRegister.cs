using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.Devices;

/// <summary>A device that was refused because nobody allowed it yet.</summary>
public sealed record WaitingDevice(string Address, string? Mac, string? Greeting, string? FirstSender)
{
    public required DateTimeOffset FirstSeen { get; init; }

    public required DateTimeOffset LastSeen { get; init; }

    public required long Attempts { get; init; }
}

public abstract record DeviceSave
{
    public sealed record Saved(Device Device) : DeviceSave;

    public sealed record Refused(string Sentence) : DeviceSave;
}

/// <summary>Who may hand in mail, in memory and on disk; and who asked in vain.</summary>
public sealed class DeviceRegister
{
    private const int MostWaiting = 1_000;

    private readonly Database _database;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, DateTimeOffset> _noted = new();
    private readonly Lock _changing = new();
    private readonly ConcurrentDictionary<long, DateTimeOffset> _seen;
    private volatile ImmutableSortedDictionary<long, KnownDevice> _devices;

    public DeviceRegister(Database database, TimeProvider time)
    {
        (_database, _time) = (database, time);
        _devices = database.Read(session => session.Query("SELECT id, name, settings FROM device", row => KnownDevice.Read(row.Long(0), row.Text(1), row.Text(2))))
            .ToImmutableSortedDictionary(known => known.Device.Id, known => known);
        _seen = new(database.Read(session => session.Query("SELECT id, last_seen FROM device WHERE last_seen IS NOT NULL", row => KeyValuePair.Create(row.Long(0), row.Time(1)))));
    }

    public event Action? Changed;

    public IReadOnlyList<Device> All => [.. _devices.Values.Select(known => known.Device)];

    public IReadOnlyList<WaitingDevice> Waiting => _database.Read(session => session.Query(
        "SELECT address, mac, greeting, first_sender, first_seen, last_seen, attempts FROM waiting_device ORDER BY last_seen DESC LIMIT 200",
        row => new WaitingDevice(row.Text(0), row.TextOrNull(1), row.TextOrNull(2), row.TextOrNull(3)) { FirstSeen = row.Time(4), LastSeen = row.Time(5), Attempts = row.Long(6) }));

    public Device? Find(string name) => _devices.Values.FirstOrDefault(known => known.Device.Name.Equals(name, StringComparison.OrdinalIgnoreCase))?.Device;

    /// <summary>The device whose range holds the address; the narrowest range wins.</summary>
    public Device? ByAddress(IPAddress client)
    {
        client = Plain(client);
        Device? best = null;
        foreach (var known in _devices.Values)
            if (known.Device.Range is { } range && range.BaseAddress.AddressFamily == client.AddressFamily && range.Contains(client)
                && (best?.Range is not { } other || range.PrefixLength > other.PrefixLength)) best = known.Device;
        return best;
    }

    /// <summary>The device with this user name and password, or null. How long it takes tells who exists: who asks for a stranger answers at a fixed moment.</summary>
    public async ValueTask<Device?> SignInAsync(string userName, Secret password)
    {
        var known = WithUserName(userName);
        var matches = await DeviceCredential.MatchesAsync(known?.Credential ?? DeviceCredential.Nobody, password);
        return matches ? known?.Device : null;
    }

    /// <summary>The readable password of a device that can do nothing but CRAM-MD5 (RFC 2195), or null.</summary>
    public (Device Device, Secret Password)? ForCramMd5(string userName) =>
        WithUserName(userName) is { Credential: { } credential } known && DeviceCredential.Readable(credential) is { } password ? (known.Device, password) : null;

    public bool UsesCramMd5 => _devices.Values.Any(known => known.Device.Habits.HasFlag(Habits.CramMd5));

    public Device? Find(long id) => _devices.GetValueOrDefault(id)?.Device;

    /// <summary>When the device last handed in mail, to the minute; null: never.</summary>
    public DateTimeOffset? LastSeen(long id) => _seen.TryGetValue(id, out var at) ? at : null;

    /// <summary>The device handed in mail; written once a minute at most.</summary>
    public async Task NoteSeenAsync(long id)
    {
        var now = _time.GetUtcNow();
        if (!_devices.ContainsKey(id) || LastSeen(id) is { } last && now - last < TimeSpan.FromMinutes(1)) return;
        _seen[id] = now;
        await _database.WriteAsync(session => session.Execute("UPDATE device SET last_seen = @2 WHERE id = @1", id, now.ToUnixTimeMilliseconds()));
    }

    /// <summary>Takes a device that asks to be let in off the list; it comes back when it asks again.</summary>
    public async Task ForgetWaitingAsync(string address)
    {
        await _database.WriteAsync(session => session.Execute("DELETE FROM waiting_device WHERE address = @1", address));
        _noted.TryRemove(address, out _);
        Changed?.Invoke();
    }

    /// <summary>Remembers who was refused, once a minute at most.</summary>
    public async Task NoteUnknownAsync(IPAddress client, string greeting, MailAddress? sender)
    {
        var (address, now) = (Plain(client).ToString(), _time.GetUtcNow());
        if (_noted.TryGetValue(address, out var last) && now - last < TimeSpan.FromMinutes(1)) return;
        if (_noted.Count >= MostWaiting) _noted.Clear();
        _noted[address] = now;
        await _database.WriteAsync(session =>
        {
            session.Execute("""
                INSERT INTO waiting_device (address, mac, greeting, first_sender, first_seen, last_seen, attempts) VALUES (@1, @2, @3, @4, @5, @5, 1)
                ON CONFLICT (address) DO UPDATE SET last_seen = @5, attempts = attempts + 1
                """, address, Neighbours.MacOf(address), greeting, sender?.ToString(), now.ToUnixTimeMilliseconds());
            session.Execute("DELETE FROM waiting_device WHERE address NOT IN (SELECT address FROM waiting_device ORDER BY last_seen DESC LIMIT @1)", MostWaiting);
        });
        Changed?.Invoke();
    }

    /// <param name="device">A new device (id 0) or a changed one.</param>
    /// <param name="credential">From <see cref="DeviceCredential"/>; null keeps the former one.</param>
    public async Task<DeviceSave> SaveAsync(Device device, string? credential = null)
    {
        if (device.Name.Length is 0 or > 100 || device.Name.Any(char.IsControl)) return new DeviceSave.Refused("A device needs a name of 1 to 100 characters.");
        if (Find(device.Name) is { } other && other.Id != device.Id) return new DeviceSave.Refused($"There is a device “{device.Name}” already.");
        if (device.UserName is { } user && WithUserName(user) is { } taken && taken.Device.Id != device.Id)
            return new DeviceSave.Refused($"The user name “{user}” belongs to the device “{taken.Device.Name}”.");
        credential ??= _devices.GetValueOrDefault(device.Id)?.Credential;
        if (!device.Habits.HasFlag(Habits.CramMd5)) credential = DeviceCredential.Hidden(credential);
        else if (credential is null || DeviceCredential.Readable(credential) is null)
            return new DeviceSave.Refused("CRAM-MD5 needs a password that is stored readable, and this device has none. Remove it and add it again with the habit cram-md5.");
        var saved = await _database.WriteAsync(session =>
        {
            // This can run twice, when another write of its batch failed: nothing outside of it changes here.
            if (device.Id == 0) session.Execute("INSERT INTO device (name, settings) VALUES (@1, '{}')", device.Name);
            var known = new KnownDevice(device.Id == 0 ? device with { Id = session.LastId } : device, credential);
            session.Execute("UPDATE device SET name = @2, settings = @3 WHERE id = @1", known.Device.Id, device.Name, known.Json);
            if (device.Range is { } range && range.PrefixLength == (range.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128))
                session.Execute("DELETE FROM waiting_device WHERE address = @1", range.BaseAddress.ToString());
            return known;
        });
        lock (_changing) _devices = _devices.SetItem(saved.Device.Id, saved);
        Changed?.Invoke();
        return new DeviceSave.Saved(saved.Device);
    }

    public async Task RemoveAsync(long id)
    {
        await _database.WriteAsync(session => session.Execute("DELETE FROM device WHERE id = @1", id));
        lock (_changing) _devices = _devices.Remove(id);
        Changed?.Invoke();
    }

    private KnownDevice? WithUserName(string userName) =>
        _devices.Values.FirstOrDefault(known => userName.Equals(known.Device.UserName, StringComparison.OrdinalIgnoreCase));

    private static IPAddress Plain(IPAddress client) => client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;

    private sealed record KnownDevice(Device Device, string? Credential)
    {
        public string Json => JsonSerializer.Serialize(new DeviceSettings
        {
            Range = Device.Range?.ToString(),
            UserName = Device.UserName,
            Credential = Credential,
            Habits = Device.Habits,
            AccountId = Device.AccountId,
            Contact = Device.Contact?.ToString(),
        }, DevicesJson.Default.DeviceSettings);

        public static KnownDevice Read(long id, string name, string json)
        {
            var settings = JsonSerializer.Deserialize(json, DevicesJson.Default.DeviceSettings)!;
            return new KnownDevice(new Device
            {
                Id = id,
                Name = name,
                Range = settings.Range is { } range ? IPNetwork.Parse(range) : null,
                UserName = settings.UserName,
                Habits = settings.Habits,
                AccountId = settings.AccountId,
                Contact = settings.Contact is { } contact ? MailAddress.Parse(contact) : null,
            }, settings.Credential);
        }
    }
}
