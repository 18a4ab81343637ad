using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.People;

/// <summary>A registered user: somebody whose scans go to the own mailbox.</summary>
public sealed record Person
{
    public required long Id { get; init; }

    /// <summary>1 to 83 octets of UTF-8; upper and lower case are one.</summary>
    public required string UserId { get; init; }

    /// <summary>At most 32 characters; empty: the user ID is shown.</summary>
    public string DisplayName { get; init; } = "";

    /// <summary>Where scans go, and where they come from.</summary>
    public required MailAddress Address { get; init; }

    /// <summary>The provider's name of the person's account where it differs from the address; else empty.</summary>
    public string SignInName { get; init; } = "";

    public string Department { get; init; } = "";

    /// <summary>May agree to the permissions on behalf of the organisation.</summary>
    public bool IsAdministrator { get; init; }

    public bool HasPassword { get; init; }

    public bool HasIdNumber { get; init; }

    public bool HasCard { get; init; }

    /// <summary>An ID number or a card was set, and the key that finds it is lost: it fits no more, and is to be set again.</summary>
    public bool HasLostSecret { get; init; }

    /// <summary>What pages call the person.</summary>
    public string Name => DisplayName.Length > 0 ? DisplayName : UserId;
}

/// <summary>What a person proves to be who it is, as it was typed. Null keeps what is there, an empty one takes it away.</summary>
public sealed record PersonSecrets
{
    public Secret? Password { get; init; }

    public Secret? IdNumber { get; init; }

    public Secret? Card { get; init; }
}

/// <summary>A person as it shall be, with what was typed for it.</summary>
public sealed record PersonChange(Person Person, PersonSecrets Secrets);

public abstract record PersonSave
{
    public sealed record Saved(Person Person) : PersonSave;

    /// <param name="Field">One of <see cref="PersonFields"/>: what to change.</param>
    /// <param name="Sentence">What is wrong with it, and what it must be.</param>
    public sealed record Refused(string Field, string Sentence) : PersonSave;
}

/// <summary>The names of a person's fields, in forms and in refusals.</summary>
public static class PersonFields
{
    public const string UserId = "user-id", DisplayName = "display-name", Address = "address", SignInName = "sign-in-name", Department = "department",
        Administrator = "administrator", IdNumber = "id-number", Card = "card", Password = "password";
}
