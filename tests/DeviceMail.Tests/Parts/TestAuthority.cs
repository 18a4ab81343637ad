using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Parts;

/// <summary>
/// A certification authority of a test's own, and server certificates of it as PEM files: one that is right for localhost,
/// 127.0.0.1, 127.0.0.2, smtp.test and login.test, and three that must be refused.
/// </summary>
public sealed class TestAuthority : IDisposable
{
    private static readonly string[] OurNames = ["localhost", "smtp.test", "login.test"];

    private readonly Folder _folder = new();
    private readonly DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    public TestAuthority()
    {
        using var authority = Authority("Test CA");
        using var stranger = Authority("Somebody else's CA");
        File.WriteAllText(RootFile, authority.ExportCertificatePem());
        Good = Issue("server", authority, OurNames);
        WrongName = Issue("wrongname", authority, ["elsewhere.test"]);
        Rogue = Issue("rogue", stranger, OurNames);
        Expired = Issue("expired", authority, OurNames);
    }

    /// <summary>Holds ca.pem, server.pem and server.key, and so on.</summary>
    public string Path => _folder.Path;

    /// <summary>What a client must trust.</summary>
    public string RootFile => _folder.In("ca.pem");

    public string GoodFile => _folder.In("server.pem");

    public string GoodKeyFile => _folder.In("server.key");

    public X509Certificate2 Good { get; }

    /// <summary>For a host that nobody asked for.</summary>
    public X509Certificate2 WrongName { get; }

    public X509Certificate2 Expired { get; }

    /// <summary>From an authority that nobody trusts.</summary>
    public X509Certificate2 Rogue { get; }

    public void Dispose()
    {
        foreach (var certificate in (X509Certificate2[])[Good, WrongName, Expired, Rogue]) certificate.Dispose();
        _folder.Dispose();
    }

    private X509Certificate2 Authority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        return request.CreateSelfSigned(_now.AddDays(-30), _now.AddDays(30));
    }

    private X509Certificate2 Issue(string name, X509Certificate2 authority, string[] hosts)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, false));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.1")], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(authority, true, false));
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in hosts) names.AddDnsName(host);
        if (hosts == OurNames)
        {
            names.AddIpAddress(IPAddress.Loopback);
            names.AddIpAddress(IPAddress.Parse("127.0.0.2"));
        }
        request.CertificateExtensions.Add(names.Build());
        var end = name == "expired" ? _now.AddDays(-1) : _now.AddDays(20);
        using var signed = request.Create(authority, _now.AddDays(-20), end, RandomNumberGenerator.GetBytes(12));
        using var withKey = signed.CopyWithPrivateKey(key);
        File.WriteAllText(_folder.In($"{name}.pem"), withKey.ExportCertificatePem());
        File.WriteAllText(_folder.In($"{name}.key"), key.ExportPkcs8PrivateKeyPem());
        // By way of PKCS #12, so that every platform's TLS takes the key.
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }
}
