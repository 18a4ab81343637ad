using System.Net;
using System.Security.Authentication;
using DeviceMail.Settings;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace DeviceMail.Receiving;

/// <summary>Takes connections on one address and gives each a session. The outermost edge: a fault of one session ends that one alone.</summary>
public sealed partial class SmtpListener(TlsMode tls, ReceivingParts parts, ILogger log)
{
    public async Task OnConnectedAsync(ConnectionContext connection)
    {
        var peer = (connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
        if (peer.IsIPv4MappedToIPv6) peer = peer.MapToIPv4();
        var wire = new SmtpWire(connection.Transport, parts.Time);
        if (!parts.Limits.TryEnter(peer, parts.Devices.ByAddress(peer) is null ? PeerKind.Unknown : PeerKind.Known))
        {
            await wire.SendAsync(SmtpAnswers.TooManyConnections);
            return;
        }
        var session = new SmtpSession(wire, peer, tls, parts, log) { Abort = connection.Abort };
        parts.Limits.Watched(session);
        using var stop = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested.Register(session.Stop);
        try
        {
            await session.RunAsync(connection.ConnectionClosed);
        }
        catch (Exception end) when (end is IOException or ConnectionResetException or ConnectionAbortedException or OperationCanceledException)
        {
            LogLeft(peer);
        }
        catch (AuthenticationException fault)
        {
            LogNoTls(peer, fault.Message);
        }
        catch (Exception fault)
        {
            LogBug(peer, fault);
            await wire.SendAsync(SmtpAnswers.LocalFault);
        }
        finally
        {
            parts.Limits.Unwatched(session);
            parts.Limits.Leave(peer);
            if (wire.Tls is not null) await wire.Tls.DisposeAsync();
        }
    }

    [LoggerMessage(LogLevel.Debug, "{Peer} left without a word")]
    private partial void LogLeft(IPAddress peer);

    [LoggerMessage(LogLevel.Information, "{Peer}: no TLS came about ({Reason}). An old device may need the habit old-tls")]
    private partial void LogNoTls(IPAddress peer, string reason);

    [LoggerMessage(LogLevel.Error, "The session with {Peer} met a fault of the gateway itself")]
    private partial void LogBug(IPAddress peer, Exception fault);
}
