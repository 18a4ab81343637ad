using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.People;

/// <summary>What a line of a file makes of a user.</summary>
/// <param name="UserId">Whose line.</param>
/// <param name="Fields">The columns that change; empty: it is new.</param>
public sealed record ImportLine(int Number, string UserId, IReadOnlyList<string> Fields);

/// <summary>What a file would do. Where it has faults, it does nothing.</summary>
public sealed record ImportPreview
{
    public IReadOnlyList<ImportLine> New { get; init; } = [];

    public IReadOnlyList<ImportLine> Changed { get; init; } = [];

    public int Unchanged { get; init; }

    public IReadOnlyList<LineFault> Faults { get; init; } = [];

    /// <summary>What is saved, with the lines it comes from.</summary>
    internal IReadOnlyList<(int Line, PersonChange Change)> Changes { get; init; } = [];

    internal int Passwords => Changes.Count(one => one.Change.Secrets.Password is not null);
}

/// <summary>Judges every line of a file before anything is done.</summary>
internal sealed class PeopleImport
{
    private readonly PersonRegister _people;
    private readonly List<ImportLine> _new = [], _changed = [];
    private readonly List<LineFault> _faults;
    private readonly List<(int Line, PersonChange Change)> _changes = [];
    private readonly Dictionary<string, int> _lines = [];
    private int _unchanged;

    private PeopleImport(PersonRegister people, IEnumerable<LineFault> faults) => (_people, _faults) = (people, [.. faults]);

    public static ImportPreview Judge(PeopleFile file, PersonRegister people)
    {
        var import = new PeopleImport(people, file.Faults);
        foreach (var line in file.Lines) import.Judge(line);
        import.FindClashes();
        return new ImportPreview
        {
            New = import._new,
            Changed = import._changed,
            Unchanged = import._unchanged,
            Faults = [.. import._faults.OrderBy(fault => fault.Line)],
            Changes = import._changes,
        };
    }

    /// <summary>The column in which a field of a person stands.</summary>
    public static string ColumnOf(string field) => field switch
    {
        PersonFields.UserId => PeopleFile.UserId,
        PersonFields.DisplayName => PeopleFile.DisplayName,
        PersonFields.Address => PeopleFile.Address,
        PersonFields.SignInName => PeopleFile.SignInName,
        PersonFields.Department => PeopleFile.Department,
        PersonFields.Administrator => PeopleFile.Administrator,
        PersonFields.IdNumber => PeopleFile.IdNumber,
        PersonFields.Card => PeopleFile.CardId,
        _ => PeopleFile.Password,
    };

    private void Judge(PeopleLine line)
    {
        if (line[PeopleFile.UserId] is not { } userId)
        {
            Say(line, PeopleFile.UserId, "It is empty. Each line names a user.");
            return;
        }
        if (PersonRules.Fold(userId) is { Length: > 0 } folded && !_lines.TryAdd(folded, line.Number))
        {
            Say(line, PeopleFile.UserId, $"This user stands in line {_lines[folded]} already.");
            return;
        }
        var former = _people.FindByUserId(userId);
        if (Asked(line, userId, former) is not { } person) return;
        var change = new PersonChange(person, SecretsOf(line, former));
        if (_people.FaultOf(change) is { } fault)
        {
            Say(line, ColumnOf(fault.Field), fault.Sentence);
            return;
        }
        var fields = Fields(former, change);
        if (former is not null && fields.Count == 0)
        {
            _unchanged++;
            return;
        }
        _changes.Add((line.Number, change));
        (former is null ? _new : _changed).Add(new ImportLine(line.Number, person.UserId, former is null ? [] : fields));
    }

    private Person? Asked(PeopleLine line, string userId, Person? former)
    {
        MailAddress? address = former?.Address;
        if (line[PeopleFile.Address] is { } text ? !MailAddress.TryParse(text, out address) : former is null)
        {
            Say(line, PeopleFile.Address, PersonRules.NoAddress(line[PeopleFile.Address] ?? "").Sentence);
            return null;
        }
        if (line[PeopleFile.Administrator] is { } word && Yes(word) is null)
        {
            Say(line, PeopleFile.Administrator, "It is yes or no.");
            return null;
        }
        return (former ?? new Person { Id = 0, UserId = userId, Address = address! }) with
        {
            UserId = userId,
            Address = address!,
            DisplayName = line[PeopleFile.DisplayName] ?? former?.DisplayName ?? "",
            SignInName = line[PeopleFile.SignInName] ?? former?.SignInName ?? "",
            Department = line[PeopleFile.Department] ?? former?.Department ?? "",
            IsAdministrator = (line[PeopleFile.Administrator] is { } yes ? Yes(yes) : null) ?? former?.IsAdministrator ?? false,
        };
    }

    /// <summary>What is known already is no change: the numbers and cards of a file that is imported again.</summary>
    private PersonSecrets SecretsOf(PeopleLine line, Person? former) => new()
    {
        Password = line[PeopleFile.Password] is { } password ? new Secret(password) : null,
        IdNumber = line[PeopleFile.IdNumber] is { } number && (former is null || _people.FindByIdNumber(number)?.Id != former.Id) ? new Secret(number) : null,
        Card = line[PeopleFile.CardId] is { } card && (former is null || _people.FindByCard(card)?.Id != former.Id) ? new Secret(card) : null,
    };

    private static List<string> Fields(Person? former, PersonChange change)
    {
        var fields = former is null ? [] : PeopleFile.Open.Where(column => PeopleFile.CellOf(former, column) != PeopleFile.CellOf(change.Person, column)).ToList();
        if (change.Secrets.IdNumber is not null) fields.Add(PeopleFile.IdNumber);
        if (change.Secrets.Card is not null) fields.Add(PeopleFile.CardId);
        if (change.Secrets.Password is not null) fields.Add(PeopleFile.Password);
        return fields;
    }

    /// <summary>What two would have both: two lines, or a line and a user who is not in the file.</summary>
    private void FindClashes()
    {
        var lineOf = _changes.Where(one => one.Change.Person.Id != 0).ToDictionary(one => one.Change.Person.Id, one => one.Line);
        var unique = new PersonUniqueness();
        foreach (var keys in _people.Keys.Where(keys => !lineOf.ContainsKey(keys.Id))) unique.Add(keys);
        foreach (var (line, change) in _changes)
        {
            var keys = _people.KeysOf(change);
            // A new user has no number yet: its line, as a negative one, stands for it.
            if (unique.Add(keys.Id == 0 ? keys with { Id = -line } : keys) is not { } shared) continue;
            var other = shared.With < 0 ? (int)-shared.With : lineOf.GetValueOrDefault(shared.With);
            _faults.Add(new LineFault(line, ColumnOf(shared.Field), other > 0
                ? $"It is the same as in line {other}, and each user needs another one."
                : PersonUniqueness.Sentence(shared.Field, _people.Find(shared.With)?.UserId)));
        }
        if (_people.All.Count + _new.Count > PersonRegister.Most)
            _faults.Add(new LineFault(_new[^1].Number, "", $"The gateway keeps {PersonRegister.Most:N0} users at most, and has {_people.All.Count:N0} now. Remove those who are gone first."));
    }

    private void Say(PeopleLine line, string column, string sentence) => _faults.Add(new LineFault(line.Number, column, sentence));

    private static bool? Yes(string word) => word.ToLowerInvariant() switch
    {
        "yes" or "true" or "1" or "y" or "x" => true,
        "no" or "false" or "0" or "n" or "-" => false,
        _ => null,
    };
}
