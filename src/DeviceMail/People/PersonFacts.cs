namespace DeviceMail.People;

/// <summary>What another folder knows about a person, for the pages of users: a label, a value, and the mark of its state.</summary>
/// <param name="Label">Such as Sign-in.</param>
/// <param name="Value">Such as Signed in since 2 February 2027.</param>
/// <param name="Mark">ok, warn, bad, wait, work, off, or empty.</param>
public sealed record PersonFact(string Label, string Value, string Mark = "");

/// <summary>A folder's facts about people; folders register theirs with the host.</summary>
public delegate IReadOnlyList<PersonFact> FindPersonFacts(Person person);

/// <summary>Something that an administrator may do with a person by one press; folders register theirs with the host.</summary>
/// <param name="Name">Small letters and hyphens: what the button sends.</param>
/// <param name="Label">The button's words, such as Sign Out.</param>
/// <param name="DoAsync">Does it; the text says who pressed, for Activity.</param>
public sealed record PersonAction(string Name, string Label, Func<Person, string, Task> DoAsync)
{
    /// <summary>Whether the button stands there for this person now.</summary>
    public Func<Person, bool> IsOffered { get; init; } = _ => true;
}

/// <summary>What other folders add to the pages of users.</summary>
internal sealed class PersonExtras(IEnumerable<FindPersonFacts> facts, IEnumerable<PersonAction> actions)
{
    /// <summary>Before the name of an action, in the field do.</summary>
    public const string Press = "action:";

    public IReadOnlyList<PersonFact> FactsOf(Person person) => [.. facts.SelectMany(find => find(person))];

    public IReadOnlyList<PersonAction> ActionsFor(Person person) => [.. actions.Where(action => action.IsOffered(person))];

    /// <summary>Carries out what a button named, where it is still offered.</summary>
    public async Task<PersonAction?> PressAsync(string name, Person person, string who)
    {
        if (ActionsFor(person).FirstOrDefault(action => action.Name == name) is not { } action) return null;
        await action.DoAsync(person, who);
        return action;
    }
}
