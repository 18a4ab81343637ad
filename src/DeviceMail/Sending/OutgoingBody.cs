using DeviceMail.Storage;

namespace DeviceMail.Sending;

/// <summary>What stands behind a message's header when it leaves.</summary>
internal abstract class OutgoingBody
{
    /// <summary>Octets on the wire, before dot-stuffing.</summary>
    public abstract long Length { get; }

    /// <summary>Whether BODY=8BITMIME must be said for it (RFC 6152).</summary>
    public abstract bool HasEightBit { get; }

    public abstract Task CopyToAsync(Stream wire, CancellationToken cancel);
}

/// <summary>The body as it was handed in, copied octet by octet.</summary>
/// <param name="stored">The whole stored message; not disposed.</param>
/// <param name="start">Where in it the body begins.</param>
internal sealed class StoredBody(Stream stored, long start) : OutgoingBody
{
    private const int PieceOctets = 64 << 10;

    public override long Length => stored.Length - start;

    public override bool HasEightBit => EightBit == EightBit.Yes;

    public required EightBit EightBit { get; init; }

    /// <exception cref="StorageFailedException">The disk did not give it back; the message must not be ended with its dot.</exception>
    public override async Task CopyToAsync(Stream wire, CancellationToken cancel)
    {
        var piece = new byte[PieceOctets];
        stored.Position = start;
        while (await ReadAsync(piece, cancel) is var count and > 0) await wire.WriteAsync(piece.AsMemory(0, count), cancel);
    }

    private async Task<int> ReadAsync(byte[] piece, CancellationToken cancel)
    {
        try
        {
            return await stored.ReadAsync(piece, cancel);
        }
        catch (IOException fault)
        {
            throw new StorageFailedException(StorageFailure.Broken, $"The content of the mail cannot be read: {fault.Message}", fault);
        }
    }
}

/// <summary>Whether a body has octets over 127.</summary>
internal enum EightBit
{
    No,
    Yes,
}
