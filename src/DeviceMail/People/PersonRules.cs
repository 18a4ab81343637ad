using System.Buffers;
using System.Text;
using DeviceMail.Messages;

namespace DeviceMail.People;

/// <summary>What a person's fields must be; the limits are those of the devices whose users these are.</summary>
internal static class PersonRules
{
    public const int LongestUserId = 83, LongestName = 32, LongestSignInName = 255, LongestDepartment = 100, LongestCard = 116;

    public const int ShortestPassword = 8, LongestPassword = 128;

    /// <summary>Null when the fields are good.</summary>
    public static PersonSave.Refused? Fault(Person person)
    {
        if (person.UserId.Trim().Length == 0 || !IsPlain(person.UserId) || Encoding.UTF8.GetByteCount(person.UserId) > LongestUserId)
            return new(PersonFields.UserId, $"A user ID has 1 to {LongestUserId} characters (octets of UTF-8), and no control characters.");
        if (!IsPlain(person.DisplayName) || person.DisplayName.EnumerateRunes().Count() > LongestName)
            return new(PersonFields.DisplayName, $"A display name has at most {LongestName} characters.");
        if (person.SignInName.Length > 0 && (person.SignInName.Length > LongestSignInName || !MailAddress.TryParse(person.SignInName, out _)))
            return new(PersonFields.SignInName, $"“{person.SignInName}” is no sign-in name: it looks like a mail address, name@domain, and has at most {LongestSignInName} characters.");
        if (!IsPlain(person.Department) || person.Department.EnumerateRunes().Count() > LongestDepartment)
            return new(PersonFields.Department, $"A department has at most {LongestDepartment} characters.");
        return null;
    }

    /// <summary>Null when what was typed is good; the sentence never holds it.</summary>
    /// <param name="typed">What was typed.</param>
    /// <param name="leastDigits">The fewest digits of a new ID number.</param>
    public static PersonSave.Refused? Fault(PersonSecrets typed, int leastDigits)
    {
        if (typed.Password?.Reveal() is { Length: > 0 } password && (!IsPlain(password) || password.EnumerateRunes().Count() is < ShortestPassword or > LongestPassword))
            return new(PersonFields.Password, $"A password has {ShortestPassword} to {LongestPassword} characters, and no control characters.");
        if (typed.IdNumber?.Reveal() is { Length: > 0 } number && IdNumbers.Fault(number, leastDigits) is { } sentence) return new(PersonFields.IdNumber, sentence);
        if (typed.Card?.Reveal() is { Length: > 0 } card && (card.Length > LongestCard || card.Any(c => c is < ' ' or > '~')))
            return new(PersonFields.Card, $"A card's ID has at most {LongestCard} letters, digits and signs of ASCII.");
        return null;
    }

    public static PersonSave.Refused NoAddress(string text) =>
        new(PersonFields.Address, text.Length == 0 ? "A user needs a mail address: scans go there." : $"“{text}” is not a mail address. It needs the form name@domain.");

    /// <summary>Text that a person can have typed: no control characters, and no half of a character.</summary>
    public static bool IsPlain(string text)
    {
        var rest = text.AsSpan();
        while (rest.Length > 0)
        {
            if (Rune.DecodeFromUtf16(rest, out var rune, out var taken) != OperationStatus.Done || Rune.IsControl(rune)) return false;
            rest = rest[taken..];
        }
        return true;
    }

    /// <summary>
    /// The form in which user IDs are compared. An é of one character and one of two are not the same: this program carries no tables to compose them,
    /// and keyboards type the one.
    /// </summary>
    public static string Fold(string userId) => IsPlain(userId) ? userId.Trim().ToUpperInvariant() : "";

    public static string Fold(MailAddress address) => $"{address.Local.ToUpperInvariant()}@{address.Domain}";
}
