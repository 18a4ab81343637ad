using System.Text.Json.Serialization;
using DeviceMail.Accounts;
using DeviceMail.Activity;

namespace DeviceMail.EmailServer;

/// <summary>Whether mail goes out, for pages and the command line alike.</summary>
public sealed record GatewayStatus
{
    public required string Gateway { get; init; }

    public required string Version { get; init; }

    public required bool IsClaimed { get; init; }

    public required IReadOnlyList<AccountLine> Accounts { get; init; }

    public required JobFigures Jobs { get; init; }

    public required int DevicesAllowed { get; init; }

    public required int DevicesWaiting { get; init; }

    /// <summary>When this was so.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>When the last mail reached its server; null: none that Job Status remembers.</summary>
    public DateTimeOffset? LastSent { get; init; }

    /// <summary>The last mail did not go out when it was tried; null: it did, or none was tried.</summary>
    public SetbackLine? Setback { get; init; }

    /// <summary>Why no mail can be promised, or null.</summary>
    public string? DiskTrouble { get; init; }

    /// <summary>What needs a person, in sentences: the lines that Web Config shows above every page.</summary>
    public IReadOnlyList<string> NeedsPerson { get; init; } = [];
}

public sealed record JobFigures(long Waiting, long Held, long Sent, long Failed);

/// <summary>How one account stands.</summary>
public sealed record AccountLine(long Id, string Address, string Service)
{
    /// <summary>ok, warn, bad, held, work or off: the mark of the status line.</summary>
    public required string Mark { get; init; }

    /// <summary>Current Status in the guide's words.</summary>
    public required string Status { get; init; }

    public DateTimeOffset? SignedInSince { get; init; }

    public DateTimeOffset? LastRefreshed { get; init; }

    public DateTimeOffset? PredictedEnd { get; init; }

    /// <summary>Why it will end then; empty where no end is known.</summary>
    public string PredictedEndReason { get; init; } = "";

    public required long InLine { get; init; }

    public required long Held { get; init; }

    /// <summary>What stands in the way of its mail, or null.</summary>
    public ProblemLine? Problem { get; init; }

    /// <summary>How much of its provider's allowance it uses.</summary>
    public BudgetLine? Budget { get; init; }
}

/// <summary>An account's use of its budget beside its limits; a limit of 0 is none.</summary>
public sealed record BudgetLine(int Connections, int MostConnections)
{
    public required int MessagesThisMinute { get; init; }

    public required int MostMessages { get; init; }

    /// <summary>In the last 24 hours.</summary>
    public required int RecipientsToday { get; init; }

    public required int MostRecipients { get; init; }

    public static BudgetLine Of(Budget limits, BudgetUse use) => new(use.Connections, limits.Connections)
    {
        MessagesThisMinute = use.MessagesThisMinute,
        MostMessages = limits.MessagesPerMinute,
        RecipientsToday = use.RecipientsToday,
        MostRecipients = limits.RecipientsPerDay,
    };
}

/// <summary>A mail that failed, or was put off, with none going out after it.</summary>
/// <param name="Account">The address that sends it.</param>
/// <param name="NextTryAt">When it is tried again; null: it is not, it failed.</param>
public sealed record SetbackLine(string Account, ProblemLine Problem, DateTimeOffset? NextTryAt);

/// <summary>A problem of the catalogue with what the server said about it.</summary>
public sealed record ProblemLine(string Key, int? Code, string Title, string Cause, string Remedy)
{
    public string ServerWords { get; init; } = "";

    public bool SignInHelps { get; init; }

    public static ProblemLine Of(Problem problem, string serverWords, string mailbox) =>
        new(problem.Key, problem.Code, problem.Title, problem.Cause, problem.RemedyFor(mailbox)) { ServerWords = serverWords, SignInHelps = problem.SignInHelps };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(GatewayStatus))]
internal sealed partial class EmailServerJson : JsonSerializerContext;
