using DeviceMail.Network;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeviceMail.Accounts;

namespace DeviceMail.Printing;

/// <summary>
/// Whom a printer must prove to be. Printers sign their own certificates: one that no authority vouches for is believed at first use, and from then on only
/// that one. A certificate that an authority vouches for is believed as elsewhere, and not kept.
/// </summary>
/// <param name="kept">SHA-256 of the certificate of the first use, in hexadecimal; null: there was none yet.</param>
internal sealed class CertificatePin(TrustedRoots roots, string host, string? kept)
{
    private readonly Lock _lock = new();

    /// <summary>What is to be kept after this use.</summary>
    public string? Kept { get; private set; } = kept;

    /// <summary>The certificate that was shown in place of the kept one; null: none was.</summary>
    public string? Other { get; private set; }

    public bool Accepts(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null) return false;
        var shown = certificate.GetCertHashString(HashAlgorithmName.SHA256);
        lock (_lock)
        {
            if (shown == Kept) return true;
            if (roots.For(host)(sender, certificate, chain, errors)) return true;
            if (Kept is not null)
            {
                Other = shown;
                return false;
            }
            Kept = shown;
            return true;
        }
    }
}
