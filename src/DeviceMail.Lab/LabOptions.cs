using System.Net;

namespace DeviceMail.Lab;

/// <summary>Where the pretend Microsoft 365 listens and whose clock it keeps.</summary>
public sealed record LabOptions
{
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>0 takes any free port.</summary>
    public int WebPort { get; init; }

    /// <summary>0 takes any free port.</summary>
    public int SmtpPort { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>SMTP address of the gateway that the pretend printer scans to; it can also be set later, on the printer.</summary>
    public IPEndPoint? Printer { get; init; }
}
