using System.Buffers;
using System.IO.Pipelines;
using System.Net.Security;
using System.Text;

namespace DeviceMail.Receiving;

/// <summary>One line of a dialogue, or why there is none.</summary>
public readonly record struct WireLine(string? Text, LineFault Fault);

public enum LineFault
{
    None,

    /// <summary>Longer than a command may be; it was read to its end and forgotten.</summary>
    TooLong,

    /// <summary>No UTF-8, or a control character in it.</summary>
    NotText,

    /// <summary>The peer is gone.</summary>
    Closed,

    /// <summary>The peer was silent for too long, or the gateway stops.</summary>
    Interrupted,

    /// <summary>The hello of TLS, where nobody agreed on TLS.</summary>
    TlsHello,
}

/// <summary>How the lines of a dialogue ended so far.</summary>
[Flags]
public enum LineEndsSeen
{
    None = 0,
    Lf = 1,
    CrLf = 2,
    Mixed = Lf | CrLf,
}

/// <summary>Lines in, replies out, and the change to TLS in between. Replies to pipelined commands leave together.</summary>
internal sealed class SmtpWire(IDuplexPipe transport, TimeProvider time)
{
    /// <summary>Postfix' line_length_limit; RFC 5321 4.5.3.1.4 asks for 512 at least.</summary>
    public const int MaxLine = 2_048;

    /// <summary>A line of a sign-in (RFC 4954 4).</summary>
    public const int MaxSignInLine = 12_288;

    /// <summary>Replies that may gather, in octets, while more commands are there: a peer that only ever talks must not fill the memory.</summary>
    private const int MaxGathered = 8 << 10;

    /// <summary>The limit for the rest of a line whose beginning was dropped.</summary>
    private const int NothingFits = -1;

    /// <summary>How TLS begins (RFC 8446 5.1), and no command does.</summary>
    private const byte TlsHandshakeRecord = 22;

    private const long NotWaiting = long.MinValue;

    private static readonly UTF8Encoding _strict = new(false, throwOnInvalidBytes: true);

    private long _waitingSince = NotWaiting;
    private long _waitedTicks;

    public PipeReader Input { get; private set; } = transport.Input;

    public PipeWriter Output { get; private set; } = transport.Output;

    public SslStream? Tls { get; private set; }

    public bool HasUnread => Input.TryRead(out var result) && Peek(result);

    /// <summary>The ends of all lines read so far; the octets of a message do not count.</summary>
    public LineEndsSeen LineEndsSeen { get; private set; }

    /// <summary>Whether a read was broken off by <see cref="Interrupt"/>; the session is to end.</summary>
    public bool IsInterrupted { get; private set; }

    /// <summary>
    /// Since when the peer has owed us the rest of a line or of a handshake, more of a message, or room for a reply; null while we owe it an answer.
    /// A line that comes one octet at a time is one wait.
    /// </summary>
    public long? WaitingSince => Interlocked.Read(ref _waitingSince) is var since && since == NotWaiting ? null : since;

    /// <summary>How long the peer was waited for in all. What our disk takes is not the peer's fault.</summary>
    public TimeSpan Waited => TimeSpan.FromTicks(Interlocked.Read(ref _waitedTicks)) + (WaitingSince is { } since ? time.GetElapsedTime(since) : TimeSpan.Zero);

    public void Answer(string reply) => Encoding.UTF8.GetBytes($"{reply}\r\n", Output);

    public async ValueTask SendAsync(string reply)
    {
        Answer(reply);
        await FlushAsync();
    }

