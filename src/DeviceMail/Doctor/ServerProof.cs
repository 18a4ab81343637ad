using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using DeviceMail.Network;
using DeviceMail.Accounts;
using DeviceMail.Web;

namespace DeviceMail.Doctor;

/// <summary>The certificate that a server showed, and whether it is believed.</summary>
/// <param name="Host">The name it was asked by.</param>
internal sealed record ServerProof(string Host)
{
    public required DateTimeOffset From { get; init; }

    public required DateTimeOffset Until { get; init; }

    public required string Issuer { get; init; }

    /// <summary>The last authority of the chain as far as it could be built.</summary>
    public required string Root { get; init; }

    /// <summary>Whether the system's authorities vouch for it; otherwise those of the folder trusted-roots, or nobody.</summary>
    public required bool IsKnownToSystem { get; init; }

    public required bool HasOtherName { get; init; }

    public required bool IsBelieved { get; init; }

    /// <summary>A callback that lets every server through, so that it can be looked at: nothing secret may be said on such a connection.</summary>
    public static RemoteCertificateValidationCallback Watch(string host, TrustedRoots roots, Action<ServerProof> seen) => (sender, certificate, chain, errors) =>
    {
        if (certificate is null) return false;
        var isBelieved = roots.For(host)(sender, certificate, chain, errors);
        using var shown = new X509Certificate2(certificate);
        var last = chain is { ChainElements.Count: > 0 } ? chain.ChainElements[^1].Certificate : shown;
        seen(new ServerProof(host)
        {
            From = new DateTimeOffset(shown.NotBefore),
            Until = new DateTimeOffset(shown.NotAfter),
            Issuer = shown.GetNameInfo(X509NameType.SimpleName, forIssuer: true),
            Root = last.GetNameInfo(X509NameType.SimpleName, last.Subject != last.Issuer),
            IsKnownToSystem = errors == SslPolicyErrors.None,
            HasOtherName = errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch),
            IsBelieved = isBelieved,
        });
        return true;
    };

    /// <param name="protocol">Such as TLS 1.3.</param>
    /// <param name="now">By the gateway's clock.</param>
    public DoctorLine ToLine(string protocol, DateTimeOffset now)
    {
        var by = IsKnownToSystem ? "which this system knows" : "which stands in the gateway's folder trusted-roots";
        if (IsBelieved) return DoctorLine.Passed($"{Host} speaks {protocol}; its certificate is good until {Words.Date(Until)}, by {Root}, {by}.");
        var words = $"Issuer: {Issuer}\nAuthority: {Root}\nGood from {Words.Date(From)} to {Words.Date(Until)}";
        if (Until <= now) return DoctorLine.Failed($"The certificate of {Host} ended on {Words.Date(Until)}.", "Who runs that server renews it. Or the gateway's clock is wrong: see “clock”.", words);
        if (From > now) return DoctorLine.Failed($"The certificate of {Host} begins on {Words.Date(From)} only.", "The machine's administrator sets the gateway's clock: see “clock”.", words);
        if (HasOtherName)
            return DoctorLine.Failed($"The certificate is not made out to {Host}: this may be another server.", "The gateway's administrator corrects the server's address, or the network's administrator looks for what answers in its place.", words);
        return DoctorLine.Failed($"{Host} is vouched for by {Root}, an authority that this gateway does not know.",
            "A firewall that looks into TLS does this. The network's administrator exempts this host from it, or the gateway's administrator puts that authority's certificate as a .pem file into the folder trusted-roots, if it is the organisation's own.",
            words);
    }
}
