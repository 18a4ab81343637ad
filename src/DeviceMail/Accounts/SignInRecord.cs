namespace DeviceMail.Accounts;

/// <summary>What is remembered of an account's sign-in beside its token: all that its status is made of after a restart.</summary>
public sealed record SignInRecord
{
    /// <summary>When a person signed in; null: nobody has.</summary>
    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? LastRefreshed { get; init; }

    /// <summary>Key of the problem that ended it or stands in its way; null: it is good.</summary>
    public string? Problem { get; init; }

    public string ServerWords { get; init; } = "";

    /// <summary>Who signed in and waits for OK; null: nothing is staged.</summary>
    public string? StagedAs { get; init; }

    public string StagedOrganisation { get; init; } = "";

    /// <summary>What the end of an earlier sign-in taught; stays over new ones.</summary>
    public LearntEnd? LearntEnd { get; init; }

    /// <summary>When a policy against device code ended a sign-in; null: none did, or a later one was renewed.</summary>
    public DateTimeOffset? DeviceCodeBlockedAt { get; init; }
}
