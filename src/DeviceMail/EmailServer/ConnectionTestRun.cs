using System.Collections.Immutable;
using DeviceMail.Accounts;
using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.EmailServer;

/// <summary>What is tested: settings as they stand in the fields, saved or not.</summary>
/// <param name="Account">The settings to test.</param>
/// <param name="Saved">The account as it is saved; null for a new one.</param>
public sealed record ConnectionTestSubject(Account Account, Account? Saved)
{
    /// <summary>A password that was typed for this test; null: none was.</summary>
    public Secret? TypedPassword { get; init; }

    /// <summary>Where a test mail is sent; null: nothing is sent.</summary>
    public MailAddress? MailTo { get; init; }

    public bool IsSaved => Account == Saved;

    /// <summary>Whether a stored secret may be shown to what is tested: only to the very addresses that it was stored for.</summary>
    public bool MayUseStoredSecrets => Saved is not null && Saved.Id == Account.Id && SecretNames.Endpoint(Saved) == SecretNames.Endpoint(Account);
}

/// <summary>One run of a connection test, while it goes on and after.</summary>
public sealed class ConnectionTestRun(string id, ConnectionTestSubject subject, IReadOnlyList<ConnectionTestStep> plan)
{
    private ImmutableArray<ConnectionTestStep> _steps = [.. plan];

    public string Id => id;

    public ConnectionTestSubject Subject { get; private set; } = subject;

    /// <summary>All steps in their order; those not reached are off.</summary>
    public IReadOnlyList<ConnectionTestStep> Steps => _steps;

    public bool IsFinished { get; private set; }

    /// <summary>Whether mail goes by Microsoft Graph where the other interface failed.</summary>
    public bool GoesByGraph => Steps.Any(step => step.Mark == "bad") && Steps.Any(step => step is { Key: "graph", Mark: "ok" }) && Steps.All(step => step is not { Key: "token", Mark: "bad" });

    public bool Passed => IsFinished && (Steps.All(step => step.Mark != "bad") || GoesByGraph);

    /// <summary>Changes with every step: what the live part compares.</summary>
    public string State => $"{Steps.Count(step => step.Mark != "off")} {IsFinished}";

    internal void Report(ConnectionTestStep step) =>
        ImmutableInterlocked.Update(ref _steps, steps => [.. steps.Select(one => one.Key == step.Key ? step : one)]);

    /// <summary>Ends the run; a password that was typed for it is forgotten.</summary>
    internal void Finish()
    {
        ImmutableInterlocked.Update(ref _steps, steps => [.. steps.Select(one => one.Mark == "work" ? one with { Mark = "off" } : one)]);
        Subject = Subject with { TypedPassword = null };
        IsFinished = true;
    }
}
