using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Authentication;
using DeviceMail.Printing;

namespace DeviceMail.Scanning;

/// <summary>What came back from a scanner.</summary>
internal abstract record EsclReply
{
    /// <param name="Status">Of HTTP.</param>
    /// <param name="Body">Empty where a page is asked for.</param>
    public sealed record Answered(HttpStatusCode Status, byte[] Body) : EsclReply
    {
        /// <summary>As the scanner wrote it; null: it named none.</summary>
        public string? Location { get; init; }

        /// <summary>When it wants to be asked again; null: it does not say.</summary>
        public TimeSpan? RetryAfter { get; init; }
    }

    /// <summary>A page comes; whoever has this disposes of it.</summary>
    public sealed record Opened(HttpResponseMessage Response, Stream Page) : EsclReply;

    /// <summary>Nothing that can be used.</summary>
    public sealed record NoAnswer(ScanTrouble Trouble) : EsclReply;
}

/// <param name="Method">GET, POST or DELETE.</param>
/// <param name="At">Below the scanner's own address: it is made of that and a path.</param>
/// <param name="Limit">How long the answer may take; of a page, its beginning.</param>
internal sealed record EsclRequest(HttpMethod Method, Uri At, TimeSpan Limit)
{
    /// <summary>The request's XML; empty: none.</summary>
    public byte[] Body { get; init; } = [];
}

/// <summary>
/// Carries requests to one scanner by HTTP: always to the host and port that it was given, whatever an answer says; no redirects, no proxy, no cookies; answers of
/// at most 1 MB, apart from pages; each request limited in time.
/// </summary>
internal sealed class EsclChannel : IDisposable
{
    public const int MaxAnswerOctets = 1 << 20;

    private static readonly MediaTypeHeaderValue _xml = new("text/xml") { CharSet = "utf-8" };

    private readonly Scanner _scanner;
    private readonly CertificatePin _pin;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;

