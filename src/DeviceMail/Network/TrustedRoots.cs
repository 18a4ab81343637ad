using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DeviceMail.Network;

/// <summary>
/// Which servers are believed: those that an authority in use vouches for. These are the root certificates (the system's, or a file's that takes their
/// place) and the CA certificates of the administrator's own. The name must always match. Every new connection asks anew, so a change counts at once.
/// </summary>
public sealed class TrustedRoots(CaCertificates own, RootCertificates roots)
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";

    /// <summary>Raised after an authority came or went.</summary>
    public event Action? Changed
    {
        add
        {
            own.Changed += value;
            roots.Changed += value;
        }
        remove
        {
            own.Changed -= value;
            roots.Changed -= value;
        }
    }

    /// <summary>Certificate Validation: Disable. The page warns of it.</summary>
    public static readonly RemoteCertificateValidationCallback Anybody = AcceptsAnybody;

    public RemoteCertificateValidationCallback For(string host) => (_, certificate, sent, errors) =>
    {
        var file = roots.FromFile;
        if (file is null && errors == SslPolicyErrors.None) return true;
        return (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == 0 && Accepts(certificate, sent, new Vouching(host, [.. file ?? [], .. own.Certificates]));
    };

    private static bool Accepts(X509Certificate? certificate, X509Chain? sent, Vouching by)
    {
        if (certificate is null) return false;
        using var leaf = new X509Certificate2(certificate);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(ServerAuthentication));
        chain.ChainPolicy.CustomTrustStore.AddRange(by.Authorities);
        // Between the server's certificate and our authority others may stand; the server sends them.
        if (sent is not null)
        {
            chain.ChainPolicy.ExtraStore.AddRange(sent.ChainPolicy.ExtraStore);
            foreach (var element in sent.ChainElements) chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        }
        return leaf.MatchesHostname(by.Host) && chain.Build(leaf);
    }

    private static bool AcceptsAnybody(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => certificate is not null;

    private sealed record Vouching(string Host, X509Certificate2[] Authorities);
}
