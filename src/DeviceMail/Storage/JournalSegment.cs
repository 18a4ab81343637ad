using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DeviceMail.Storage;

/// <summary>
/// One file of the journal: records one after the other, each with a head of 32 octets (mark, lengths, segment, sequence, CRC-32C over all but the
/// mark). The file has its full length from the start, so that a sync has only octets to write and no length.
/// </summary>
internal sealed class JournalSegment : IDisposable
{
    public const int HeadOctets = 32;

    /// <summary>How long a file is, in octets: the first length that the disk has room for. The least holds the largest record.</summary>
    private static readonly int[] _lengths = [16 << 20, 4 << 20, 2 << 20];

    private const uint Mark = 0x314A4D44; // "DMJ1"

    private readonly FileStream _file;
    private readonly HashSet<long> _live = [];
    private readonly long _length;
    private int _end;

    private JournalSegment(FileStream file, long number) => (_file, Number, _length) = (file, number, file.Length);

    public long Number { get; }

    public string Path => _file.Name;

    /// <summary>Sequences of records that somebody still needs.</summary>
    public HashSet<long> Live => _live;

    /// <summary>When its first record came.</summary>
    public DateTimeOffset Since { get; set; }

    /// <summary>When it was filled; null while records are appended.</summary>
    public DateTimeOffset? ClosedAt { get; set; }

    /// <summary>Where the next record begins.</summary>
    public int End => _end;

    private SafeFileHandle Handle => _file.SafeFileHandle;

    /// <summary>Returns when the empty file and its name are on the disk.</summary>
    /// <exception cref="StorageFailedException">There is no room for it, or the disk fails.</exception>
    public static JournalSegment Create(string folder, long number)
    {
        foreach (var length in _lengths[..^1])
        {
            try
            {
                return Create(folder, number, length);
            }
            catch (StorageFailedException fault) when (fault.Failure == StorageFailure.DiskFull)
            {
                // A shorter one may find room.
            }
        }
        return Create(folder, number, _lengths[^1]);
    }

    private static JournalSegment Create(string folder, long number, int length)
    {
        var path = System.IO.Path.Combine(folder, $"{number:D12}.log");
        FileStream? file = null;
        try
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.Read | FileShare.Delete, BufferSize = 0 };
            if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            file = new FileStream(path, options);
            DurableFile.Reserve(file.SafeFileHandle, length, path);
            DurableFile.Sync(file.SafeFileHandle, path);
            DurableFile.SyncFolder(folder);
            return new JournalSegment(file, number);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or StorageFailedException)
        {
            if (file is not null) File.Delete(path);
            file?.Dispose();
            throw fault as StorageFailedException ?? DurableFile.Failed(fault);
        }
    }

    /// <summary>Opens what an earlier run left, or null where the name is no segment's.</summary>
    public static JournalSegment? Open(string path)
    {
        if (!long.TryParse(System.IO.Path.GetFileNameWithoutExtension(path), out var number)) return null;
        var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.Open, Access = FileAccess.Read, Share = FileShare.Read | FileShare.Delete, BufferSize = 0 });
        return new JournalSegment(file, number) { ClosedAt = DateTimeOffset.MinValue };
    }

    public bool HasRoom(long octets) => _end + octets <= _length;

    /// <summary>So full that the next file should be made ready.</summary>
    public bool IsHalfFull => _end > _length / 2;

    /// <summary>Writes the head of a record that begins at the end, and moves the end behind it.</summary>
    public JournalPlace Place(Span<byte> head, long sequence, ReadOnlyMemory<byte> facts, ReadOnlyMemory<byte> body)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(head, Mark);
        BinaryPrimitives.WriteInt32LittleEndian(head[8..], facts.Length);
        BinaryPrimitives.WriteInt32LittleEndian(head[12..], body.Length);
        BinaryPrimitives.WriteInt64LittleEndian(head[16..], Number);
        BinaryPrimitives.WriteInt64LittleEndian(head[24..], sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(head[4..], Checksum(Checksum(Checksum(0, head[8..]), facts.Span), body.Span));
        var place = new JournalPlace(Number, _end + HeadOctets + facts.Length, body.Length);
        _end = place.Offset + body.Length;
        return place;
    }

    public void Write(IReadOnlyList<ReadOnlyMemory<byte>> pieces, int offset) => RandomAccess.Write(Handle, pieces, offset);

    /// <summary>Returns when the octets have reached the disk.</summary>
    /// <exception cref="StorageFailedException">They have not; nothing may be appended here again.</exception>
    public void Sync() => DurableFile.SyncOctets(Handle, Path);

    public void Cut(int length)
    {
        RandomAccess.SetLength(Handle, length);
        DurableFile.Sync(Handle, Path);
    }

    public byte[] Read(int offset, int length)
    {
        var octets = new byte[length];
        for (var read = 0; read < length;)
        {
            var count = RandomAccess.Read(Handle, octets.AsSpan(read), offset + read);
            if (count == 0) throw new EndOfStreamException($"{Path} is shorter than its record says.");
            read += count;
        }
        return octets;
    }

    /// <summary>All whole records, up to the first octet that belongs to none.</summary>
    public IEnumerable<JournalRecord> Records()
    {
        var head = new byte[HeadOctets];
        for (var at = 0; at + HeadOctets <= _length && RandomAccess.Read(Handle, head, at) == HeadOctets;)
        {
            var (facts, body) = (BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(8)), BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(12)));
            var isHead = BinaryPrimitives.ReadUInt32LittleEndian(head) == Mark && BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(16)) == Number;
            if (!isHead || facts < 0 || body < 0 || (long)at + HeadOctets + facts + body > _length) yield break;
            var octets = Read(at + HeadOctets, facts + body);
            if (Checksum(Checksum(0, head.AsSpan(8)), octets) != BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(4))) yield break;
            yield return new JournalRecord(BinaryPrimitives.ReadInt64LittleEndian(head.AsSpan(24)), octets.AsMemory(0, facts), new JournalPlace(Number, at + HeadOctets + facts, body));
            at += HeadOctets + facts + body;
        }
    }

    public void Dispose() => _file.Dispose();

    /// <summary>CRC-32C of octets that follow others; splitting them in other places gives the same (RFC 3720 B.4).</summary>
    private static uint Checksum(uint before, ReadOnlySpan<byte> octets)
    {
        var crc = ~before;
        var words = MemoryMarshal.Cast<byte, ulong>(octets);
        foreach (var word in words) crc = BitOperations.Crc32C(crc, word);
        foreach (var octet in octets[(words.Length * sizeof(ulong))..]) crc = BitOperations.Crc32C(crc, octet);
        return ~crc;
    }
}
