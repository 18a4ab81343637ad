using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.People;

/// <summary>What somebody wants of a user, as it was typed. Null keeps what is there; an empty secret takes it away.</summary>
public sealed record PersonWish
{
    public string? UserId { get; init; }

    public string? DisplayName { get; init; }

    public string? Address { get; init; }

    public string? SignInName { get; init; }

    public string? Department { get; init; }

    public bool? IsAdministrator { get; init; }

    public string? Password { get; init; }

    public string? IdNumber { get; init; }

    public string? Card { get; init; }

    /// <summary>The gateway makes the ID number.</summary>
    public bool MakesIdNumber { get; init; }

    /// <summary>It may hold a password.</summary>
    public override string ToString() => nameof(PersonWish);
}

public abstract record PersonDeskOutcome
{
    /// <param name="Person">As it is kept.</param>
    /// <param name="IdNumber">The one that was made; shown this once.</param>
    public sealed record Made(Person Person, Secret? IdNumber) : PersonDeskOutcome;

    /// <param name="Field">One of <see cref="PersonFields"/>.</param>
    /// <param name="Sentence">What is wrong with it.</param>
    public sealed record Refused(string Field, string Sentence) : PersonDeskOutcome;
}

/// <summary>What administrators do with users, in Web Config and at the command line alike; each of it is in Activity.</summary>
public sealed class PersonDesk(PersonRegister people, ActivityLog activity)
{
    /// <param name="former">As it is; null: a new one.</param>
    /// <param name="wish">What changes.</param>
    /// <param name="who">Who does it, for Activity.</param>
    public async Task<PersonDeskOutcome> SaveAsync(Person? former, PersonWish wish, string who)
    {
        var typed = wish.Address?.Trim();
        MailAddress? address = former?.Address;
        if (typed is null ? former is null : !MailAddress.TryParse(typed, out address)) return Refused(PersonRules.NoAddress(typed ?? ""));
        var number = wish.MakesIdNumber ? people.NewIdNumber() : null;
        if (wish.MakesIdNumber && number is null)
            return new PersonDeskOutcome.Refused(PersonFields.IdNumber, "Hardly any ID number of this length is left. Raise the setting people.id-number-digits.");
        var secrets = new PersonSecrets { Password = SecretOf(wish.Password), IdNumber = number ?? SecretOf(wish.IdNumber?.Trim()), Card = SecretOf(wish.Card?.Trim()) };
        var asked = (former ?? new Person { Id = 0, UserId = "", Address = address! }) with
        {
            UserId = wish.UserId?.Trim() ?? former?.UserId ?? "",
            DisplayName = wish.DisplayName?.Trim() ?? former?.DisplayName ?? "",
            Address = address!,
            SignInName = wish.SignInName?.Trim() ?? former?.SignInName ?? "",
            Department = wish.Department?.Trim() ?? former?.Department ?? "",
            IsAdministrator = wish.IsAdministrator ?? former?.IsAdministrator ?? false,
        };
        switch (await people.SaveAsync(asked, secrets))
        {
            case PersonSave.Saved { Person: var saved }:
                await activity.RecordAsync(Subject.Person, saved.Name, former is null
                    ? $"The user “{saved.Name}” ({saved.Address}) was added by {who}."
                    : $"The user “{saved.Name}” was changed by {who}{Changes(former, saved, secrets)}.");
                return new PersonDeskOutcome.Made(saved, number);
            case PersonSave.Refused refused: return Refused(refused);
            case var other: throw new InvalidOperationException($"{other} is no outcome.");
        }
    }

    public async Task RemoveAsync(Person person, string who)
    {
        await people.RemoveAsync(person.Id);
        await activity.RecordAsync(Subject.Person, person.Name, $"The user “{person.Name}” ({person.Address}) was removed by {who}.");
    }

    /// <summary>The secrets of a change, each in a word.</summary>
    internal static IEnumerable<string> Words(PersonSecrets secrets)
    {
        if (secrets.Password is { } password) yield return password.Reveal().Length == 0 ? "the password was removed" : "a new password was set";
        if (secrets.IdNumber is { } number) yield return number.Reveal().Length == 0 ? "the ID number was removed" : "a new ID number was set";
        if (secrets.Card is { } card) yield return card.Reveal().Length == 0 ? "the card was removed" : "a card was registered";
    }

    private static string Changes(Person former, Person saved, PersonSecrets secrets)
    {
        IEnumerable<string> words = former.Address == saved.Address ? Words(secrets) : [$"the address is {saved.Address}, formerly {former.Address}", .. Words(secrets)];
        return string.Concat(words.Select(word => $"; {word}"));
    }

    private static Secret? SecretOf(string? typed) => typed is null ? null : new Secret(typed);

    private static PersonDeskOutcome.Refused Refused(PersonSave.Refused refused) => new(refused.Field, refused.Sentence);
}
