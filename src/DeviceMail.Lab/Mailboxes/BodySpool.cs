using System.Security.Cryptography;

namespace DeviceMail.Lab.Mailboxes;

/// <summary>Takes the bytes of a message as they arrive, hashes them, and keeps them off the heap above 1 MB.</summary>
public sealed class BodySpool(string folder) : IDisposable
{
    private const int InMemory = 1 << 20;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly MemoryStream _memory = new();
    private FileStream? _file;
    private bool _kept;

    public long Size { get; private set; }

    /// <summary>Beyond this many bytes the rest is counted and thrown away.</summary>
    public long Limit { get; init; } = long.MaxValue;

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Size += bytes.Length;
        if (Size > Limit)
            return;
        _hash.AppendData(bytes);
        if (_file is null && Size > InMemory)
        {
            _file = new FileStream(Path.Combine(folder, $"{Guid.NewGuid():N}.eml"), FileMode.CreateNew, FileAccess.Write, FileShare.Read, 1 << 16);
            _memory.WriteTo(_file);
            _memory.SetLength(0);
        }

        ((Stream?)_file ?? _memory).Write(bytes);
    }

    public MailBody Finish()
    {
        var sha256 = Convert.ToHexStringLower(_hash.GetHashAndReset());
        if (_file is null)
            return new(Size, sha256) { Bytes = _memory.ToArray() };
        _file.Dispose();
        _kept = true;
        return new(Size, sha256) { Path = _file.Name };
    }

    public void Dispose()
    {
        _hash.Dispose();
        _memory.Dispose();
        if (_file is null)
            return;
        _file.Dispose();
        if (!_kept)
            File.Delete(_file.Name);
    }
}
