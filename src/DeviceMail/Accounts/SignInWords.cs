namespace DeviceMail.Accounts;

/// <summary>How a sign-in ended, in a sentence with its remedy.</summary>
public static class SignInWords
{
    public static string Of(SignInStep step) => step switch
    {
        SignInStep.Waiting or SignInStep.SlowDown => "Waiting for the person to finish at the provider's page.",
        SignInStep.SignedIn { As: var who } => $"Signed in as {who ?? "somebody"}.",
        SignInStep.Declined => "The person declined. Start again, and accept at the provider's page.",
        SignInStep.Expired => "The code has run out before anybody used it. Start again for a new one.",
        SignInStep.Blocked blocked => $"{blocked.Problem.Title}. {blocked.Problem.Cause} {blocked.Problem.Remedy}"
            + (blocked.Words.Length > 0 ? $" The provider said: {blocked.Words}" : ""),
        _ => throw new InvalidOperationException($"{step} is no step."),
    };
}
