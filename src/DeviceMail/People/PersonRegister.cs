using DeviceMail.Messages;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Web;

namespace DeviceMail.People;

/// <summary>What became of several changes that are made together, or none of them.</summary>
internal abstract record PeopleSave
{
    public sealed record Saved(IReadOnlyList<Person> People) : PeopleSave;

    /// <param name="Index">Which of the changes, counted from 0.</param>
    /// <param name="Why">What is wrong with it.</param>
    public sealed record Refused(int Index, PersonSave.Refused Why) : PeopleSave;
}

/// <summary>All registered users, in memory and on disk. Passwords are kept by PBKDF2, cards and ID numbers by <see cref="LookupKey"/>.</summary>
public sealed class PersonRegister
{
    public const int Most = 5_000;

    private static readonly StoredJson<PersonSettings> _records = new(PeopleJson.Default.PersonSettings, new PersonSettings());

    private readonly Database _database;
    private readonly SettingsStore _settings;
    private readonly LookupKey _key;
    private readonly Lock _changing = new();
    private volatile PersonIndex _index;

    public PersonRegister(Database database, SecretStore secrets, SettingsStore settings)
    {
        (_database, _settings, _key) = (database, settings, new LookupKey(secrets));
        _index = ReadIndex();
    }

    /// <summary>Raised after a person was made, changed or removed.</summary>
    public event Action<long>? Changed;

    /// <summary>In the order in which they were added.</summary>
    public IReadOnlyList<Person> All => _index.All;

    public Person? Find(long id) => _index.Find(id)?.Person;

    public Person? FindByUserId(string userId) => _index.FindByUserId(userId)?.Person;

    public Person? FindByAddress(MailAddress address) => _index.FindByAddress(address)?.Person;

    internal Person? FindByIdNumber(string number) => _index.FindByIdNumber(_key.OfIdNumber(number))?.Person;

    internal Person? FindByCard(string card) => _index.FindByCard(_key.OfCard(card))?.Person;

    /// <summary>For <see cref="PasswordHash"/>; null where the person has no password, or is none.</summary>
    internal string? PasswordOf(long id) => _index.Find(id)?.Password;

    internal int LeastDigits => (int)_settings.Current.Get(SettingsCatalogue.IdNumberDigits);

    /// <summary>An ID number that nobody has; null where there are hardly any left of that length.</summary>
    internal Secret? NewIdNumber()
    {
        _key.Need();
        for (var attempt = 0; attempt < 100; attempt++)
            if (IdNumbers.Generate(LeastDigits) is var number && FindByIdNumber(number.Reveal()) is null) return number;
        return null;
    }

    /// <summary>Saves a new person (id 0) or a changed one.</summary>
    public async Task<PersonSave> SaveAsync(Person person, PersonSecrets? secrets = null) =>
        await SaveAllAsync([new PersonChange(person, secrets ?? new PersonSecrets())], null, CancellationToken.None) switch
        {
            PeopleSave.Saved saved => new PersonSave.Saved(saved.People[0]),
            PeopleSave.Refused refused => refused.Why,
            var other => throw new InvalidOperationException($"{other} is no outcome."),
        };

    public async Task RemoveAsync(long id)
    {
        await _database.WriteAsync(session => session.Execute("DELETE FROM person WHERE id = @1", id));
        Reload();
        Changed?.Invoke(id);
    }

    /// <summary>Saves all of them, or none.</summary>
    /// <param name="changes">New people (id 0) and changed ones.</param>
    /// <param name="hashed">Told how many passwords are made ready, because each takes its time.</param>
    /// <param name="cancel">Before anything is written.</param>
    internal async Task<PeopleSave> SaveAllAsync(IReadOnlyList<PersonChange> changes, Action<int>? hashed, CancellationToken cancel)
    {
        for (var i = 0; i < changes.Count; i++)
            if (FaultOf(changes[i]) is { } fault) return new PeopleSave.Refused(i, fault);
        if (Clash(_index.Keys, [.. changes.Select(change => KeysOf(change, _index.Find(change.Person.Id)?.Keys))]) is { } early) return early;
        var passwords = new string?[changes.Count];
        var ready = 0;
        for (var i = 0; i < changes.Count; i++)
        {
            cancel.ThrowIfCancellationRequested();
            if (changes[i].Secrets.Password?.Reveal() is not { Length: > 0 } password) continue;
            // One after the other: who signs in meanwhile finds room for the own.
            passwords[i] = await PasswordHash.MakeAsync(password);
            hashed?.Invoke(++ready);
        }
        var (refused, ids) = await _database.WriteAsync(session => Write(session, changes, passwords));
        if (refused is not null) return refused;
        Reload();
        foreach (var id in ids) Changed?.Invoke(id);
        return new PeopleSave.Saved([.. ids.Select(Find).OfType<Person>()]);
    }

