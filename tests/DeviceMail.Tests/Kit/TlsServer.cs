using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace DeviceMail.Tests.Kit;

/// <summary>An SMTP server with TLS from the first octet, which shows the certificate it is given, greets, and answers 250 to everything.</summary>
public sealed class TlsServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly X509Certificate2 _certificate;
    private readonly Task _serving;

    public TlsServer(X509Certificate2 certificate)
    {
        _certificate = certificate;
        _listener.Start();
        _serving = ServeAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving;
        _stop.Dispose();
    }

    private async Task ServeAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                await using var tls = new SslStream(client.GetStream());
                await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
                using var reader = new StreamReader(tls);
                await tls.WriteAsync("220 server.test ESMTP\r\n"u8.ToArray(), _stop.Token);
                while (await reader.ReadLineAsync(_stop.Token) is { } line)
                {
                    await tls.WriteAsync(line == "QUIT" ? "221 bye\r\n"u8.ToArray() : "250 ok\r\n"u8.ToArray(), _stop.Token);
                    if (line == "QUIT") break;
                }
            }
            catch (Exception end) when (end is IOException or AuthenticationException or OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The client did not like the certificate, or the test ends.
            }
        }
    }
}
