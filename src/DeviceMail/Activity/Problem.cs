namespace DeviceMail.Activity;

/// <summary>What a problem stops.</summary>
public enum ProblemScope
{
    /// <summary>One mail; it fails, the others go on.</summary>
    Message,

    /// <summary>All mail of one account; it is held, never failed.</summary>
    Account,

    /// <summary>The gateway itself.</summary>
    Gateway,
}

/// <summary>
/// Something that stands in the way of mail, explained. One record feeds Web Config, panel, sheet, command line, API and notices. Two are the
/// same problem when their keys are: the words can be those of one number or reply of a server.
/// </summary>
/// <param name="Key">Its stable name, as in <c>explain</c> and the API.</param>
/// <param name="Code">The guide's code 360, 361 or 370, or null.</param>
/// <param name="Scope">What it stops.</param>
/// <param name="Title">What is, in a few words.</param>
/// <param name="Cause">Why, in one or two sentences.</param>
/// <param name="Remedy">Who does what, and where.</param>
public sealed record Problem(string Key, int? Code, ProblemScope Scope, string Title, string Cause, string Remedy)
{
    /// <summary>Whether signing in again mends it.</summary>
    public bool SignInHelps { get; init; }

    /// <summary>Whether it can end without a new sign-in: then what is held is tried now and then.</summary>
    public bool MayPass { get; init; }

    /// <inheritdoc cref="PowerShell.ForMailbox"/>
    public string RemedyFor(string mailbox) => PowerShell.ForMailbox(Remedy, mailbox);

    public bool Equals(Problem? other) => other?.Key == Key;

    public override int GetHashCode() => Key.GetHashCode(StringComparison.Ordinal);
}
