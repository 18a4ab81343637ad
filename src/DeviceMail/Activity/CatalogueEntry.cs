namespace DeviceMail.Activity;

/// <summary>One thing that a service or server can say, and the problem it means, in the best words there are.</summary>
/// <param name="Says">What it is looked up by, such as AADSTS53003 or 432 4.3.2.</param>
public abstract record CatalogueEntry(string Says, Problem Problem)
{
    /// <summary>Whether the words are the entry's, not only those of its problem.</summary>
    public bool HasOwnWords { get; init; }
}

/// <summary>What follows from an OAuth error word (RFC 6749 5.2, RFC 8628 3.5).</summary>
public enum SignInEffect
{
    /// <summary>The person is not done; the gateway goes on asking.</summary>
    Pending,

    /// <summary>Nothing is known; the sign-in is as good as it was.</summary>
    Temporary,

    /// <summary>This attempt is over; the stored sign-in may still be good.</summary>
    Holds,

    /// <summary>The stored sign-in is refused: only a person helps, where the advice does not say that it may pass.</summary>
    Ends,
}

/// <summary>An OAuth error word.</summary>
public sealed record ErrorEntry(string Word, SignInEffect Effect, Problem Problem) : CatalogueEntry(Word, Problem);

/// <summary>Entra's second word beside the error.</summary>
public sealed record SubErrorEntry(string Word, Problem Problem) : CatalogueEntry(Word, Problem);

/// <summary>An error of Microsoft Graph (Microsoft Graph, "Error responses and resource types").</summary>
/// <param name="Status">403, or 4xx for each of that class.</param>
/// <param name="Word">The error's code, or * for any and for none.</param>
public sealed record GraphEntry(string Status, string Word, Problem Problem) : CatalogueEntry(Word == "*" ? $"Graph {Status}" : $"Graph {Status} {Word}", Problem)
{
    public required Verdict Verdict { get; init; }

    public bool Fits(int status, string word) =>
        (Status.EndsWith("xx", StringComparison.Ordinal) ? status / 100 == Status[0] - '0' : Status == $"{status}") && (Word == "*" || Word.Equals(word, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A number of Entra (Microsoft Entra authentication and authorization error codes).</summary>
public sealed record EntraEntry(int Number, Problem Problem) : CatalogueEntry($"AADSTS{Number}", Problem);
