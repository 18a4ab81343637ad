using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace DeviceMail.Tests.Scanning;

/// <param name="Line">As "GET /eSCL/ScannerStatus".</param>
internal sealed record AskedOfScanner(string Line, string Body);

/// <summary>An answer, octet for octet.</summary>
/// <param name="Octets">With its head.</param>
internal sealed record RawAnswer(byte[] Octets)
{
    /// <summary>The connection ends after it.</summary>
    public bool Ends { get; init; }

    /// <summary>It ends by a reset.</summary>
    public bool Resets { get; init; }

    /// <summary>The scanner waits for this before it answers.</summary>
    public Task After { get; init; } = Task.CompletedTask;

    /// <param name="head">Lines of the head after the status, without the length.</param>
    public static RawAnswer Of(int status, string head = "", string body = "") => Of(status, head, Encoding.UTF8.GetBytes(body));

    public static RawAnswer Of(int status, string head, byte[] body) =>
        Raw($"HTTP/1.1 {status} Said\r\ncontent-LENGTH: {body.Length}\r\n{(head.Length == 0 ? "" : head + "\r\n")}\r\n", body);

    public static RawAnswer Raw(string head, byte[]? body = null) => new([.. Encoding.UTF8.GetBytes(head), .. body ?? []]);
}

/// <summary>
/// A scanner on a bare socket: says what it is told to, octet for octet. By itself it is an HP with pages in its feeder, writes its header names in odd cases, and
/// ends a job with 404.
/// </summary>
internal sealed class ScriptedScanner : IAsyncDisposable
{
    public static readonly byte[] Jpeg = [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xD9];

    private readonly TcpListener _listener;
    private readonly X509Certificate2? _certificate;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<AskedOfScanner> _asked = [];
    private readonly Task _accepting;

    public ScriptedScanner(X509Certificate2? certificate = null, int port = 0)
    {
        _certificate = certificate;
        _listener = new TcpListener(IPAddress.Loopback, port);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public string Address => $"{(_certificate is null ? "http" : "https")}://127.0.0.1:{Port}/eSCL/";

    public string Capabilities { get; set; } = Recordings.Hp;

    public string State { get; set; } = "Idle";

    public string Feeder { get; set; } = "ScannerAdfLoaded";

    /// <summary>Of the job, once there is one.</summary>
    public string Job { get; set; } = "Completed";

    public string Location { get; set; } = "/eSCL/ScanJobs/41";

    /// <summary>What the feeder holds.</summary>
    public Queue<byte[]> Pages { get; } = new();

    /// <summary>In place of the usual answer; null: the usual one.</summary>
    public Func<AskedOfScanner, RawAnswer?> Misbehave { get; set; } = _ => null;

    public IReadOnlyList<AskedOfScanner> Asked
    {
        get { lock (_asked) return [.. _asked]; }
    }

    public int Count(string line) => Asked.Count(one => one.Line.StartsWith(line, StringComparison.Ordinal));

    public static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var made = new CertificateRequest("CN=scanner", key, HashAlgorithmName.SHA256)
            .CreateSelfSigned(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), new DateTimeOffset(2046, 1, 1, 0, 0, 0, TimeSpan.Zero));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pfx), null);
    }

    public ScriptedScanner With(params byte[][] pages)
    {
        foreach (var page in pages) Pages.Enqueue(page);
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (true) sessions.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                Stream stream = client.GetStream();
                if (_certificate is not null)
                {
                    var tls = new SslStream(stream);
                    await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _certificate }, _stop.Token);
                    stream = tls;
                }
                while (await ReadAsync(stream) is { } asked)
                {
                    lock (_asked) _asked.Add(asked);
                    var answer = Misbehave(asked) ?? Usual(asked);
                    await answer.After.WaitAsync(_stop.Token);
                    await stream.WriteAsync(answer.Octets, _stop.Token);
                    if (answer.Resets) client.LingerState = new LingerOption(true, 0);
                    if (answer.Ends || answer.Resets) return;
                }
            }
            catch (Exception end) when (end is IOException or OperationCanceledException or AuthenticationException)
            {
                // The client left, or the test ends.
            }
        }
    }

    private RawAnswer Usual(AskedOfScanner asked)
    {
        switch (asked.Line)
        {
            case "GET /eSCL/ScannerCapabilities": return RawAnswer.Of(200, "content-type: text/xml", Capabilities);
            case "GET /eSCL/ScannerStatus": return RawAnswer.Of(200, "CONTENT-TYPE: text/xml", Recordings.Status(State, Feeder, Count("POST /eSCL/ScanJobs") > 0 ? Job : ""));
            case "POST /eSCL/ScanJobs": return RawAnswer.Of(201, $"lOCATION: {Location}");
            case "DELETE /eSCL/ScanJobs/41": return RawAnswer.Of(200);
            case "GET /eSCL/ScanJobs/41/NextDocument" when Pages.TryDequeue(out var page): return RawAnswer.Of(200, "Content-Type: image/jpeg", page);
            case "GET /eSCL/ScanJobs/41/NextDocument":
                if (Feeder == "ScannerAdfLoaded") Feeder = "ScannerAdfEmpty";
                return RawAnswer.Of(404);
            default: return RawAnswer.Of(400);
        }
    }

    private async Task<AskedOfScanner?> ReadAsync(Stream stream)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one, _stop.Token) == 0) return null;
            head.Append((char)one[0]);
        }
        var lines = head.ToString().Split("\r\n");
        var length = lines.Where(line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase)).Select(line => int.Parse(line[15..])).FirstOrDefault();
        var body = new byte[length];
        await stream.ReadExactlyAsync(body, _stop.Token);
        return new AskedOfScanner(string.Join(' ', lines[0].Split(' ').Take(2)), Encoding.UTF8.GetString(body));
    }
}
