using System.Net.Security;
using System.Security.Authentication;
using DeviceMail.Devices;
using DeviceMail.Web;

namespace DeviceMail.Receiving;

/// <summary>
/// Which TLS a device gets: 1.2 and newer, or, for a device that is allowed to by its address, 1.0 and 1.1 as well. It must be by address, because TLS
/// comes before signing in.
/// </summary>
public sealed class TlsChoice
{
    private readonly SslServerAuthenticationOptions _modern;
    private readonly Lazy<SslServerAuthenticationOptions> _old;

    public TlsChoice(ServerCertificate certificate)
    {
        var context = SslStreamCertificateContext.Create(certificate.Certificate, certificate.Chain, offline: true);
        _modern = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = context,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AllowRenegotiation = false,
        };
        _old = new Lazy<SslServerAuthenticationOptions>(() => Old(context));
    }

    public SslServerAuthenticationOptions For(Device? byAddress) => byAddress?.Habits.HasFlag(Habits.OldTls) == true ? _old.Value : _modern;

    /// <summary>
    /// OpenSSL lets TLS 1.0 through only at its lowest security level, which AllowNoEncryption sets; the explicit list of suites then keeps out the
    /// ones without encryption that come with it.
    /// </summary>
    private static SslServerAuthenticationOptions Old(SslStreamCertificateContext context)
    {
#pragma warning disable CA5397, SYSLIB0039, SYSLIB0040, CA5398, CA1416 // Wanted: devices that know nothing newer, one by one, on Linux.
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = context,
            EnabledSslProtocols = SslProtocols.Tls | SslProtocols.Tls11 | SslProtocols.Tls12 | SslProtocols.Tls13,
            EncryptionPolicy = EncryptionPolicy.AllowNoEncryption,
            AllowRenegotiation = false,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.CipherSuitesPolicy = new CipherSuitesPolicy(
            [
                TlsCipherSuite.TLS_AES_256_GCM_SHA384, TlsCipherSuite.TLS_AES_128_GCM_SHA256, TlsCipherSuite.TLS_CHACHA20_POLY1305_SHA256,
                TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
                TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA, TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA,
                TlsCipherSuite.TLS_RSA_WITH_AES_256_CBC_SHA, TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA,
            ]);
        }
#pragma warning restore CA5397, SYSLIB0039, SYSLIB0040, CA5398, CA1416
        return options;
    }
}
