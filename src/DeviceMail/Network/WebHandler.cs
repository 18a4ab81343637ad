using System.Net.Security;
using System.Security.Authentication;

namespace DeviceMail.Network;

/// <summary>Questions by http to services outside: by the chosen way, on our trust, without redirects and cookies.</summary>
public static class WebHandler
{
    /// <param name="outside">The way and the trust.</param>
    /// <param name="kept">How long a connection may be used again; zero: each question has its own, so that a change of way or trust counts at once.</param>
    public static SocketsHttpHandler Create(Outside outside, TimeSpan kept)
    {
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, PooledConnectionLifetime = kept, Proxy = outside.Way.Proxy };
        handler.ConnectCallback = async (connection, cancel) => await outside.Way.OpenAsync(connection.DnsEndPoint.Host, connection.DnsEndPoint.Port, cancel);
        handler.SslOptions.RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
            outside.Roots.For((sender as SslStream)?.TargetHostName ?? "")(sender, certificate, chain, errors);
        handler.SslOptions.EnabledSslProtocols = SslProtocols.None;
        return handler;
    }
}
