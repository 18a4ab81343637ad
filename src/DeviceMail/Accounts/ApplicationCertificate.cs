using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeviceMail.Storage;

namespace DeviceMail.Accounts;

/// <summary>A certificate by which an application proves itself, and its key. The key is made here and never leaves.</summary>
internal static class ApplicationCertificate
{
    private const int KeyBits = 3072;

    /// <summary>Two years: the longest that Microsoft advises for a credential that nobody watches daily; its end is told weeks before.</summary>
    private static readonly TimeSpan _life = TimeSpan.FromDays(730);

    /// <returns>The certificate (PEM), and its key (PKCS #8, PEM).</returns>
    public static (string Certificate, Secret Key) Make(Account account, DateTimeOffset now)
    {
        using var key = RSA.Create(KeyBits);
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName($"DeviceMail {account.Address}"[..Math.Min(64, $"DeviceMail {account.Address}".Length)]);
        var request = new CertificateRequest(name.Build(), key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        // A provider whose clock is a little behind must not find it too young.
        using var certificate = request.CreateSelfSigned(now - TimeSpan.FromMinutes(10), now + _life);
        return (certificate.ExportCertificatePem() + "\n", new Secret(key.ExportPkcs8PrivateKeyPem()));
    }

    /// <summary>SHA-256 of the certificate, in capital hexadecimal digits.</summary>
    public static string Fingerprint(string pem)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        return certificate.GetCertHashString(HashAlgorithmName.SHA256);
    }

    public static DateTimeOffset EndOf(string pem)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        return certificate.NotAfter.ToUniversalTime();
    }
}
