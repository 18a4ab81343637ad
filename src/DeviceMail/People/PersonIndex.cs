using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.People;

/// <summary>What must belong to one person only, in the form in which it is compared and kept.</summary>
internal sealed record PersonKeys(long Id, string UserId, string Address)
{
    public string? IdNumber { get; init; }

    public string? Card { get; init; }
}

/// <summary>A person with what is kept of its secrets.</summary>
internal sealed record KnownPerson(Person Person, PersonKeys Keys, string? Password);

/// <summary>All people at one moment, found by whatever names one of them.</summary>
internal sealed class PersonIndex
{
    private readonly Dictionary<long, KnownPerson> _byId;
    private readonly Dictionary<string, KnownPerson> _byUserId = [], _byAddress = [], _byIdNumber = [], _byCard = [];

    public PersonIndex(IReadOnlyList<KnownPerson> people)
    {
        All = [.. people.Select(known => known.Person)];
        Keys = [.. people.Select(known => known.Keys)];
        _byId = people.ToDictionary(known => known.Person.Id);
        foreach (var known in people)
        {
            _byUserId[known.Keys.UserId] = known;
            _byAddress[known.Keys.Address] = known;
            if (known.Keys.IdNumber is { } number) _byIdNumber[number] = known;
            if (known.Keys.Card is { } card) _byCard[card] = known;
        }
    }

    public IReadOnlyList<Person> All { get; }

    public IReadOnlyList<PersonKeys> Keys { get; }

    public KnownPerson? Find(long id) => _byId.GetValueOrDefault(id);

    public KnownPerson? FindByUserId(string userId) => _byUserId.GetValueOrDefault(PersonRules.Fold(userId));

    public KnownPerson? FindByAddress(MailAddress address) => _byAddress.GetValueOrDefault(PersonRules.Fold(address));

    public KnownPerson? FindByIdNumber(string? hash) => hash is null ? null : _byIdNumber.GetValueOrDefault(hash);

    public KnownPerson? FindByCard(string? hash) => hash is null ? null : _byCard.GetValueOrDefault(hash);

    public static List<KnownPerson> Read(DatabaseSession session, StoredJson<PersonSettings> records, LookupKey key) => session.Query(
        "SELECT id, user_id, address, settings, password_hash, id_number_hash, card_hash FROM person ORDER BY id", row =>
        {
            var settings = records.Read(row.Text(3));
            var keys = new PersonKeys(row.Long(0), row.Text(1), row.Text(2)) { IdNumber = row.TextOrNull(5), Card = row.TextOrNull(6) };
            var person = new Person
            {
                Id = keys.Id,
                UserId = settings.UserId,
                DisplayName = settings.DisplayName,
                Address = MailAddress.Parse(settings.Address),
                SignInName = settings.SignInName,
                Department = settings.Department,
                IsAdministrator = settings.IsAdministrator,
                HasPassword = !row.IsNull(4),
                HasIdNumber = key.Made(keys.IdNumber),
                HasCard = key.Made(keys.Card),
                HasLostSecret = keys.IdNumber is not null && !key.Made(keys.IdNumber) || keys.Card is not null && !key.Made(keys.Card),
            };
            return new KnownPerson(person, keys, row.TextOrNull(4));
        });
}

/// <summary>Whether people can be together: none has a user ID, address, ID number or card of another.</summary>
internal sealed class PersonUniqueness
{
    private readonly Dictionary<string, long> _userIds = [], _addresses = [], _idNumbers = [], _cards = [];

    /// <summary>Adds one more.</summary>
    /// <returns>What it shares with one that was added before, and with which; null: nothing, and it was added.</returns>
    public (string Field, long With)? Add(PersonKeys one)
    {
        if (_userIds.TryGetValue(one.UserId, out var with)) return (PersonFields.UserId, with);
        if (_addresses.TryGetValue(one.Address, out with)) return (PersonFields.Address, with);
        if (one.IdNumber is not null && _idNumbers.TryGetValue(one.IdNumber, out with)) return (PersonFields.IdNumber, with);
        if (one.Card is not null && _cards.TryGetValue(one.Card, out with)) return (PersonFields.Card, with);
        _userIds[one.UserId] = one.Id;
        _addresses[one.Address] = one.Id;
        if (one.IdNumber is not null) _idNumbers[one.IdNumber] = one.Id;
        if (one.Card is not null) _cards[one.Card] = one.Id;
        return null;
    }

    /// <summary>Of an ID number it does not tell whose it is: that would be the other's secret.</summary>
    public static string Sentence(string field, string? other) => field switch
    {
        PersonFields.UserId => "There is a user with this user ID already.",
        PersonFields.Address => $"This address belongs to {(other is null ? "another user" : $"the user “{other}”")} already.",
        PersonFields.IdNumber => "This ID number is taken. Choose another one, or let the gateway make one.",
        _ => $"This card belongs to {(other is null ? "another user" : $"the user “{other}”")} already. Remove it there first.",
    };
}
