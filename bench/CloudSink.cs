using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace DeviceMail.Bench;

/// <summary>
/// A mail service that takes everything and does nothing else, so that it is not what limits: in clear, or with TLS from the
/// first octet and XOAUTH2. It counts what it has answered with 250.
/// </summary>
public sealed class CloudSink : IAsyncDisposable
{
    private static readonly byte[] EndOfData = "\r\n.\r\n"u8.ToArray();

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _end = new();
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly string? _token;
    private readonly Task _accepting;
    private TaskCompletionSource _enough = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private int _wanted = int.MaxValue;

    /// <param name="certificate">null: in clear.</param>
    /// <param name="token">The access token that must be shown; null: no sign-in.</param>
    public CloudSink(BenchCertificate? certificate, string? token)
    {
        _token = token;
        if (certificate is not null) _tls = new SslServerAuthenticationOptions { ServerCertificateContext = SslStreamCertificateContext.Create(certificate.Leaf, null) };
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    /// <summary>Returns when so many messages have come.</summary>
    /// <exception cref="BenchFailedException">They did not come in five minutes.</exception>
    public async Task DrainedAsync(int count, CancellationToken cancel)
    {
        Volatile.Write(ref _wanted, count);
        if (Volatile.Read(ref _count) >= count) _enough.TrySetResult();
        try
        {
            await _enough.Task.WaitAsync(TimeSpan.FromMinutes(5), cancel);
        }
        catch (TimeoutException)
        {
            throw new BenchFailedException($"Only {_count} of {count} messages reached the sink in five minutes.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _end.Dispose();
    }

    private async Task AcceptAsync()
    {
        var sessions = new List<Task>();
        try
        {
            while (true) sessions.Add(ServeAsync(await _listener.AcceptAsync(_end.Token)));
        }
        catch (Exception end) when (end is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(sessions);
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        socket.NoDelay = true;
        try
        {
            await using var network = new NetworkStream(socket, ownsSocket: true);
            if (_tls is null)
            {
                await TalkAsync(network);
                return;
            }
            await using var tls = new SslStream(network);
            await tls.AuthenticateAsServerAsync(_tls, _end.Token);
            await TalkAsync(tls);
        }
        catch (Exception end) when (end is IOException or OperationCanceledException)
        {
            // The client has what it wanted, or the bench ends.
        }
    }

    private async Task TalkAsync(Stream stream)
    {
        var reader = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 32 << 10, leaveOpen: true));
        var writer = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
        Say(writer, "220 bench ready\r\n");
        await writer.FlushAsync(_end.Token);
        var state = State.Commands;
        while (state != State.Gone)
        {
            var read = await reader.ReadAsync(_end.Token);
            var rest = Work(read.Buffer, writer, ref state);
            reader.AdvanceTo(rest, read.Buffer.End);
            await writer.FlushAsync(_end.Token);
            if (read.IsCompleted) return;
        }
    }

    /// <summary>Answers all that is complete; returns where the rest starts.</summary>
    private SequencePosition Work(ReadOnlySequence<byte> buffer, PipeWriter writer, ref State state)
    {
        var reader = new SequenceReader<byte>(buffer);
        while (state != State.Gone)
        {
            if (state == State.Content)
            {
                if (!reader.TryReadTo(out ReadOnlySequence<byte> _, EndOfData)) break;
                state = State.Commands;
                Say(writer, "250 2.0.0 OK\r\n");
                if (Interlocked.Increment(ref _count) >= Volatile.Read(ref _wanted)) _enough.TrySetResult();
            }
            else
            {
                if (!reader.TryReadTo(out ReadOnlySequence<byte> line, "\r\n"u8)) break;
                Say(writer, Answer(Encoding.ASCII.GetString(line), ref state));
            }
        }
        return reader.Position;
    }

    private string Answer(string line, ref State state)
    {
        if (state == State.Token)
        {
            state = State.Commands;
            return Check(line);
        }
        switch (line.Length < 4 ? "" : line[..4].ToUpperInvariant())
        {
            case "EHLO": return $"250-bench\r\n{(_token is null ? "" : "250-AUTH XOAUTH2\r\n")}250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 157286400\r\n";
            case "AUTH" when line.Length > "AUTH XOAUTH2 ".Length: return Check(line["AUTH XOAUTH2 ".Length..]);
            case "AUTH": state = State.Token; return "334 \r\n";
            case "DATA": state = State.Content; return "354 go on\r\n";
            case "QUIT": state = State.Gone; return "221 2.0.0 bye\r\n";
            case "HELO" or "MAIL" or "RCPT" or "RSET" or "NOOP": return "250 2.1.0 OK\r\n";
            default: return "500 5.5.2 what?\r\n";
        }
    }

    private string Check(string base64)
    {
        var shown = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, shown, out var length) && Encoding.UTF8.GetString(shown, 0, length).Contains($"auth=Bearer {_token}\u0001", StringComparison.Ordinal)
            ? "235 2.7.0 OK\r\n" : "535 5.7.3 no\r\n";
    }

    private static void Say(PipeWriter writer, string line) => Encoding.ASCII.GetBytes(line, writer);

    private enum State
    {
        Commands,
        Token,
        Content,
        Gone,
    }
}
