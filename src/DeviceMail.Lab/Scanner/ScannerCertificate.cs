using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace DeviceMail.Lab.Scanner;

/// <summary>The certificate that the scanner made itself, as devices do when they are unpacked; made when it is first asked for.</summary>
public sealed class ScannerCertificate(TimeProvider time) : IDisposable
{
    private readonly Lock _gate = new();

    // Connections that are under way go on with the one they began with, so that earlier ones live on until the end.
    private readonly List<X509Certificate2> _made = [];

    public X509Certificate2 Current
    {
        get
        {
            lock (_gate)
            {
                if (_made.Count == 0)
                    _made.Add(Make());
                return _made[^1];
            }
        }
    }

    /// <summary>As after a reset, or as when somebody else answers at this address.</summary>
    public void Renew()
    {
        lock (_gate)
            _made.Add(Make());
    }

    public void Dispose()
    {
        foreach (var certificate in _made)
            certificate.Dispose();
    }

    private X509Certificate2 Make()
    {
        // TLS stacks judge validity by the machine's clock, which a test's clock may be far away from.
        var now = time.GetUtcNow() < TimeProvider.System.GetUtcNow() ? time.GetUtcNow() : TimeProvider.System.GetUtcNow();
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=PRETEND scanner", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.CreateSelfSigned(now.AddDays(-2), now.AddYears(10));
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }
}
