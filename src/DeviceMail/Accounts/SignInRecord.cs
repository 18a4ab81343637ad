namespace DeviceMail.Accounts;

/// <summary>What is remembered of an account's sign-in beside its token: all that its status is made of after a restart.</summary>
public sealed record SignInRecord
{
    /// <summary>When a person signed in; null: nobody has.</summary>
    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? LastRefreshed { get; init; }

    /// <summary>For which interface the sign-in was made; the other one may lack its permission without an end of the sign-in.</summary>
    public Transport For { get; init; }

    public SignInWay By { get; init; }

    /// <summary>Who signed in.</summary>
    public string SignedInAs { get; init; } = "";

    /// <summary>Interfaces that do not take this account's mail, though the sign-in is good.</summary>
    public IReadOnlyList<RefusedTransport> Refused { get; init; } = [];

    /// <summary>Key of the problem that ended it or stands in its way; null: it is good.</summary>
    public string? Problem { get; init; }

    public string ServerWords { get; init; } = "";

    /// <summary>Who signed in and waits for OK; null: nothing is staged.</summary>
    public string? StagedAs { get; init; }

    public string StagedOrganisation { get; init; } = "";

    public Transport StagedFor { get; init; }

    public SignInWay StagedBy { get; init; }

    /// <summary>What the end of an earlier sign-in taught; stays over new ones.</summary>
    public LearntEnd? LearntEnd { get; init; }

    /// <summary>When a policy against device code ended a sign-in; null: none did, or a later one was renewed.</summary>
    public DateTimeOffset? DeviceCodeBlockedAt { get; init; }

    /// <summary>The policy that will end sign-ins by device code first; null: none is known.</summary>
    public ForetoldEnd? DeviceCodeEnds { get; init; }
}

/// <summary>An interface that does not take an account's mail.</summary>
/// <param name="Transport">Which.</param>
/// <param name="Problem">Key of the problem.</param>
/// <param name="ServerWords">What its server said.</param>
/// <param name="Since">When it was first met.</param>
public sealed record RefusedTransport(Transport Transport, string Problem, string ServerWords, DateTimeOffset Since)
{
    /// <summary>When it was last met.</summary>
    public DateTimeOffset Last { get; init; } = Since;
}
