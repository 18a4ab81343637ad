namespace DeviceMail.Lab.Scanner;

public enum ScanJobState
{
    Processing,
    Completed,
    Canceled,
    Aborted,
}

/// <summary>One run of the scanner: a page of the glass, or what lies in the feeder.</summary>
public sealed class ScanJob(ScanTicket ticket, DateTimeOffset begun)
{
    public Guid Id { get; } = Guid.NewGuid();
    public ScanTicket Ticket => ticket;
    public DateTimeOffset Begun { get; } = begun;
    public ScanJobState State { get; internal set; }

    /// <summary>A keyword of the protocol, such as JobCompletedSuccessfully.</summary>
    public string Reason { get; internal set; } = "JobScanning";

    /// <summary>Pages that the client has got whole.</summary>
    public int Completed { get; internal set; }

    public string Path => $"/eSCL/ScanJobs/{Id}";

    /// <summary>Breaks off what is being sent.</summary>
    internal Action? Stop { get; set; }

    internal DateTimeOffset LastAsked { get; set; } = begun;

    /// <summary>The back of the feeder's first sheet is next.</summary>
    internal bool OnBack { get; set; }

    /// <summary>A page is on its way.</summary>
    internal bool IsSending { get; set; }

    internal int SheetsTakenBefore { get; init; }
    internal int Load { get; init; }

    internal void End(ScanJobState state, string reason)
    {
        if (State != ScanJobState.Processing)
            return;
        State = state;
        Reason = reason;
        IsSending = false;
        if (state != ScanJobState.Completed)
            Stop?.Invoke();
    }
}

/// <summary>What a request for a job came to.</summary>
public abstract record ScanJobOpening
{
    public sealed record Opened(ScanJob Job) : ScanJobOpening;

    /// <summary>503 with Retry-After.</summary>
    public sealed record Busy : ScanJobOpening;

    /// <summary>409: the feeder is empty, jammed or open, or the settings cannot be had.</summary>
    public sealed record Refused(string Why) : ScanJobOpening;
}

/// <summary>What a request for a page came to.</summary>
public abstract record ScanTurn
{
    /// <summary>Number counts the sides of a load of the feeder, or the pages of the glass; the text says which.</summary>
    public sealed record Page(int Number, string Text) : ScanTurn;

    /// <summary>404.</summary>
    public sealed record NoMore : ScanTurn;

    public sealed record Aborted : ScanTurn;
}
