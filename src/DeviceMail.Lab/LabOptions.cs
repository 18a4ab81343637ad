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

    /// <summary>Where the pretend scanner speaks eSCL with TLS too, and a certificate that nobody vouches for: 0 takes any free port, null is without.</summary>
    public int? ScannerHttpsPort { get; init; }

    /// <summary>The pretend scanner tells the network of itself by mDNS. Never in a demo: it would turn up in other people's lists.</summary>
    public bool Announces { get; init; }

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>SMTP address of the gateway that the pretend printer scans to; it can also be set later, on the printer.</summary>
    public IPEndPoint? Printer { get; init; }
}
