using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace DeviceMail.Lab.Exchange;

/// <summary>One accepted connection: lines in, replies out, TLS on demand. Silence beyond <see cref="Idle"/> ends a read.</summary>
public sealed class SmtpConnection(TcpClient client, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Room for an AUTH line with a token of 12 KB in base64.</summary>
    private const int BufferSize = 1 << 16;

    private readonly byte[] _buffer = new byte[BufferSize];
    private Stream _stream = client.GetStream();
    private int _start, _end;

    public bool IsSecure => _stream is SslStream;

    /// <summary>Zero waits for ever.</summary>
    public TimeSpan Idle { get; set; }

    public string Remote { get; } = (client.Client.RemoteEndPoint as System.Net.IPEndPoint)?.Address.ToString() ?? "unknown";

    /// <summary>True when the client sent more than it was asked for, which STARTTLS forbids.</summary>
    public bool HasMore => _end > _start;

    /// <summary>
    /// The next line without its CRLF; null at the end of the connection or for a line beyond the buffer.
    /// A line that ends in a bare LF keeps it, so that no command matches.
    /// </summary>
    public async ValueTask<string?> ReadLineAsync(CancellationToken ct)
    {
        var searched = 0;
        while (true)
        {
            var found = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                var length = searched + found;
                var bare = length == 0 || _buffer[_start + length - 1] != '\r';
                var line = Encoding.UTF8.GetString(_buffer, _start, bare ? length + 1 : length - 1);
                _start += length + 1;
                return line;
            }

            searched = _end - _start;
            if (searched == BufferSize || !await FillAsync(ct))
                return null;
        }
    }

    /// <summary>At least one unread byte, or nothing at the end of the connection.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ReadAsync(CancellationToken ct)
    {
        if (_start == _end && !await FillAsync(ct))
            return default;
        return _buffer.AsMemory(_start, _end - _start);
    }

    public void Consume(int count) => _start += count;

    public async ValueTask WriteAsync(string reply, CancellationToken ct)
    {
        await _stream.WriteAsync(Encoding.UTF8.GetBytes(reply + "\r\n"), ct);
        await _stream.FlushAsync(ct);
    }

    /// <summary>TLS 1.2 or newer, as Exchange Online asks.</summary>
    public async Task SecureAsync(X509Certificate2 certificate, CancellationToken ct)
    {
        var secure = new SslStream(_stream, false);
        _stream = secure;
        var options = new SslServerAuthenticationOptions
        {
            ServerCertificate = certificate,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
        await secure.AuthenticateAsServerAsync(options, ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        client.Dispose();
    }

    private async ValueTask<bool> FillAsync(CancellationToken ct)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        var count = await ReadInTimeAsync(_buffer.AsMemory(_end), ct);
        _end += count;
        return count > 0;
    }

    private async ValueTask<int> ReadInTimeAsync(Memory<byte> into, CancellationToken ct)
    {
        if (Idle <= TimeSpan.Zero)
            return await _stream.ReadAsync(into, ct);
        using var silence = new CancellationTokenSource(Idle, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, ct);
        try
        {
            return await _stream.ReadAsync(into, either.Token);
        }
        catch (OperationCanceledException) when (silence.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            throw new TimeoutException();
        }
    }
}
