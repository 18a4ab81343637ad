using System.Net;
using System.Net.Sockets;
using DeviceMail.Activity;
using DeviceMail.Settings;
using DeviceMail.Web;

namespace DeviceMail.People;

/// <summary>What a person typed, or a card reader for it; empty: not given.</summary>
public sealed record PersonProof
{
    public string UserId { get; init; } = "";

    public string Password { get; init; } = "";

    public string IdNumber { get; init; } = "";

    public string Card { get; init; } = "";

    public override string ToString() => nameof(PersonProof);
}

/// <summary>Where it was typed.</summary>
/// <param name="Key">What guessing is counted by: “panel 3”, or a client's address.</param>
/// <param name="Name">As Activity calls it.</param>
/// <param name="IsPanel">Whether an administrator paired it: only there a card, an ID number or a user ID is enough.</param>
public sealed record PersonPlace(string Key, string Name, bool IsPanel)
{
    /// <summary>A browser that nobody paired. An IPv6 host commands a whole /64.</summary>
    public static PersonPlace Of(IPAddress client)
    {
        if (client.IsIPv4MappedToIPv6) client = client.MapToIPv4();
        var octets = client.GetAddressBytes();
        if (client.AddressFamily == AddressFamily.InterNetworkV6) octets.AsSpan(8).Clear();
        return new PersonPlace($"client {new IPAddress(octets)}", $"{client}", false);
    }
}

public abstract record PersonSignInOutcome
{
    public sealed record SignedIn(Person Person) : PersonSignInOutcome;

    /// <param name="Sentence">What to do; it does not tell whether the user ID exists.</param>
    public sealed record Refused(string Sentence) : PersonSignInOutcome;

    /// <summary>Nothing was checked: the next try counts after this time.</summary>
    public sealed record TooMany(TimeSpan Wait) : PersonSignInOutcome;
}

/// <summary>Finds out who somebody is, in the way that the setting people.authentication names at a panel, and by user ID and password elsewhere.</summary>
public sealed class PersonSignIns(PersonRegister people, SettingsStore settings, ActivityLog activity, TimeProvider time)
{
    /// <summary>The words of the setting people.authentication.</summary>
    public const string CardOrPassword = "card-or-password", CardOrIdNumber = "card-or-id-number", IdNumber = "id-number", UserId = "user-id";

    private readonly GuessDelay _delay = new(time);

    /// <summary>How somebody signs in at this place now.</summary>
    public string MethodAt(PersonPlace place) => place.IsPanel ? settings.Current.Get(SettingsCatalogue.PanelAuthentication) : "password";

    public async Task<PersonSignInOutcome> SignInAsync(PersonProof proof, PersonPlace place)
    {
        // A reader ends its line as a keyboard does, and types into whichever field has the cursor.
        var (card, number, userId) = (proof.Card.Trim(), proof.IdNumber.Trim(), proof.UserId.Trim());
        switch (MethodAt(place))
        {
            case CardOrPassword when proof.Password.Length == 0 && (card.Length > 0 || userId.Length > 0):
                var line = card.Length > 0 ? card : userId;
                return await ByValueAsync(() => people.FindByCard(line), Kinds.Card, place);
            case CardOrPassword when userId.Length > 0: return await ByPasswordAsync(userId, proof.Password, place);
            case CardOrPassword: return new PersonSignInOutcome.Refused("Hold your card to the reader, or type your user ID and password.");
            case CardOrIdNumber when card.Length > 0 || number.Length > 0:
                var typed = card.Length > 0 ? card : number;
                return await ByValueAsync(() => people.FindByCard(typed) ?? people.FindByIdNumber(typed), Kinds.CardOrIdNumber, place);
            case CardOrIdNumber: return new PersonSignInOutcome.Refused("Hold your card to the reader, or type your ID number.");
            case IdNumber when number.Length > 0: return await ByValueAsync(() => people.FindByIdNumber(number), Kinds.IdNumber, place);
            case IdNumber: return new PersonSignInOutcome.Refused("Type your ID number.");
            case UserId when userId.Length > 0: return await ByValueAsync(() => people.FindByUserId(userId), Kinds.UserId, place);
            case UserId: return new PersonSignInOutcome.Refused("Type your user ID.");
            default:
                return userId.Length > 0 && proof.Password.Length > 0
                    ? await ByPasswordAsync(userId, proof.Password, place)
                    : new PersonSignInOutcome.Refused("Type your user ID and your password: away from a control panel, both are needed. The gateway's administrator gives you a password where you have none.");
        }
    }

