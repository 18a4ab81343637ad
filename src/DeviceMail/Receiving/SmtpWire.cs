using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Text;

namespace DeviceMail.Receiving;

/// <summary>One line of a dialogue, or why there is none.</summary>
public readonly record struct WireLine(string? Text, LineFault Fault, bool EndsInLfOnly);

public enum LineFault
{
    None,

    /// <summary>Longer than a command may be; it was read to its end and forgotten.</summary>
    TooLong,

    /// <summary>No UTF-8, or a control character in it.</summary>
    NotText,

    /// <summary>The peer is gone, or was silent for too long.</summary>
    Closed,
}

/// <summary>Lines in, replies out, and the change to TLS in between. Replies to pipelined commands leave together.</summary>
internal sealed class SmtpWire(IDuplexPipe transport)
{
    /// <summary>Postfix' line_length_limit; RFC 5321 4.5.3.1.4 asks for 512 at least.</summary>
    public const int MaxLine = 2_048;

    /// <summary>A line of a sign-in (RFC 4954 4).</summary>
    public const int MaxSignInLine = 12_288;

    private static readonly UTF8Encoding _strict = new(false, throwOnInvalidBytes: true);

    public PipeReader Input { get; private set; } = transport.Input;

    public PipeWriter Output { get; private set; } = transport.Output;

    public SslStream? Tls { get; private set; }

    public bool HasUnread => Input.TryRead(out var result) && Peek(result);

    /// <summary>Since when the peer has owed us octets; null while we owe it an answer.</summary>
    public long? WaitingSince { get; private set; }

    public void Answer(string reply) => Encoding.UTF8.GetBytes($"{reply}\r\n", Output);

    public async ValueTask SendAsync(string reply)
    {
        Answer(reply);
        await Output.FlushAsync();
    }

    public async ValueTask<WireLine> ReadLineAsync(int most, TimeProvider time)
    {
        var tooLong = false;
        for (var result = await ReadAsync(time); ; result = await ReadMoreAsync(time))
        {
            var buffer = result.Buffer;
            if (buffer.PositionOf((byte)'\n') is { } end)
            {
                var line = buffer.Slice(0, end);
                var read = tooLong || line.Length > most ? new WireLine(null, LineFault.TooLong, false) : Decode(line);
                Input.AdvanceTo(buffer.GetPosition(1, end));
                return read;
            }
            if (result.IsCompleted || result.IsCanceled)
            {
                Input.AdvanceTo(buffer.End);
                return new WireLine(null, LineFault.Closed, false);
            }
            tooLong |= buffer.Length > most;
            Input.AdvanceTo(tooLong ? buffer.End : buffer.Start, buffer.End);
        }
    }

    /// <summary>Octets as they come; what was answered before goes out first.</summary>
    public ValueTask<ReadResult> ReadAsync(TimeProvider time) =>
        Input.TryRead(out var ready) ? ValueTask.FromResult(ready) : ReadMoreAsync(time);

    private async ValueTask<ReadResult> ReadMoreAsync(TimeProvider time)
    {
        await Output.FlushAsync();
        WaitingSince = time.GetTimestamp();
        try
        {
            return await Input.ReadAsync();
        }
        finally
        {
            WaitingSince = null;
        }
    }

    /// <summary>Ends whatever the session waits for.</summary>
    public void Interrupt() => Input.CancelPendingRead();

    public async Task StartTlsAsync(SslServerAuthenticationOptions options, CancellationToken cancel)
    {
        var tls = new SslStream(new WireStream(transport.Input.AsStream(), transport.Output.AsStream()));
        await tls.AuthenticateAsServerAsync(options, cancel);
        Tls = tls;
        Input = PipeReader.Create(tls);
        Output = PipeWriter.Create(tls);
    }

    private bool Peek(ReadResult result)
    {
        var any = !result.Buffer.IsEmpty;
        Input.AdvanceTo(result.Buffer.Start);
        return any;
    }

    private static WireLine Decode(ReadOnlySequence<byte> line)
    {
        Span<byte> octets = line.Length <= 512 ? stackalloc byte[(int)line.Length] : new byte[line.Length];
        line.CopyTo(octets);
        var lfOnly = octets.Length == 0 || octets[^1] != '\r';
        if (!lfOnly) octets = octets[..^1];
        foreach (var octet in octets)
            if (octet is < 32 and not (byte)'\t' or 127) return new WireLine(null, LineFault.NotText, lfOnly);
        try
        {
            return new WireLine(_strict.GetString(octets), LineFault.None, lfOnly);
        }
        catch (DecoderFallbackException)
        {
            return new WireLine(null, LineFault.NotText, lfOnly);
        }
    }
}

/// <summary>Two halves of a connection as one stream, for SslStream.</summary>
internal sealed class WireStream(Stream input, Stream output) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override void Flush() => output.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => output.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => input.Read(buffer, offset, count);

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => input.ReadAsync(buffer, cancellationToken);

    public override void Write(byte[] buffer, int offset, int count) => output.Write(buffer, offset, count);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => output.WriteAsync(buffer, cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
