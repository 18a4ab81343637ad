using System.Buffers;
using System.IO.Pipelines;
using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.Queue;

/// <summary>
/// The octets of one message on their way to the disk: in memory up to 256 KB, beyond that in a spool file that already has its
/// final name. All messages together hold at most 32 MB in memory; who comes then goes to a file at once.
/// </summary>
internal sealed class IncomingBody(DataFolder folder, MessageScanner scanner) : IDisposable
{
    private const int MaxInMemory = 256 << 10;
    private const long MaxInMemoryTogether = 32L << 20;

    private static long _inMemory;

    private readonly ArrayBufferWriter<byte> _octets = new(16 << 10);
    private DurableFile? _file;
    private long _reserved;

    /// <summary>The spool file's name, or null when the body is small.</summary>
    public string? SpoolName { get; private set; }

    /// <summary>A small body, valid until this is disposed of; null when it lies in the spool.</summary>
    public ReadOnlyMemory<byte>? Octets => SpoolName is null ? _octets.WrittenMemory : null;

    public async ValueTask ReadAsync(PipeReader reader, CancellationToken cancel)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancel);
            foreach (var piece in result.Buffer) Append(piece.Span);
            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCanceled) throw new OperationCanceledException(cancel);
            if (result.IsCompleted) return;
        }
    }

    /// <summary>Returns when a spooled body is on the disk; its folder entry follows with <see cref="SyncFolder"/>.</summary>
    public void Sync()
    {
        if (_file is null) return;
        _file.Sync();
        _file.Dispose();
        _file = null;
    }

    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
        Interlocked.Add(ref _inMemory, -_reserved);
        _reserved = 0;
    }

    private void Append(ReadOnlySpan<byte> octets)
    {
        scanner.Append(octets);
        if (_file is null && !TryKeep(octets.Length)) StartFile();
        if (_file is null) _octets.Write(octets);
        else _file.Write(octets);
    }

    private bool TryKeep(int count)
    {
        if (_octets.WrittenCount + count > MaxInMemory) return false;
        _reserved += count;
        return Interlocked.Add(ref _inMemory, count) <= MaxInMemoryTogether;
    }

    private void StartFile()
    {
        SpoolName = $"{Guid.NewGuid():N}.eml";
        _file = DurableFile.Create(Path.Combine(folder.Spool, SpoolName));
        _file.Write(_octets.WrittenSpan);
        _octets.Clear();
    }
}
