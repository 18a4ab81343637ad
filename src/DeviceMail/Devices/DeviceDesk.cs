using System.Net;
using System.Net.Sockets;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.Devices;

/// <summary>What became of a wish about a device.</summary>
public abstract record DeviceDeskOutcome
{
    /// <summary>Done. Where the device got a new password, it is in here, and nowhere else.</summary>
    public sealed record Made(Device Kept, DeviceMade Device) : DeviceDeskOutcome;

    /// <param name="Field">name, range, user, password, contact or habit: what to change.</param>
    /// <param name="Sentence">What is wrong with it.</param>
    public sealed record Refused(string Field, string Sentence) : DeviceDeskOutcome;
}

/// <summary>What administrators do with devices, in Web Config and at the command line alike; each of it is in Activity.</summary>
public sealed partial class DeviceDesk(DeviceRegister devices, ActivityLog activity)
{
    public static string UnknownHabit => $"A habit is one of {string.Join(", ", HabitWords.All.Select(one => one.Word))}, with + to allow and - to forbid.";

    /// <summary>Lets a device in by its address.</summary>
    public async Task<DeviceDeskOutcome> AllowAsync(NewDevice asked, string who)
    {
        if (RangeOf(asked.Range) is not { } range) return UnknownRange(asked.Range);
        if (Neighbours.WhyNotByAddress($"{range.BaseAddress}") is { } why) return new DeviceDeskOutcome.Refused("range", $"{why} `devicemail devices add` does it, and so does Add a device.");
        var habits = asked.Habits.Count == 0 ? HabitWords.Printer : HabitsOf(asked.Habits, HabitWords.Printer);
        if (habits is null) return new DeviceDeskOutcome.Refused("habit", UnknownHabit);
        return await SaveAsync(new Device { Id = 0, Name = asked.Name ?? $"{range}", Range = range, Habits = habits.Value }, asked, new Keeping(null, null, who));
    }

    /// <summary>Makes a device that signs in.</summary>
    public async Task<DeviceDeskOutcome> AddAsync(NewDevice asked, string who)
    {
        if (asked.Name is not { Length: > 0 } name) return new DeviceDeskOutcome.Refused("name", "A device with credentials needs a name.");
        if (HabitsOf(asked.Habits, Habits.HeloOnly) is not { } habits) return new DeviceDeskOutcome.Refused("habit", UnknownHabit);
        if (asked.Password is { Length: < 8 }) return new DeviceDeskOutcome.Refused("password", "A password of a device needs 8 characters or more; without one, a strong one is made.");
        var range = asked.Range is { Length: > 0 } ? RangeOf(asked.Range) : null;
        if (asked.Range is { Length: > 0 } && range is null) return UnknownRange(asked.Range);
        var device = new Device { Id = 0, Name = name, UserName = asked.UserName is { Length: > 0 } user ? user : UserNameFor(name), Habits = habits, Range = range };
        return await SaveAsync(device, asked, PasswordFor(asked.Password, habits, who));
    }

    /// <summary>Changes a device to all that <paramref name="asked"/> says; its habits are exactly those. A user name that is new comes with a new password.</summary>
    public async Task<DeviceDeskOutcome> ChangeAsync(Device device, NewDevice asked, string who)
    {
        if (HabitsOf(asked.Habits, Habits.None) is not { } habits) return new DeviceDeskOutcome.Refused("habit", UnknownHabit);
        var range = asked.Range is { Length: > 0 } ? RangeOf(asked.Range) : null;
        if (asked.Range is { Length: > 0 } && range is null) return UnknownRange(asked.Range);
        if (range is { } wanted && wanted != device.Range && Neighbours.WhyNotByAddress($"{wanted.BaseAddress}") is { } why) return new DeviceDeskOutcome.Refused("range", why);
        var user = asked.UserName is { Length: > 0 } name ? name : null;
        if (range is null && user is null) return new DeviceDeskOutcome.Refused("range", "A device is recognised by its address, by a user name and password, or by both: fill in one of them.");
        var changed = device with { Name = asked.Name ?? device.Name, Range = range, UserName = user, Habits = habits };
        return await SaveAsync(changed, asked, user is not null && device.UserName is null ? PasswordFor(null, habits, who) : new Keeping(null, null, who));
    }

    /// <summary>A device that signs in gets another password; the former one ends at once.</summary>
    public Task<DeviceDeskOutcome> NewPasswordAsync(Device device, string who) =>
        SaveAsync(device, new NewDevice(device.Name) { Contact = device.Contact?.ToString(), AccountId = device.AccountId }, PasswordFor(null, device.Habits, who));

