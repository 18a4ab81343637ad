using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DeviceMail.Lab.Entra;

/// <summary>The certificates of the registration, found by the thumbprint that an assertion names.</summary>
public sealed class ClientCertificates
{
    private readonly ConcurrentDictionary<string, X509Certificate2> _byThumbprint = new(StringComparer.Ordinal);

    public IReadOnlyList<X509Certificate2> All =>
        [.. _byThumbprint.Values.Distinct().OrderBy(certificate => certificate.Thumbprint, StringComparer.Ordinal)];

    /// <summary>Returns the SHA-1 thumbprint, which is what Entra's page shows.</summary>
    public string Add(string pem)
    {
        var certificate = X509Certificate2.CreateFromPem(pem);
        using (var key = certificate.GetRSAPublicKey())
        {
            if (key is null)
                throw new CryptographicException("The certificate has no RSA key.");
        }

        _byThumbprint[Base64Url.EncodeToString(certificate.GetCertHash())] = certificate;
        _byThumbprint[Base64Url.EncodeToString(certificate.GetCertHash(HashAlgorithmName.SHA256))] = certificate;
        return certificate.Thumbprint;
    }

    /// <param name="thumbprint">SHA-1 or SHA-256 in base64url, as x5t and x5t#S256 hold it.</param>
    public X509Certificate2? Find(string thumbprint) => _byThumbprint.GetValueOrDefault(thumbprint);
}
