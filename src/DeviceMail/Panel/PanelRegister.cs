using System.Collections.Immutable;
using DeviceMail.Storage;

namespace DeviceMail.Panel;

public abstract record PanelSave
{
    public sealed record Saved(PairedPanel Panel) : PanelSave;

    public sealed record Refused(string Sentence) : PanelSave;
}

/// <summary>The panels, in memory and on disk.</summary>
public sealed class PanelRegister
{
    /// <summary>When a panel was seen is written so often at most; it asks every two seconds.</summary>
    private static readonly TimeSpan _seenIsKept = TimeSpan.FromMinutes(10);

    private readonly Database _database;
    private readonly TimeProvider _time;
    private readonly System.Collections.Concurrent.ConcurrentDictionary<long, DateTimeOffset> _seenOnDisk = new();
    private ImmutableSortedDictionary<long, PairedPanel> _panels;

    public PanelRegister(Database database, TimeProvider time)
    {
        (_database, _time) = (database, time);
        _panels = database.Read(session => session.Query("SELECT id, name, key_hash, paired_at, last_seen, client FROM panel", Read)).ToImmutableSortedDictionary(one => one.Id, one => one);
        foreach (var panel in _panels.Values)
            if (panel.LastSeen is { } seen) _seenOnDisk[panel.Id] = seen;
    }

    /// <summary>Raised when a panel is a panel no more.</summary>
    public event Action<PairedPanel>? Unpaired;

    public IReadOnlyList<PairedPanel> All => [.. Volatile.Read(ref _panels).Values.OrderBy(one => one.Name, StringComparer.OrdinalIgnoreCase)];

    public PairedPanel? Find(long id) => Volatile.Read(ref _panels).GetValueOrDefault(id);

    /// <summary>The panel with this key, or null.</summary>
    public PairedPanel? FindByKey(string? key)
    {
        if (key is null) return null;
        var hash = PanelCookie.HashOf(key);
        return Volatile.Read(ref _panels).Values.FirstOrDefault(one => one.KeyHash == hash);
    }

    /// <summary>Null when a panel can have this name, otherwise why not.</summary>
    public string? CheckName(string name)
    {
        if (name.Length is 0 or > 100 || name.Any(char.IsControl)) return "A panel needs a name of 1 to 100 characters, such as the place where it stands.";
        return All.FirstOrDefault(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { } taken
            ? $"There is a panel “{taken.Name}” already. Choose another name, or unpair that one first."
            : null;
    }

    /// <param name="key">What its browser gets; only the hash is kept.</param>
    public async Task<PanelSave> AddAsync(string name, string key)
    {
        if (CheckName(name) is { } fault) return new PanelSave.Refused(fault);
        var now = _time.GetUtcNow();
        var panel = await _database.WriteAsync(session =>
        {
            session.Execute("INSERT INTO panel (name, key_hash, paired_at) VALUES (@1, @2, @3)", name, PanelCookie.HashOf(key), now.ToUnixTimeMilliseconds());
            return new PairedPanel(session.LastId, name, PanelCookie.HashOf(key)) { PairedAt = now };
        });
        ImmutableInterlocked.Update(ref _panels, panels => panels.SetItem(panel.Id, panel));
        return new PanelSave.Saved(panel);
    }

    /// <summary>The panel asked for a page; whether that is also on disk now.</summary>
    /// <exception cref="StorageFailedException">The disk does not keep it.</exception>
    public async Task<bool> SeenAsync(PairedPanel panel, string client)
    {
        var now = _time.GetUtcNow();
        ImmutableInterlocked.Update(ref _panels, panels => panels.TryGetValue(panel.Id, out var known) ? panels.SetItem(panel.Id, known with { LastSeen = now, Client = client }) : panels);
        if (_seenOnDisk.TryGetValue(panel.Id, out var kept) && now - kept < _seenIsKept && panel.Client == client) return false;
        _seenOnDisk[panel.Id] = now;
        await _database.WriteAsync(session => session.Execute("UPDATE panel SET last_seen = @2, client = @3 WHERE id = @1", panel.Id, now.ToUnixTimeMilliseconds(), client));
        return true;
    }

    public async Task RemoveAsync(PairedPanel panel)
    {
        await _database.WriteAsync(session => session.Execute("DELETE FROM panel WHERE id = @1", panel.Id));
        ImmutableInterlocked.Update(ref _panels, panels => panels.Remove(panel.Id));
        _seenOnDisk.TryRemove(panel.Id, out _);
        Unpaired?.Invoke(panel);
    }

    private static PairedPanel Read(Row row) => new(row.Long(0), row.Text(1), row.Text(2)) { PairedAt = row.Time(3), LastSeen = row.TimeOrNull(4), Client = row.TextOrNull(5) };
}
