using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using DeviceMail.Storage;

namespace DeviceMail.Web;

public abstract record ApiKeySave
{
    /// <param name="Key">As it is kept.</param>
    /// <param name="Text">The key itself, for the one time that it is shown.</param>
    public sealed record Saved(ApiKey Key, string Text) : ApiKeySave
    {
        /// <summary>A record prints its members; this one goes nowhere that is kept.</summary>
        public override string ToString() => $"Saved {Key.Name}";
    }

    /// <param name="Field">The field to change: name or scopes.</param>
    /// <param name="Sentence">What is wrong with it.</param>
    public sealed record Refused(string Field, string Sentence) : ApiKeySave;
}

/// <summary>The keys of the HTTP API, in memory and on disk.</summary>
public sealed class ApiKeyRegister
{
    /// <summary>Each request compares with all of them.</summary>
    private const int Most = 100;

    /// <summary>A script asks every second; the disk need not know.</summary>
    private static readonly TimeSpan _useIsKept = TimeSpan.FromHours(1);

    private readonly Database _database;
    private readonly TimeProvider _time;
    private readonly System.Collections.Concurrent.ConcurrentDictionary<long, DateTimeOffset> _usedOnDisk = new();
    private ImmutableSortedDictionary<long, ApiKey> _keys;

    public ApiKeyRegister(Database database, TimeProvider time)
    {
        (_database, _time) = (database, time);
        _keys = database.Read(session => session.Query("SELECT id, name, key_hash, scopes, made_at, last_used FROM api_key", Read)).ToImmutableSortedDictionary(one => one.Id, one => one);
        foreach (var key in _keys.Values)
            if (key.LastUsed is { } used) _usedOnDisk[key.Id] = used;
    }

    /// <summary>By name.</summary>
    public IReadOnlyList<ApiKey> All => [.. Volatile.Read(ref _keys).Values.OrderBy(one => one.Name, StringComparer.OrdinalIgnoreCase)];

    public ApiKey? Find(long id) => Volatile.Read(ref _keys).GetValueOrDefault(id);

    public ApiKey? Find(string name) => Volatile.Read(ref _keys).Values.FirstOrDefault(one => one.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The key that this is, or null. How long that takes says nothing about how much of it was right.</summary>
    public ApiKey? FindByKey(string text)
    {
        if (ApiKeyText.HashOf(text) is not { } hash) return null;
        var octets = Encoding.ASCII.GetBytes(hash);
        ApiKey? found = null;
        foreach (var key in Volatile.Read(ref _keys).Values)
            if (CryptographicOperations.FixedTimeEquals(octets, Encoding.ASCII.GetBytes(key.Hash))) found = key;
        return found;
    }

    public async Task<ApiKeySave> AddAsync(string name, ApiScope scopes)
    {
        if (name.Length is 0 or > 100 || name.Any(char.IsControl)) return new ApiKeySave.Refused("name", "A key needs a name of 1 to 100 characters, such as the script that uses it.");
        if (Find(name) is { } taken) return new ApiKeySave.Refused("name", $"There is a key “{taken.Name}” already. Choose another name, or remove that one first.");
        if (scopes == ApiScope.None) return new ApiKeySave.Refused("scopes", "A key without a scope opens nothing. Choose at least one of send, read and admin.");
        if (Volatile.Read(ref _keys).Count >= Most) return new ApiKeySave.Refused("name", $"There are {Most} keys, and more are not kept. Remove those that nobody uses.");
        var (text, now) = (ApiKeyText.Make(), _time.GetUtcNow());
        var hash = ApiKeyText.HashOf(text)!;
        var key = await _database.WriteAsync(session =>
        {
            // Two requests at once may both have found the name free.
            if (session.Query("SELECT id FROM api_key WHERE name = @1", row => row.Long(0), name).Count > 0) return null;
            session.Execute("INSERT INTO api_key (name, key_hash, scopes, made_at) VALUES (@1, @2, @3, @4)", name, hash, string.Join(' ', ApiScopes.WordsOf(scopes)), now.ToUnixTimeMilliseconds());
            return new ApiKey(session.LastId, name, hash) { Scopes = scopes, MadeAt = now };
        });
        if (key is null) return new ApiKeySave.Refused("name", $"There is a key “{name}” already. Choose another name, or remove that one first.");
        ImmutableInterlocked.Update(ref _keys, keys => keys.SetItem(key.Id, key));
        return new ApiKeySave.Saved(key, text);
    }

    /// <summary>A request came with the key; whether that is also on disk now.</summary>
    /// <exception cref="StorageFailedException">The disk does not keep it.</exception>
    public async Task<bool> UsedAsync(ApiKey key)
    {
        var now = _time.GetUtcNow();
        ImmutableInterlocked.Update(ref _keys, keys => keys.TryGetValue(key.Id, out var known) ? keys.SetItem(key.Id, known with { LastUsed = now }) : keys);
        if (_usedOnDisk.TryGetValue(key.Id, out var kept) && now - kept < _useIsKept) return false;
        _usedOnDisk[key.Id] = now;
        await _database.WriteAsync(session => session.Execute("UPDATE api_key SET last_used = @2 WHERE id = @1", key.Id, now.ToUnixTimeMilliseconds()));
        return true;
    }

    /// <summary>From now on nobody gets in with it.</summary>
    public async Task RemoveAsync(ApiKey key)
    {
        await _database.WriteAsync(session => session.Execute("DELETE FROM api_key WHERE id = @1", key.Id));
        ImmutableInterlocked.Update(ref _keys, keys => keys.Remove(key.Id));
        _usedOnDisk.TryRemove(key.Id, out _);
    }

    private static ApiKey Read(Row row)
    {
        _ = ApiScopes.TryParse(row.Text(3).Split(' ', StringSplitOptions.RemoveEmptyEntries), out var scopes, out _);
        return new ApiKey(row.Long(0), row.Text(1), row.Text(2)) { Scopes = scopes, MadeAt = row.Time(4), LastUsed = row.TimeOrNull(5) };
    }
}
