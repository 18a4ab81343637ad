using DeviceMail.Queue;

namespace DeviceMail.Sending;

/// <summary>Cuts what is written into pieces of one size, and hands each over before it takes more; after a refusal it takes the rest and forgets it.</summary>
/// <param name="size">Octets of a piece.</param>
/// <param name="total">Octets that will come.</param>
/// <param name="put">Hands over a piece that begins there; a refusal ends it.</param>
internal sealed class PieceStream(int size, long total, Func<ReadOnlyMemory<byte>, long, Task<SendOutcome?>> put) : Stream
{
    private readonly byte[] _piece = new byte[(int)Math.Min(size, total)];
    private int _filled;
    private long _start;

    /// <summary>Null while all went well.</summary>
    public SendOutcome? Refusal { get; private set; }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => total;

    public override long Position
    {
        get => _start + _filled;
        set => throw new NotSupportedException();
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (buffer.Length > 0 && Refusal is null)
        {
            var count = Math.Min(buffer.Length, _piece.Length - _filled);
            buffer[..count].CopyTo(_piece.AsMemory(_filled));
            (_filled, buffer) = (_filled + count, buffer[count..]);
            if (_filled == _piece.Length) await PutAsync();
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <summary>Hands over the last piece. Streams that write into this one flush in between: a piece that is not the last is kept until it is full.</summary>
    public override Task FlushAsync(CancellationToken cancellationToken) => _filled > 0 && _start + _filled == total && Refusal is null ? PutAsync() : Task.CompletedTask;

    public override void Flush()
    {
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Pieces are handed over asynchronously.");

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private async Task PutAsync()
    {
        Refusal = await put(_piece.AsMemory(0, _filled), _start);
        _start += _filled;
        _filled = 0;
    }
}