    public EsclChannel(Scanner scanner, CertificatePin pin, TimeProvider time)
    {
        (_scanner, _pin, _time) = (scanner, pin, time);
        var handler = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.Zero,
            ConnectCallback = ConnectOnceAsync,
            // A page that is given up is not read to its end.
            MaxResponseDrainSize = 0,
        };
        handler.SslOptions.RemoteCertificateValidationCallback = pin.Accepts;
        _http = new HttpClient(handler) { MaxResponseContentBufferSize = MaxAnswerOctets, Timeout = Timeout.InfiniteTimeSpan };
    }

    public ScannerAddress Address => _scanner.Address;

    /// <summary>As people call it.</summary>
    public string Scanner => _scanner.Name;

    public TimeProvider Time => _time;

    public void Dispose() => _http.Dispose();

    /// <summary>Reads the whole answer.</summary>
    public Task<EsclReply> AskAsync(EsclRequest request, CancellationToken cancel) => SendAsync(request, HttpCompletionOption.ResponseContentRead, cancel);

    /// <summary>Reads the beginning of the answer: what follows 200 is a page.</summary>
    public Task<EsclReply> OpenAsync(EsclRequest request, CancellationToken cancel) => SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);

    /// <summary>Why a status is no answer to what was asked.</summary>
    public ScanTrouble Explain(HttpStatusCode status)
    {
        var (name, host) = (_scanner.Name, Address.Host);
        return status switch
        {
            >= HttpStatusCode.MultipleChoices and < HttpStatusCode.BadRequest => Refused(
                $"{name} sends us elsewhere, and that is not followed. The gateway's administrator uses the address at which the scanner itself answers{(Address.IsEncrypted ? "" : $", often https://{host}/eSCL")}."),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => Refused(
                $"{name} demands a password before it scans. The gateway's administrator allows scanning over the network (eSCL, AirScan) without one in the scanner's own settings."),
            HttpStatusCode.NotFound or HttpStatusCode.Gone => Refused(
                $"{name} has no eSCL at {Address.Root.AbsolutePath}. The gateway's administrator checks the address, and switches AirScan or eSCL on in the scanner's own settings."),
            HttpStatusCode.UpgradeRequired => Refused($"{name} takes encrypted connections only. The gateway's administrator writes https:// in place of http://."),
            HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests => ScanTroubles.At(ScanTroubleKind.Busy, name),
            _ => Refused($"{name} answered with HTTP {(int)status} where eSCL was expected. Switch it off and on; the gateway's administrator checks its address."),
        };
    }

    /// <summary>
    /// A connection for each request, and one only: HttpClient repeats a GET by itself when a connection ends without an answer, and a scanner would take that
    /// for the wish for the next page.
    /// </summary>
    private static async ValueTask<Stream> ConnectOnceAsync(SocketsHttpConnectionContext context, CancellationToken cancel)
    {
        if (!((IDictionary<string, object?>)context.InitialRequestMessage.Options).TryAdd(nameof(ConnectOnceAsync), null)) throw new IOException("The connection ended without an answer.");
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancel);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static ScanTrouble Refused(string sentence) => new(ScanTroubleKind.Refused, sentence);

    private async Task<EsclReply> SendAsync(EsclRequest request, HttpCompletionOption until, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var timer = _time.CreateTimer(_ => limit.Cancel(), null, request.Limit, Timeout.InfiniteTimeSpan);
        using var message = new HttpRequestMessage(request.Method, request.At);
        if (request.Body.Length > 0)
        {
            message.Content = new ByteArrayContent(request.Body);
            message.Content.Headers.ContentType = _xml;
        }
        HttpResponseMessage? response = null;
        try
        {
            response = await _http.SendAsync(message, until, limit.Token);
            if (until == HttpCompletionOption.ResponseHeadersRead && response.StatusCode == HttpStatusCode.OK && response.Content.Headers.ContentLength != 0)
            {
                var opened = new EsclReply.Opened(response, await response.Content.ReadAsStreamAsync(limit.Token));
                response = null;
                return opened;
            }
            var body = until == HttpCompletionOption.ResponseContentRead ? await response.Content.ReadAsByteArrayAsync(limit.Token) : [];
            return new EsclReply.Answered(response.StatusCode, body)
            {
                Location = response.Headers.TryGetValues("Location", out var locations) ? locations.First() : null,
                RetryAfter = RetryAfter(response),
            };
        }
        catch (Exception fault) when (fault is HttpRequestException or IOException or AuthenticationException || fault is OperationCanceledException && !cancel.IsCancellationRequested)
        {
            return new EsclReply.NoAnswer(Explain(fault));
        }
        finally
        {
            response?.Dispose();
        }
    }

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } seconds } => seconds,
        { Date: { } date } => date - _time.GetUtcNow(),
        _ => null,
    };

    private ScanTrouble Explain(Exception fault)
    {
        var (name, host, port) = (_scanner.Name, Address.Host, Address.Root.Port);
        if (_pin.Other is { } other)
        {
            return new ScanTrouble(ScanTroubleKind.OtherCertificate,
                $"{name} shows another certificate than at first use (SHA-256 {other}). If the scanner was replaced or reset, the gateway's administrator removes it from the list of scanners and adds it again.");
        }
        if (fault is OperationCanceledException) return ScanTroubles.At(ScanTroubleKind.Unreachable, name);
        return (fault as HttpRequestException)?.HttpRequestError switch
        {
            HttpRequestError.ConfigurationLimitExceeded => new ScanTrouble(ScanTroubleKind.Unreadable, $"{name} gave an answer of more than 1 MB, which no scanner needs. The gateway's administrator checks its address."),
            HttpRequestError.InvalidResponse => new ScanTrouble(ScanTroubleKind.Unreadable, $"What answers at {host}, port {port}, does not speak HTTP. The gateway's administrator checks the address of {name}."),
            HttpRequestError.NameResolutionError => new ScanTrouble(ScanTroubleKind.Unreachable, $"No machine goes by the name {host}. The gateway's administrator checks the name, or uses the scanner's IP address."),
            HttpRequestError.SecureConnectionError => new ScanTrouble(ScanTroubleKind.Unreachable, $"{name} does not speak TLS at port {port}. The gateway's administrator writes http:// in place of https://, or switches https on at the scanner."),
            HttpRequestError.ResponseEnded => ScanTroubles.At(ScanTroubleKind.CutOff, name),
            _ when fault.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused } => new ScanTrouble(ScanTroubleKind.Unreachable,
                $"Nothing listens at {host}, port {port}: {name} is switched off, or scanning over the network (eSCL, AirScan) is off in its settings. Switch it on, and check its address."),
            _ when fault.InnerException is IOException => ScanTroubles.At(ScanTroubleKind.CutOff, name),
            _ => ScanTroubles.At(ScanTroubleKind.Unreachable, name),
        };
    }
}
