using System.IO.Pipelines;
using DeviceMail.Messages;

namespace DeviceMail.Queue;

/// <summary>
/// Takes responsibility for a message (RFC 5321 6.1). <c>Accepted</c> means that it is on the disk: it survives a kill and a
/// power cut. The body comes with CRLF line ends and without dot-stuffing, and is read to its end. Cancelling forgets it.
/// </summary>
/// <exception cref="Storage.StorageFailedException">Nothing was promised; the sender must keep it (451, or 452 when the disk is full).</exception>
public delegate ValueTask<AcceptOutcome> AcceptMail(Envelope envelope, PipeReader body, CancellationToken cancel);

public abstract record AcceptOutcome
{
    /// <param name="JobId">The number under which Job Status shows it.</param>
    public sealed record Accepted(long JobId) : AcceptOutcome;

    /// <summary>The message as such cannot be taken; trying it again changes nothing.</summary>
    public sealed record Refused(MessageFault Why) : AcceptOutcome;
}

/// <summary>Whether the disk has room for a message of so many octets, asked before its data comes (452 4.3.1).</summary>
public delegate bool HasRoom(long octets);
