using System.Text;

namespace DeviceMail.Sending;

/// <summary>Takes octets and keeps none: counts them, finds the longest line (CRLF not counted) and whether one is over 127.</summary>
internal sealed class OctetMeter : Stream
{
    private long _octets;
    private long _line;
    private long _longestLine;

    public long LongestLine => Math.Max(_longestLine, _line);

    public bool HasEightBit { get; private set; }

    public override long Length => _octets;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Position
    {
        get => _octets;
        set => throw new NotSupportedException();
    }

    public static OctetMeter Measure(ReadOnlySpan<byte> octets)
    {
        var meter = new OctetMeter();
        meter.Write(octets);
        return meter;
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _octets += buffer.Length;
        HasEightBit = HasEightBit || !Ascii.IsValid(buffer);
        for (int end; (end = buffer.IndexOf((byte)'\n')) >= 0; buffer = buffer[(end + 1)..])
        {
            _longestLine = Math.Max(_longestLine, _line + end - 1);
            _line = 0;
        }
        _line += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
