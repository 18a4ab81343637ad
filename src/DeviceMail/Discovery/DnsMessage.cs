using System.Net;

namespace DeviceMail.Discovery;

internal enum DnsType : ushort
{
    A = 1,
    Ptr = 12,
    Txt = 16,
    Aaaa = 28,
    Srv = 33,
}

/// <summary>A record that tells something of a service; what its type has no use for is empty.</summary>
internal sealed record DnsRecord(DnsName Name, DnsType Type)
{
    /// <summary>Of PTR and SRV.</summary>
    public DnsName? Target { get; init; }

    /// <summary>Of SRV.</summary>
    public int Port { get; init; }

    /// <summary>Of A and AAAA.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Of TXT: key=value each, or a key alone.</summary>
    public IReadOnlyList<string> Strings { get; init; } = [];
}

/// <param name="Name">What is asked for.</param>
internal sealed record DnsQuestion(DnsName Name, DnsType Type);

/// <param name="Id">Of the question that it answers; mDNS has 0 too.</param>
/// <param name="Records">Answers and what came with them; types that we do not read, and records that are withdrawn, are left out.</param>
internal sealed record DnsMessage(ushort Id, IReadOnlyList<DnsRecord> Records);
