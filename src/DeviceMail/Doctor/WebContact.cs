using System.Net.Security;
using System.Security.Authentication;
using DeviceMail.Network;
using DeviceMail.Accounts;

namespace DeviceMail.Doctor;

/// <summary>What an answer of a web server told beside its content.</summary>
/// <param name="Status">HTTP status.</param>
/// <param name="Ahead">By how much this gateway's clock is ahead of the server's; null: the server told no date.</param>
/// <param name="Proof">Null where no TLS is spoken.</param>
internal sealed record WebAnswer(int Status, TimeSpan? Ahead, ServerProof? Proof);

/// <summary>Asks a web server for nothing but an answer: its certificate and its clock are what counts. No secret is ever said here.</summary>
internal static class WebContact
{
    /// <exception cref="HttpRequestException">There was no answer.</exception>
    public static async Task<WebAnswer> AskAsync(Uri address, Outside outside, TimeProvider time, CancellationToken cancel)
    {
        ServerProof? proof = null;
        using var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            Proxy = outside.Way.Proxy,
            ConnectCallback = async (asked, limit) => await outside.Way.OpenAsync(asked.DnsEndPoint.Host, asked.DnsEndPoint.Port, limit),
        };
        handler.SslOptions = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = ServerProof.Watch(address.Host, outside.Roots, seen => proof = seen),
            EnabledSslProtocols = SslProtocols.None,
        };
        using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        var before = time.GetUtcNow();
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
        var middle = before + (time.GetUtcNow() - before) / 2;
        return new WebAnswer((int)answer.StatusCode, answer.Headers.Date is { } theirs ? middle - theirs : null, proof);
    }
}
