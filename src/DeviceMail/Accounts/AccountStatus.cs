using DeviceMail.Activity;

namespace DeviceMail.Accounts;

/// <summary>
/// The state of an account's sign-in. This one model feeds Web Config, panel, sheet, command line, API and notices.
/// </summary>
public abstract record AccountStatus
{
    /// <summary>The method needs no sign-in (Off), or a password is set (SMTP AUTH).</summary>
    public sealed record NotNeeded : AccountStatus;

    public sealed record NotSignedIn : AccountStatus;

    /// <summary>A person has a code to enter.</summary>
    public sealed record WaitingForPerson(string UserCode, Uri VerificationAddress, DateTimeOffset Until) : AccountStatus;

    /// <summary>Signed in, but OK was not pressed yet; the old sign-in, if any, goes on sending.</summary>
    public sealed record SignedInNotSaved(string SignedInAs, string Organisation) : AccountStatus;

    /// <param name="Since">When a person signed in.</param>
    /// <param name="LastRefreshed">When the provider last renewed it.</param>
    /// <param name="PredictedEnd">When it will end unless it is used or renewed by a person; null: not known.</param>
    public sealed record SignedIn(DateTimeOffset Since, DateTimeOffset LastRefreshed, DateTimeOffset? PredictedEnd) : AccountStatus
    {
        /// <summary>Why it will end then, in words; empty where no end is known.</summary>
        public string EndReason { get; init; } = "";
    }

    public sealed record Unreachable(Problem Problem, string ServerWords) : AccountStatus;

    public sealed record Expired(Problem Problem, string ServerWords) : AccountStatus;

    public sealed record SignInAgain(Problem Problem, string ServerWords) : AccountStatus;
}
