namespace DeviceMail.Bench;

public enum Flow
{
    /// <summary>Accepted and on disk, never sent.</summary>
    Held,

    /// <summary>Accepted, and sent on to a sink until nothing is left.</summary>
    Relayed,
}

public enum Connections
{
    /// <summary>One for each message.</summary>
    New,

    /// <summary>Each session keeps its own.</summary>
    KeptOpen,
}

public enum SignIn
{
    None,

    /// <summary>AUTH PLAIN on every connection.</summary>
    Password,
}

/// <summary>One load that each server gets in each round.</summary>
public sealed record Case(string Title, int Sessions, int Octets)
{
    public Flow Flow { get; init; }

    public Connections Connections { get; init; }

    public SignIn SignIn { get; init; }

    /// <summary>So many for Postfix. The others get four times as many, so that their runs last as long and see the same disk.</summary>
    public required int Messages { get; init; }

    /// <summary>At least so many times Postfix.</summary>
    public double? OfPostfix { get; init; }

    /// <summary>At least this share of the same receiver without storage.</summary>
    public double? OfNoStorage { get; init; }

    public static IReadOnlyList<Case> All { get; } =
    [
        new("10 KB held, 1 session", 1, 10_240) { Messages = 600, OfPostfix = 2.5 },
        new("10 KB held, 10 sessions", 10, 10_240) { Messages = 1_500 },
        new("10 KB held, 50 sessions", 50, 10_240) { Messages = 2_000, OfPostfix = 6, OfNoStorage = 0.75 },
        new("10 KB held, 1 kept open", 1, 10_240) { Messages = 800, Connections = Connections.KeptOpen },
        new("10 KB held, 10 kept open", 10, 10_240) { Messages = 2_000, Connections = Connections.KeptOpen, OfPostfix = 5 },
        new("10 KB held, 50 kept open", 50, 10_240) { Messages = 2_000, Connections = Connections.KeptOpen },
        new("10 KB held, 10 sessions with AUTH", 10, 10_240) { Messages = 1_000, SignIn = SignIn.Password },
        new("5 MB held, 4 sessions", 4, 5_242_880) { Messages = 40, OfPostfix = 3 },
        new("10 KB relayed, 1 session", 1, 10_240) { Messages = 600, Flow = Flow.Relayed },
        new("10 KB relayed, 10 sessions", 10, 10_240) { Messages = 1_500, Flow = Flow.Relayed },
        new("10 KB relayed, 50 sessions", 50, 10_240) { Messages = 2_000, Flow = Flow.Relayed, OfPostfix = 5 },
    ];
}

/// <summary>User name and password of a device.</summary>
public sealed record Credentials(string User, string Password);

/// <summary>A server that takes mail on 127.0.0.1 until it is disposed of.</summary>
public interface IMailServer : IAsyncDisposable
{
    int Port { get; }

    /// <summary>What to sign in with, where a case asks for it.</summary>
    Credentials? Device { get; }
}
