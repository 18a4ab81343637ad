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

    /// <param name="Sentence">Names the setting and what it must be.</param>
    public sealed record Refused(string Sentence) : SettingsSave
    {
        /// <summary>The setting, where there is one of that name.</summary>
        public string? Name { get; init; }
    }

    /// <summary>Somebody else changed one of them since it was read; nothing was saved.</summary>
    /// <param name="Now">The settings as they are.</param>
    public sealed record Conflict(SettingsSnapshot Now) : SettingsSave;
}

public sealed class SettingsStore
{
    private readonly Database _database;
    private readonly Lock _changing = new();
    private volatile SettingsSnapshot _current;
    private int _version = 1;

    public SettingsStore(Database database)
    {
        _database = database;
        _current = database.Read(session => Read(session, _version));
    }

    public SettingsSnapshot Current => _current;

    /// <summary>Raised after a save, with the new snapshot in place.</summary>
    public event Action? Saved;

    /// <summary>Changes several settings at once, or none when one of them is wrong, or no longer what the person saw.</summary>
    /// <param name="changes">The new values by name.</param>
    /// <param name="seen">What the person saw of them; null asks for no comparison.</param>
    public async Task<SettingsSave> SaveAsync(IReadOnlyDictionary<string, string> changes, IReadOnlyDictionary<string, string>? seen = null)
    {
        foreach (var (name, text) in changes)
        {
            var setting = SettingsCatalogue.All.FirstOrDefault(known => known.Name == name);
            if (setting is null) return new SettingsSave.Refused($"There is no setting “{name}”. `devicemail settings get` lists them all.");
            if (setting.Check(text) is { } sentence) return new SettingsSave.Refused(sentence) { Name = name };
        }
        var next = await _database.WriteAsync(session =>
        {
            // As they are on the disk: another save of the same batch is not shown yet.
            var now = Read(session, 0);
            if (seen is not null && SettingsCatalogue.All.Any(one => changes.ContainsKey(one.Name) && seen.TryGetValue(one.Name, out var was) && now.Text(one) != was)) return null;
            foreach (var (name, text) in changes)
                session.Execute("INSERT INTO setting (name, value) VALUES (@1, @2) ON CONFLICT (name) DO UPDATE SET value = @2", name, text);
            return Read(session, ++_version);
        });
        if (next is null) return new SettingsSave.Conflict(_current);
        lock (_changing)
            if (next.Version > _current.Version) _current = next;
        Saved?.Invoke();
        return new SettingsSave.Saved(next);
    }

    private static SettingsSnapshot Read(DatabaseSession session, int version) =>
        new(version, session.Query("SELECT name, value FROM setting", row => KeyValuePair.Create(row.Text(0), row.Text(1))).ToImmutableDictionary());
}
