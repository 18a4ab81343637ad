using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeviceMail.Storage;

namespace DeviceMail.Accounts;

/// <summary>Which servers are believed: the system's authorities, and the PEM files in the data folder's trusted-roots. The name must always match.</summary>
public sealed class TrustedRoots(DataFolder folder)
{
    /// <summary>Certificate Validation: Disable. The page warns of it.</summary>
    public static readonly RemoteCertificateValidationCallback Anybody = AcceptsAnybody;

    public RemoteCertificateValidationCallback For(string host) => (_, certificate, sent, errors) =>
        errors == SslPolicyErrors.None || errors == SslPolicyErrors.RemoteCertificateChainErrors && Accepts(certificate, sent, host);

    private bool Accepts(X509Certificate? certificate, X509Chain? sent, string host)
    {
        if (certificate is null) return false;
        using var leaf = new X509Certificate2(certificate);
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.CustomTrustStore.AddRange(Own());
        // Between the server's certificate and our authority others may stand; the server sends them.
        if (sent is not null) foreach (var element in sent.ChainElements) chain.ChainPolicy.ExtraStore.Add(element.Certificate);
        return leaf.MatchesHostname(host) && chain.Build(leaf);
    }

    private X509Certificate2Collection Own()
    {
        var roots = new X509Certificate2Collection();
        foreach (var file in Directory.EnumerateFiles(folder.TrustedRoots, "*.pem"))
        {
            try
            {
                roots.ImportFromPemFile(file);
            }
            catch (CryptographicException)
            {
                // A file that is no certificate vouches for nobody; the connection test names it.
            }
        }
        return roots;
    }

    private static bool AcceptsAnybody(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) => certificate is not null;
}
