namespace DeviceMail.Storage;

/// <summary>
/// The disk did not keep what it was given. Nothing of the write counts; the sender must keep the mail (451, or 452 when
/// the disk is full). The database repairs itself and takes mail again when it can promise it.
/// </summary>
public sealed class StorageFailedException(StorageFailure failure, string message, Exception? cause = null) : Exception(message, cause)
{
    public StorageFailure Failure => failure;
}

public enum StorageFailure
{
    /// <summary>A write or a sync failed; what the disk holds is unknown until it has been read again.</summary>
    Broken,

    /// <summary>No space is left.</summary>
    DiskFull,
}
