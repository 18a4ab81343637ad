namespace DeviceMail.Lab.Mailboxes;

/// <summary>The bytes of a message: small ones in memory, big ones in the lab's temporary folder.</summary>
public sealed record MailBody(long Size, string Sha256)
{
    internal byte[] Bytes { get; init; } = [];
    internal string? Path { get; init; }

    public Stream OpenRead() => Path is null ? new MemoryStream(Bytes, false) : File.OpenRead(Path);

    internal void Delete()
    {
        if (Path is not null)
            File.Delete(Path);
    }
}
