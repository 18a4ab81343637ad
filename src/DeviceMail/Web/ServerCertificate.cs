using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeviceMail.Storage;

namespace DeviceMail.Web;

/// <summary>
/// The gateway's own key and certificate, for Web Config and for devices. Made at first start; replaced by putting server.pem and server.key into the
/// folder tls. RSA, because old devices know nothing else.
/// </summary>
public sealed class ServerCertificate
{
    /// <exception cref="StartRefusedException">The files are there but are no certificate with its key.</exception>
    public ServerCertificate(DataFolder folder, TimeProvider time)
    {
        var (pem, key) = (Path.Combine(folder.Tls, "server.pem"), Path.Combine(folder.Tls, "server.key"));
        try
        {
            if (!File.Exists(pem) && !File.Exists(key)) Make(pem, key, time.GetUtcNow());
            Certificate = X509Certificate2.CreateFromPemFile(pem, key);
            Chain.ImportFromPemFile(pem);
            Chain.RemoveAt(0);
        }
        catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new StartRefusedException($"The certificate {pem} with its key {key} cannot be used ({fault.Message}). Put a matching pair there, or remove both and a new pair is made.");
        }
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>What stands in server.pem behind the certificate: the authorities between it and a root that clients know.</summary>
    public X509Certificate2Collection Chain { get; } = [];

    /// <summary>SHA-256 over the certificate, in pairs, as browsers show it.</summary>
    public string Fingerprint => string.Join(':', Certificate.GetCertHash(HashAlgorithmName.SHA256).Select(octet => octet.ToString("X2")));

    private static void Make(string pem, string key, DateTimeOffset now)
    {
        using var rsa = RSA.Create(2048);
        var name = Environment.MachineName.ToLowerInvariant();
        var request = new CertificateRequest($"CN={name}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        if (name != "localhost") names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        using var made = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        DurableFile.Replace(key, System.Text.Encoding.ASCII.GetBytes(rsa.ExportPkcs8PrivateKeyPem()));
        DurableFile.Replace(pem, System.Text.Encoding.ASCII.GetBytes(made.ExportCertificatePem()));
    }
}