    /// <summary>Reads a line to its end, however long it is; of one that is too long, nothing is kept.</summary>
    /// <param name="most">Octets a line may have, its end not counted.</param>
    public async ValueTask<WireLine> ReadLineAsync(int most)
    {
        var tooLong = false;
        var begins = BeginWait();
        try
        {
            while (true)
            {
                var result = await ReadAsync();
                var buffer = result.Buffer;
                if (Tls is null && !buffer.IsEmpty && buffer.FirstSpan[0] == TlsHandshakeRecord)
                {
                    Input.AdvanceTo(buffer.End);
                    return new WireLine(null, LineFault.TlsHello);
                }
                if (buffer.PositionOf((byte)'\n') is { } end)
                {
                    var read = Read(buffer.Slice(0, end), tooLong ? NothingFits : most);
                    Input.AdvanceTo(buffer.GetPosition(1, end));
                    return read;
                }
                if (result.IsCompleted || result.IsCanceled)
                {
                    Input.AdvanceTo(buffer.End);
                    return new WireLine(null, result.IsCanceled ? LineFault.Interrupted : LineFault.Closed);
                }
                tooLong |= buffer.Length > most + 1;
                Input.AdvanceTo(tooLong ? buffer.End : buffer.Start, buffer.End);
            }
        }
        finally
        {
            if (begins) EndWait();
        }
    }

    /// <summary>Octets as they come; what was answered before goes out first.</summary>
    public async ValueTask<ReadResult> ReadAsync()
    {
        if (Output.UnflushedBytes > MaxGathered) await FlushAsync();
        if (!Input.TryRead(out var result))
        {
            var begins = BeginWait();
            try
            {
                await Output.FlushAsync();
                result = await Input.ReadAsync();
            }
            finally
            {
                if (begins) EndWait();
            }
        }
        IsInterrupted |= result.IsCanceled;
        return result;
    }

    /// <summary>Ends whatever the session waits for, once; the peer can still be told why.</summary>
    public void Interrupt() => Input.CancelPendingRead();

    public async Task StartTlsAsync(SslServerAuthenticationOptions options, CancellationToken cancel)
    {
        var tls = new SslStream(new WireStream(transport.Input.AsStream(), transport.Output.AsStream()));
        var begins = BeginWait();
        try
        {
            await tls.AuthenticateAsServerAsync(options, cancel);
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
        finally
        {
            if (begins) EndWait();
        }
        Tls = tls;
        Input = PipeReader.Create(tls);
        Output = PipeWriter.Create(tls);
    }

    /// <summary>Sends what is left, and the end of TLS where there is one: without it, a peer cannot tell the end from an attack (RFC 8446 6.1).</summary>
    public async Task CloseAsync()
    {
        await FlushAsync();
        if (Tls is not null) await Tls.ShutdownAsync();
    }

    /// <summary>Sends what was answered. A peer that reads nothing is waited for, and its time runs.</summary>
    private async ValueTask FlushAsync()
    {
        var begins = BeginWait();
        try
        {
            await Output.FlushAsync();
        }
        finally
        {
            if (begins) EndWait();
        }
    }

    /// <returns>Whether a wait began here, to be ended here; false inside another.</returns>
    private bool BeginWait() => Interlocked.CompareExchange(ref _waitingSince, time.GetTimestamp(), NotWaiting) == NotWaiting;

    private void EndWait()
    {
        var since = Interlocked.Exchange(ref _waitingSince, NotWaiting);
        Interlocked.Add(ref _waitedTicks, time.GetElapsedTime(since).Ticks);
    }

    private bool Peek(ReadResult result)
    {
        var any = !result.Buffer.IsEmpty;
        Input.AdvanceTo(result.Buffer.Start);
        return any;
    }

    private WireLine Read(ReadOnlySequence<byte> line, int most)
    {
        var endsInCr = !line.IsEmpty && line.Slice(line.Length - 1).FirstSpan[0] == '\r';
        LineEndsSeen |= endsInCr ? LineEndsSeen.CrLf : LineEndsSeen.Lf;
        if (endsInCr) line = line.Slice(0, line.Length - 1);
        return line.Length > most ? new WireLine(null, LineFault.TooLong) : Decode(line);
    }

    private static WireLine Decode(ReadOnlySequence<byte> line)
    {
        Span<byte> octets = line.Length <= 512 ? stackalloc byte[(int)line.Length] : new byte[line.Length];
        line.CopyTo(octets);
        try
        {
            var text = _strict.GetString(octets);
            foreach (var c in text)
                if (char.IsControl(c) && c != '\t') return new WireLine(null, LineFault.NotText);
            return new WireLine(text, LineFault.None);
        }
        catch (DecoderFallbackException)
        {
            return new WireLine(null, LineFault.NotText);
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
