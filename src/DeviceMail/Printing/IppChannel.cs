using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;

namespace DeviceMail.Printing;

/// <summary>What came back from a printer.</summary>
internal abstract record IppReply
{
    public sealed record Answered(IppMessage Message) : IppReply;

    /// <summary>Nothing that can be used; the sentence says why and what to do.</summary>
    public sealed record NoAnswer(string Sentence) : IppReply;
}

/// <summary>
/// Carries requests to one printer by HTTP (RFC 8010 4): answers of at most 1 MB, redirects not followed, no proxy, each request limited in time.
/// </summary>
internal sealed class IppChannel : IDisposable
{
    private const int MaxAnswerOctets = 1 << 20;
    private static readonly MediaTypeHeaderValue _type = new("application/ipp");

    private readonly PrinterAddress _address;
    private readonly CertificatePin _pin;
    private readonly TimeProvider _time;
    private readonly TimeSpan _limit;
    private readonly HttpClient _http;

    /// <param name="limit">How long one request may take.</param>
    public IppChannel(PrinterAddress address, CertificatePin pin, TimeProvider time, TimeSpan limit)
    {
        (_address, _pin, _time, _limit) = (address, pin, time, limit);
        var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = false };
        handler.SslOptions.RemoteCertificateValidationCallback = pin.Accepts;
        _http = new HttpClient(handler) { MaxResponseContentBufferSize = MaxAnswerOctets, Timeout = Timeout.InfiniteTimeSpan };
    }

    public void Dispose() => _http.Dispose();

    /// <param name="document">What follows the attributes; empty where nothing does.</param>
    public async Task<IppReply> AskAsync(IppMessage request, ReadOnlyMemory<byte> document, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var timer = _time.CreateTimer(_ => limit.Cancel(), null, _limit, Timeout.InfiniteTimeSpan);
        using var post = new HttpRequestMessage(HttpMethod.Post, _address.Http);
        post.Content = new ByteArrayContent([.. IppWriter.Write(request), .. document.Span]);
        post.Content.Headers.ContentType = _type;
        try
        {
            using var response = await _http.SendAsync(post, limit.Token);
            if (response.StatusCode != HttpStatusCode.OK) return new IppReply.NoAnswer(Explain(response));
            var octets = await response.Content.ReadAsByteArrayAsync(limit.Token);
            if (!IppReader.TryRead(octets, out var message, out var fault))
                return new IppReply.NoAnswer($"{_address.Host} gave an answer that is no IPP: {fault}. Check the address; most printers answer under /ipp/print.");
            return message.RequestId == request.RequestId
                ? new IppReply.Answered(message)
                : new IppReply.NoAnswer($"{_address.Host} answered another question than was asked. Switch the printer off and on.");
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or AuthenticationException || fault is OperationCanceledException && !cancel.IsCancellationRequested)
        {
            return new IppReply.NoAnswer(Explain(fault));
        }
    }

    private string Explain(HttpResponseMessage response) => response.StatusCode switch
    {
        >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest =>
            $"{_address.Host} sends us elsewhere, and that is not followed. Use the address at which the printer itself answers.",
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden =>
            $"{_address.Host} demands a password before it prints. Allow IPP printing without one for this gateway's address in the printer's own settings.",
        HttpStatusCode.NotFound => $"{_address.Host} has no printer at {_address.Ipp.AbsolutePath}. Most printers answer under /ipp/print.",
        HttpStatusCode.UpgradeRequired => $"{_address.Host} takes encrypted connections only. Write ipps:// in place of ipp://.",
        var status => $"{_address.Host} answered with HTTP {(int)status} where IPP was expected. Check the address; most printers answer under /ipp/print.",
    };

    private string Explain(Exception fault)
    {
        if (_pin.Other is { } other)
            return $"{_address.Host} shows another certificate than at first use (SHA-256 {other}). If the printer was replaced or reset, remove it and add it again: devicemail printers remove, devicemail printers add.";
        if (fault is OperationCanceledException) return $"{_address.Host} did not answer in {_limit.TotalSeconds:0} seconds. Switch the printer on, and check the address.";
        if (fault is HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded }) return $"{_address.Host} gave an answer of more than 1 MB, which no printer needs. Check the address.";
        if (fault is HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError }) return $"No machine goes by the name {_address.Host}. Check the name, or use the printer's IP address.";
        if (fault is HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }) return $"{_address.Host} does not speak TLS there. Write ipp:// in place of ipps://, or switch encrypted printing on at the printer.";
        return fault.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused }
            ? $"Nothing listens at {_address.Host}, port {_address.Http.Port}. Switch IPP printing on at the printer, and check the address."
            : $"{_address.Host} cannot be reached ({(fault.InnerException ?? fault).Message}). Check the network and the address.";
    }
}
