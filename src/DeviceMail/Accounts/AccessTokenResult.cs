using DeviceMail.Activity;
using DeviceMail.Storage;

namespace DeviceMail.Accounts;

/// <summary>The answer to "give me a token to send with".</summary>
public abstract record AccessTokenResult
{
    /// <param name="Token">The access token.</param>
    /// <param name="ExpiresAt">From then on it must not be used; a connection made with it dies with it.</param>
    public sealed record Ready(Secret Token, DateTimeOffset ExpiresAt) : AccessTokenResult;

    /// <summary>The provider could not be asked; the sign-in is as good as it was.</summary>
    public sealed record TryLater(Problem Problem, string ServerWords, TimeSpan After) : AccessTokenResult;

    /// <summary>Only a person can help; jobs are held.</summary>
    public sealed record Held(Problem Problem, string ServerWords) : AccessTokenResult
    {
        /// <summary>Whether it is about the interface that was asked for alone, and the sign-in may be good for another one.</summary>
        public bool IsTransports { get; init; }
    }
}
