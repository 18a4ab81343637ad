namespace DeviceMail.Messages;

/// <summary>
/// Who gets a message, and in whose name: what the SMTP dialogue says, which need not be what the header says. The recipients
/// of the envelope, and no others, get the mail.
/// </summary>
public sealed record Envelope
{
    /// <summary>The reverse path; null is the null sender of notices (RFC 5321 4.5.5).</summary>
    public required MailAddress? Sender { get; init; }

    public required IReadOnlyList<MailAddress> Recipients { get; init; }

    /// <summary>The account that will send it, chosen by the router before the body comes.</summary>
    public required long AccountId { get; init; }

    public required Origin Origin { get; init; }
}

/// <summary>Where a message came from; becomes its Received field (RFC 5321 4.4).</summary>
public sealed record Origin
{
    /// <summary>The device that handed it in, or null for the gateway's own notices.</summary>
    public long? DeviceId { get; init; }

    /// <summary>The peer's IP address as text; empty for the gateway's own notices.</summary>
    public string ClientAddress { get; init; } = "";

    /// <summary>What the peer called itself in HELO or EHLO.</summary>
    public string Greeting { get; init; } = "";

    /// <summary>"SMTP", "ESMTP", "ESMTPS", "ESMTPA", "ESMTPSA" (RFC 3848), or "local".</summary>
    public string Protocol { get; init; } = "local";
}
