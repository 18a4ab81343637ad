using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace DeviceMail.Network;

/// <summary>One certificate, as pages and the command line show it.</summary>
/// <param name="Fingerprint">SHA-256 in hexadecimal; its name in forms.</param>
/// <param name="Subject">Whom it is about.</param>
/// <param name="Issuer">Who vouches for it.</param>
/// <param name="From">The first moment at which it holds.</param>
/// <param name="Until">The last one.</param>
public sealed record CertificateLine(string Fingerprint, string Subject, string Issuer, DateTimeOffset From, DateTimeOffset Until)
{
    public bool IsRoot => Subject == Issuer;

    /// <summary>The fingerprint in pairs, as other programs print it.</summary>
    public string FingerprintInPairs => string.Join(':', Fingerprint.Chunk(2).Select(pair => new string(pair)));

    public static CertificateLine Of(X509Certificate2 certificate) => new(FingerprintOf(certificate), NameOf(certificate.SubjectName), NameOf(certificate.IssuerName),
        new DateTimeOffset(certificate.NotBefore.ToUniversalTime()), new DateTimeOffset(certificate.NotAfter.ToUniversalTime()));

    public static string FingerprintOf(X509Certificate2 certificate) => Convert.ToHexString(SHA256.HashData(certificate.RawDataMemory.Span));

    private static string NameOf(X500DistinguishedName name) => name.Format(multiLine: false);
}

/// <summary>What a file with certificates holds.</summary>
public abstract record CertificateFile
{
    public sealed record Read(IReadOnlyList<X509Certificate2> Certificates) : CertificateFile;

    /// <summary>Says what the file is instead, and what is needed.</summary>
    public sealed record Refused(string Sentence) : CertificateFile;

    private const string Begin = "-----BEGIN CERTIFICATE-----";

    /// <summary>Reads PEM (RFC 7468; any number of certificates) or DER (one).</summary>
    /// <param name="octets">The file.</param>
    /// <param name="most">The most certificates that are taken.</param>
    public static CertificateFile Parse(byte[] octets, int most)
    {
        if (octets.Length == 0) return new Refused("The file is empty. Choose the file with the certificate, or paste its text.");
        var text = Encoding.UTF8.GetString(octets);
        if (text.Contains("PRIVATE KEY-----", StringComparison.Ordinal))
            return new Refused("The file holds a private key. Nobody but the owner of the key may have it: export the certificate alone.");
        try
        {
            X509Certificate2Collection found = [];
            if (text.Contains(Begin, StringComparison.Ordinal)) found.ImportFromPem(text);
            else if (text.Contains("-----BEGIN ", StringComparison.Ordinal)) return new Refused(NoCertificate);
            else if (KindOf(octets) is { } other) return new Refused(other);
            else found.Add(X509CertificateLoader.LoadCertificate(octets));
            if (found.Count > most) return new Refused($"The file holds {found.Count} certificates; here {most} are taken at most. Import only those you need.");
            return found.Count == 0 ? new Refused(NoCertificate) : new Read([.. found]);
        }
        catch (CryptographicException)
        {
            return new Refused(NoCertificate);
        }
    }

    private const string NoCertificate =
        "This is no certificate. It must be PEM, a text that begins with -----BEGIN CERTIFICATE-----, or DER, usually a file .cer or .crt.";

    /// <summary>A sentence about a container that holds more than certificates, or null.</summary>
    private static string? KindOf(byte[] octets)
    {
        try
        {
            return X509Certificate2.GetCertContentType(octets) switch
            {
                X509ContentType.Pkcs12 => "This file (PFX, PKCS #12) can hold a private key. Export the certificate alone, as PEM or DER.",
                X509ContentType.Pkcs7 => "This file is a PKCS #7 container (.p7b). Export the certificates as PEM instead.",
                _ => null,
            };
        }
        catch (CryptographicException)
        {
            return NoCertificate;
        }
    }
}
