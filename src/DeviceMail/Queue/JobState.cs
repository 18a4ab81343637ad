using System.Collections.Frozen;

namespace DeviceMail.Queue;

/// <summary>The states of a job. The numbers are on disk; Received and Sending are not: who was in them when the power went is Waiting again.</summary>
public enum JobState
{
    /// <summary>Its octets are coming; nothing is promised.</summary>
    Received = 0,

    /// <summary>Promised, and to be sent at its time.</summary>
    Waiting = 1,

    /// <summary>Account trouble; goes out by itself when the cause is gone. Never given up.</summary>
    Held = 2,

    Sent = 3,

    /// <summary>At least one recipient did not get it, and a notice says so.</summary>
    Failed = 4,

    Cancelled = 5,

    /// <summary>Claimed by a sender of this process.</summary>
    Sending = 6,
}

public enum JobEvent
{
    /// <summary>The commit that holds it returned.</summary>
    Promised,

    Claimed,

    /// <summary>All recipients have it.</summary>
    AllSent,

    /// <summary>At least one recipient is to be tried again.</summary>
    PutOff,

    /// <summary>The account cannot send.</summary>
    AccountTrouble,

    /// <summary>No recipient is left to try, and one did not get it.</summary>
    GivenUp,

    /// <summary>The account works again, or a person releases it.</summary>
    Released,

    CancelledByPerson,
}

/// <summary>The one table of what may follow what. What is not in it cannot happen to a job.</summary>
public static class JobStates
{
    public static FrozenDictionary<(JobState From, JobEvent Event), JobState> Table { get; } = new Dictionary<(JobState, JobEvent), JobState>
    {
        [(JobState.Received, JobEvent.Promised)] = JobState.Waiting,
        [(JobState.Waiting, JobEvent.Claimed)] = JobState.Sending,
        [(JobState.Waiting, JobEvent.AccountTrouble)] = JobState.Held,
        [(JobState.Waiting, JobEvent.CancelledByPerson)] = JobState.Cancelled,
        [(JobState.Sending, JobEvent.AllSent)] = JobState.Sent,
        [(JobState.Sending, JobEvent.PutOff)] = JobState.Waiting,
        [(JobState.Sending, JobEvent.AccountTrouble)] = JobState.Held,
        [(JobState.Sending, JobEvent.GivenUp)] = JobState.Failed,
        [(JobState.Held, JobEvent.Released)] = JobState.Waiting,
        [(JobState.Held, JobEvent.CancelledByPerson)] = JobState.Cancelled,
    }.ToFrozenDictionary();

    /// <summary>The state after the event, or null where the event is not for a job in that state.</summary>
    public static JobState? After(JobState from, JobEvent happened) => Table.TryGetValue((from, happened), out var next) ? next : null;

    public static bool IsFinished(JobState state) => state is JobState.Sent or JobState.Failed or JobState.Cancelled;
}