    /// <summary>What is wrong with a change by itself; null: nothing.</summary>
    internal PersonSave.Refused? FaultOf(PersonChange change) => PersonRules.Fault(change.Person) ?? PersonRules.Fault(change.Secrets, LeastDigits);

    /// <summary>What others must not have too.</summary>
    internal PersonKeys KeysOf(PersonChange change) => KeysOf(change, _index.Find(change.Person.Id)?.Keys);

    internal IReadOnlyList<PersonKeys> Keys => _index.Keys;

    /// <summary>May run twice, when another write of its batch failed: nothing outside of it changes here.</summary>
    private (PeopleSave.Refused? Refused, List<long> Ids) Write(DatabaseSession session, IReadOnlyList<PersonChange> changes, string?[] passwords)
    {
        // As they are on the disk: another save of the same batch is not shown yet.
        var kept = session.Query("SELECT id, user_id, address, id_number_hash, card_hash FROM person",
            row => new PersonKeys(row.Long(0), row.Text(1), row.Text(2)) { IdNumber = row.TextOrNull(3), Card = row.TextOrNull(4) });
        var formerly = kept.ToDictionary(keys => keys.Id);
        var asked = changes.Select(change => KeysOf(change, formerly.GetValueOrDefault(change.Person.Id))).ToList();
        for (var i = 0; i < changes.Count; i++)
            if (asked[i].Id != 0 && !formerly.ContainsKey(asked[i].Id))
                return (new PeopleSave.Refused(i, new(PersonFields.UserId, $"The user “{changes[i].Person.UserId}” was removed meanwhile. Add it anew.")), []);
        if (Clash(kept, asked) is { } clash) return (clash, []);
        // Out of each other's way first: two may have exchanged an address or a card.
        foreach (var one in asked.Where(one => one.Id != 0))
            session.Execute("UPDATE person SET user_id = @2, address = @2, id_number_hash = NULL, card_hash = NULL WHERE id = @1", one.Id, $"\n{one.Id}");
        var ids = new List<long>(changes.Count);
        for (var i = 0; i < changes.Count; i++)
        {
            if (asked[i].Id == 0) session.Execute("INSERT INTO person (user_id, address, settings) VALUES (@1, @2, '{}')", asked[i].UserId, asked[i].Address);
            ids.Add(asked[i].Id == 0 ? session.LastId : asked[i].Id);
            session.Execute("UPDATE person SET user_id = @2, address = @3, settings = @4, id_number_hash = @5, card_hash = @6 WHERE id = @1",
                ids[i], asked[i].UserId, asked[i].Address, Serialize(changes[i].Person), asked[i].IdNumber, asked[i].Card);
            if (changes[i].Secrets.Password is not null) session.Execute("UPDATE person SET password_hash = @2 WHERE id = @1", ids[i], passwords[i]);
        }
        return (null, ids);
    }

    private PeopleSave.Refused? Clash(IReadOnlyList<PersonKeys> kept, List<PersonKeys> asked)
    {
        var changed = asked.Select(one => one.Id).Where(id => id != 0).ToHashSet();
        var unique = new PersonUniqueness();
        foreach (var one in kept.Where(one => !changed.Contains(one.Id))) unique.Add(one);
        for (var i = 0; i < asked.Count; i++)
            if (unique.Add(asked[i]) is { } shared) return new(i, new(shared.Field, PersonUniqueness.Sentence(shared.Field, Find(shared.With)?.UserId)));
        return kept.Count + asked.Count(one => one.Id == 0) <= Most ? null
            : new(asked.FindLastIndex(one => one.Id == 0), new(PersonFields.UserId, $"The gateway keeps {Most:N0} users at most. Remove those who are gone first."));
    }

    private PersonKeys KeysOf(PersonChange change, PersonKeys? former)
    {
        if (change.Secrets.IdNumber?.Reveal() is { Length: > 0 } || change.Secrets.Card?.Reveal() is { Length: > 0 }) _key.Need();
        return new PersonKeys(change.Person.Id, PersonRules.Fold(change.Person.UserId), PersonRules.Fold(change.Person.Address))
        {
            IdNumber = change.Secrets.IdNumber is not { } number ? former?.IdNumber : number.Reveal().Length == 0 ? null : _key.OfIdNumber(number.Reveal()),
            Card = change.Secrets.Card is not { } card ? former?.Card : card.Reveal().Length == 0 ? null : _key.OfCard(card.Reveal()),
        };
    }

    /// <summary>Whoever comes last shows what is on the disk.</summary>
    private void Reload()
    {
        lock (_changing) _index = ReadIndex();
    }

    private PersonIndex ReadIndex() => new(_database.Read(session => PersonIndex.Read(session, _records, _key)));

    private static string Serialize(Person person) => _records.Write(new PersonSettings
    {
        UserId = person.UserId,
        DisplayName = person.DisplayName,
        Address = person.Address.ToString(),
        SignInName = person.SignInName,
        Department = person.Department,
        IsAdministrator = person.IsAdministrator,
    });
}