    public async Task RemoveAsync(Device device, string who)
    {
        await devices.RemoveAsync(device.Id);
        await activity.RecordAsync(Subject.Device, device.Name, $"The device “{device.Name}” was removed by {who}; it may no longer hand in mail.");
    }

    /// <summary>A device that asks is not let in; it may ask again.</summary>
    public async Task RefuseAsync(string address, string who)
    {
        await devices.ForgetWaitingAsync(address);
        await activity.RecordAsync(Subject.Device, address, $"{address} was not let in by {who}.");
    }

    /// <summary>Habits by their words: + or nothing allows, - forbids. Null when a word is none.</summary>
    public static Habits? HabitsOf(IReadOnlyList<string> changes, Habits from)
    {
        foreach (var change in changes)
        {
            if (HabitWords.Find(change.TrimStart('+', '-')) is not { } habit) return null;
            from = change.StartsWith('-') ? from & ~habit : from | habit;
        }
        return from;
    }

    private async Task<DeviceDeskOutcome> SaveAsync(Device device, NewDevice asked, Keeping keeping)
    {
        MailAddress? contact = null;
        if (asked.Contact is { Length: > 0 } text && !MailAddress.TryParse(text, out contact))
            return new DeviceDeskOutcome.Refused("contact", $"“{text}” is not a mail address. It needs the form name@domain.");
        if (device.Range is null && (device.Habits & (Habits.NoTls | Habits.OldTls)) != Habits.None)
            return new DeviceDeskOutcome.Refused("range", "Signing in without encryption or with old TLS is allowed by address alone: name the device's address or range (--range).");
        var isNew = device.Id == 0;
        switch (await devices.SaveAsync(device with { AccountId = asked.AccountId, Contact = contact }, keeping.Credential))
        {
            case DeviceSave.Saved { Device: var saved }:
                await activity.RecordAsync(Subject.Device, saved.Name, isNew
                    ? $"The device “{saved.Name}” was let in{(saved.Range is { } range ? $" ({(range.PrefixLength is 32 or 128 ? $"{range.BaseAddress}" : $"{range}")})" : "")} by {keeping.Who}."
                    : $"The device “{saved.Name}” was changed by {keeping.Who}{(keeping.Credential is null ? "" : "; it has a new password")}.");
                return new DeviceDeskOutcome.Made(saved, new DeviceMade(saved.Name, saved.UserName, keeping.Password?.Reveal(), Sentence(saved)));
            case DeviceSave.Refused refused:
                return new DeviceDeskOutcome.Refused("name", refused.Sentence);
            default:
                throw new InvalidOperationException("A save is saved or refused.");
        }
    }

    private static Keeping PasswordFor(string? typed, Habits habits, string who)
    {
        var password = typed is null ? DeviceCredential.Generate() : new Secret(typed);
        var credential = habits.HasFlag(Habits.CramMd5) ? DeviceCredential.ForCramMd5(password)
            : typed is null ? DeviceCredential.ForGenerated(password) : DeviceCredential.ForTyped(password);
        return new Keeping(credential, typed is null ? password : null, who);
    }

    private static string UserNameFor(string name) => new([.. name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]);

    private static string Sentence(Device device) => device.Habits.HasFlag(Habits.CramMd5)
        ? $"The device “{device.Name}” may send. Its password is stored readable, because CRAM-MD5 needs that: use it nowhere else."
        : $"The device “{device.Name}” may send.";

    private static DeviceDeskOutcome.Refused UnknownRange(string? text) => new("range", $"“{text}” is no address or range: write 192.0.2.7 or 192.0.2.0/24, without zeros in front, and not the whole Internet.");

    [System.Text.RegularExpressions.GeneratedRegex(@"^(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2})(?:/\d{1,2})?$")]
    private static partial System.Text.RegularExpressions.Regex PlainIpV4();

    /// <summary>Padded with zeros as device panels show it, 010 would be read as 8: it is refused, and so is the whole Internet.</summary>
    private static IPNetwork? RangeOf(string? text)
    {
        if (text is null || !text.Contains(':', StringComparison.Ordinal) && !PlainIpV4().IsMatch(text) || text.EndsWith("/0", StringComparison.Ordinal)) return null;
        if (IPNetwork.TryParse(text, out var network)) return network;
        return IPAddress.TryParse(text, out var address) ? new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128) : null;
    }

    /// <param name="Credential">What is kept; null keeps the former one.</param>
    /// <param name="Password">Shown once; null: the person knows it, or there is none.</param>
    /// <param name="Who">The person.</param>
    private sealed record Keeping(string? Credential, Secret? Password, string Who);
}
