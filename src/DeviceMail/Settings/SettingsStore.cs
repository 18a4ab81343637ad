using System.Collections.Immutable;
using DeviceMail.Storage;

namespace DeviceMail.Settings;

/// <summary>All settings as they were at one moment. The version grows with each change; a save that carries an older one is a conflict.</summary>
public sealed record SettingsSnapshot(long Version, ImmutableDictionary<string, string> Changed)
{
    public T Get<T>(Setting<T> setting) => setting.ValueOf(Text(setting));

    public string Text(Setting setting) => Changed.GetValueOrDefault(setting.Name, setting.Default);

    /// <summary>The name used in greetings, Received fields and notices.</summary>
    public string GatewayName => Get(SettingsCatalogue.GatewayName) is { Length: > 0 } name ? name : Environment.MachineName.ToLowerInvariant();
}

public abstract record SettingsSave
{
    public sealed record Saved(SettingsSnapshot Snapshot) : SettingsSave;

    /// <summary>The sentence names the setting and what it must be.</summary>
    public sealed record Refused(string Sentence) : SettingsSave;
}

public sealed class SettingsStore
{
    private readonly Database _database;
    private volatile SettingsSnapshot _current;

    public SettingsStore(Database database)
    {
        _database = database;
        var rows = database.Read(session => session.Query("SELECT name, value FROM setting", row => KeyValuePair.Create(row.Text(0), row.Text(1))));
        _current = new SettingsSnapshot(1, rows.ToImmutableDictionary());
    }

    public SettingsSnapshot Current => _current;

    /// <summary>Raised after a save, with the new snapshot in place.</summary>
    public event Action? Saved;

    /// <summary>Changes several settings at once, or none when one of them is wrong.</summary>
    public async Task<SettingsSave> SaveAsync(IReadOnlyDictionary<string, string> changes)
    {
        foreach (var (name, text) in changes)
        {
            var setting = SettingsCatalogue.All.FirstOrDefault(known => known.Name == name);
            if (setting is null) return new SettingsSave.Refused($"There is no setting “{name}”. `devicemail settings get` lists them all.");
            if (setting.Check(text) is { } sentence) return new SettingsSave.Refused(sentence);
        }
        var next = await _database.WriteAsync(session =>
        {
            foreach (var (name, text) in changes)
                session.Execute("INSERT INTO setting (name, value) VALUES (@1, @2) ON CONFLICT (name) DO UPDATE SET value = @2", name, text);
            return _current = new SettingsSnapshot(_current.Version + 1, _current.Changed.SetItems(changes));
        });
        Saved?.Invoke();
        return new SettingsSave.Saved(next);
    }
}
