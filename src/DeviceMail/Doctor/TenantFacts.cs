using System.Text.Json.Serialization;

namespace DeviceMail.Doctor;

/// <summary>How far a set-up is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TenantStage>))]
public enum TenantStage
{
    /// <summary>The administrator is at Microsoft's page.</summary>
    SigningIn,

    /// <summary>The organisation is being read.</summary>
    Looking,

    /// <summary>What would be done is known, and waits for a yes.</summary>
    Preview,

    Applying,

    /// <summary>All is as it shall be, because it was made or because it was so before.</summary>
    Done,

    /// <summary>It ended before that: refused, cancelled, or out of time.</summary>
    Ended,
}

/// <summary>One step as people see it.</summary>
/// <param name="Key">Its stable name.</param>
/// <param name="Name">What it is about.</param>
/// <param name="Is">What is there.</param>
/// <param name="Would">What would be made or added; empty: nothing.</param>
public sealed record TenantStepFacts(string Key, string Name, string Is, string Would)
{
    public bool IsDone { get; init; }
}

/// <summary>A set-up as page, command line and JSON show it. Holds no token.</summary>
public sealed record TenantFacts(string Id, TenantRequest Request)
{
    public TenantStage Stage { get; init; }

    /// <summary>When it ends by itself.</summary>
    public DateTimeOffset Until { get; init; }

    public string UserCode { get; init; } = "";

    public string VerificationAddress { get; init; } = "";

    /// <summary>What the administrator's browser opens; empty: no browser is waited for.</summary>
    public string SignInAddress { get; init; } = "";

    public DateTimeOffset? CodeUntil { get; init; }

    /// <summary>The administrator; empty: nobody signed in yet, or the service did not say who.</summary>
    public string SignedInAs { get; init; } = "";

    /// <summary>Directory (tenant) ID.</summary>
    public string TenantId { get; init; } = "";

    /// <summary>Application (client) ID; empty until there is one.</summary>
    public string ClientId { get; init; } = "";

    public IReadOnlyList<TenantStepFacts> Steps { get; init; } = [];

    /// <summary>What stands in the way of the mailbox today, and what will.</summary>
    public IReadOnlyList<DoctorLine> Lines { get; init; } = [];

    /// <summary>PowerShell for the switch of SMTP AUTH; empty: nothing is needed.</summary>
    public IReadOnlyList<string> Script { get; init; } = [];

    /// <summary>Why it ended; null unless <see cref="TenantStage.Ended"/>.</summary>
    public TenantObstacle? Obstacle { get; init; }

    public bool IsOver => Stage is TenantStage.Done or TenantStage.Ended;

    /// <summary>Whether anything is to be made; known from <see cref="TenantStage.Preview"/> on.</summary>
    public bool HasWork => Steps.Any(step => step.Would.Length > 0);

    /// <summary>Whether something was made.</summary>
    public bool HasDone => Steps.Any(step => step.IsDone);

    /// <summary>Changes whenever there is something else to show.</summary>
    internal string State => $"{Id} {Stage} {Steps.Count(step => step.IsDone)}";
}