    /// <summary>Something that names a person by itself. Its place alone is slowed: whose it would have been, a wrong one does not tell.</summary>
    private async Task<PersonSignInOutcome> ByValueAsync(Func<Person?> find, SignInKind kind, PersonPlace place)
    {
        if (_delay.BeginAtPlace(place.Key) is var wait && wait > TimeSpan.Zero) return new PersonSignInOutcome.TooMany(wait);
        if (find() is not { } person)
        {
            await activity.RecordAsync(Subject.Person, place.Name, $"Somebody tried to sign in at {place.Name} with {kind.Unknown}.");
            return new PersonSignInOutcome.Refused(kind.Refusal);
        }
        _delay.SucceededAtPlace(place.Key);
        return await SignedInAsync(person, kind.By, place);
    }

    private async Task<PersonSignInOutcome> ByPasswordAsync(string userId, string password, PersonPlace place)
    {
        var name = PersonRules.Fold(userId);
        if (_delay.Begin(name, place.Key) is var wait && wait > TimeSpan.Zero) return new PersonSignInOutcome.TooMany(wait);
        // As long for a stranger as for a wrong password.
        var person = people.FindByUserId(userId);
        var kept = person is null ? null : people.PasswordOf(person.Id);
        var fits = PersonRules.IsPlain(password) && await PasswordHash.FitsAsync(password, kept ?? PasswordHash.Nobody);
        if (fits && person is not null && kept is not null && people.PasswordOf(person.Id) == kept && people.Find(person.Id) is { } found)
        {
            _delay.Succeeded(name, place.Key);
            return await SignedInAsync(found, "user ID and password", place);
        }
        await activity.RecordAsync(Subject.Person, person?.Name ?? place.Name, person is null
            ? $"Somebody tried to sign in at {place.Name} with a user ID that is not registered."
            : $"Somebody tried to sign in as “{person.Name}” at {place.Name} with a wrong password.");
        return new PersonSignInOutcome.Refused("The user ID or the password is wrong. Type both again; the gateway's administrator can set a new password (To My Email > User Settings).");
    }

    private async Task<PersonSignInOutcome> SignedInAsync(Person person, string by, PersonPlace place)
    {
        await activity.RecordAsync(Subject.Person, person.Name, $"“{person.Name}” signed in at {place.Name} by {by}.");
        return new PersonSignInOutcome.SignedIn(person);
    }

    /// <param name="Unknown">A wrong one, for Activity.</param>
    /// <param name="By">A right one, for Activity.</param>
    /// <param name="Refusal">What the person is told.</param>
    private sealed record SignInKind(string Unknown, string By, string Refusal);

    private static class Kinds
    {
        private const string Remedy = "The gateway's administrator registers it (To My Email > User Settings).";

        public static readonly SignInKind Card = new("a card that is not registered", "card", $"This card is not registered. Type your user ID and your password. {Remedy}");
        public static readonly SignInKind CardOrIdNumber = new("a card or an ID number that is not registered", "card or ID number", $"This card or ID number is not registered. Try again. {Remedy}");
        public static readonly SignInKind IdNumber = new("an ID number that is not registered", "ID number", $"This ID number is not registered. Type it again. {Remedy}");
        public static readonly SignInKind UserId = new("a user ID that is not registered", "user ID", $"This user ID is not registered. Type it again. {Remedy}");
    }
}
