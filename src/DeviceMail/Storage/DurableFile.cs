using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DeviceMail.Storage;

/// <summary>
/// A file whose octets are on the disk when <see cref="Sync"/> has returned. .NET's own flush hides a failed fsync on
/// Linux, and cannot sync a folder at all, so libc is called; Windows flushes through FlushFileBuffers.
/// </summary>
public sealed partial class DurableFile : IDisposable
{
    private readonly FileStream _file;

    private DurableFile(FileStream file) => _file = file;

    /// <summary>Creates a new file for the owner alone (0600); it must not exist.</summary>
    /// <exception cref="StorageFailedException">The file could not be made.</exception>
    public static DurableFile Create(string path) => Try(() =>
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.Read, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new DurableFile(new FileStream(path, options));
    });

    public void Write(ReadOnlySpan<byte> octets)
    {
        try
        {
            _file.Write(octets);
        }
        catch (IOException fault)
        {
            throw Failed(fault);
        }
    }

    /// <summary>Returns when the file's octets have reached the disk.</summary>
    /// <exception cref="StorageFailedException">They have not; the file must be thrown away, a second sync would lie.</exception>
    public void Sync() => Sync(_file.SafeFileHandle, _file.Name);

    public void Dispose() => _file.Dispose();

    /// <summary>Writes a small file under a new name, syncs it, puts it in place of the old one and syncs the folder.</summary>
    /// <exception cref="StorageFailedException">The old file stands, or which of the two stands after a power cut is unknown.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> octets)
    {
        var fresh = $"{path}.{Guid.NewGuid():N}.new";
        try
        {
            using (var file = Create(fresh))
            {
                file.Write(octets);
                file.Sync();
            }
            Try(() => File.Move(fresh, path, overwrite: true));
        }
        catch (StorageFailedException)
        {
            Try(() => File.Delete(fresh));
            throw;
        }
        SyncFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Returns when the folder's entries (new names, removed names) have reached the disk. Windows does this by itself.</summary>
    public static void SyncFolder(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        var folder = Open(path, OpenReadOnly);
        if (folder < 0) throw Failed(LastFault(path));
        try
        {
            Sync(folder, path);
        }
        finally
        {
            _ = Close(folder);
        }
    }

    /// <summary>Returns when octets and attributes of the file have reached the disk.</summary>
    /// <exception cref="StorageFailedException">They have not.</exception>
    internal static void Sync(SafeFileHandle file, string path) => Sync(file.DangerousGetHandle(), path);

    /// <summary>Returns when the octets of a file whose length has not changed have reached the disk.</summary>
    /// <exception cref="StorageFailedException">They have not.</exception>
    internal static void SyncOctets(SafeFileHandle file, string path)
    {
        if (OperatingSystem.IsWindows()) Sync(file, path);
        else if (FDataSync((int)file.DangerousGetHandle()) != 0) throw Failed(LastFault(path));
    }

    /// <summary>Gives an empty file its length, and the disk's room for it, before anything is written.</summary>
    /// <exception cref="StorageFailedException">There is no room, or the disk fails.</exception>
    internal static void Reserve(SafeFileHandle file, int octets, string path)
    {
        if (OperatingSystem.IsWindows()) RandomAccess.SetLength(file, octets);
        else if (FAllocate((int)file.DangerousGetHandle(), 0, octets) is var fault && fault != 0) throw Failed(new IOException($"{path}: {Marshal.GetPInvokeErrorMessage(fault)}", fault));
    }

    internal static StorageFailedException Failed(Exception fault)
    {
        const int noSpace = 28, quota = 122, windowsDiskFull = unchecked((int)0x80070070);
        var full = (fault.HResult & 0xffff) is noSpace or quota || fault.HResult == windowsDiskFull;
        return new StorageFailedException(full ? StorageFailure.DiskFull : StorageFailure.Broken, fault.Message, fault);
    }

    private static IOException LastFault(string path) => new($"{path}: {Marshal.GetLastPInvokeErrorMessage()}", Marshal.GetLastPInvokeError());

    private static void Sync(nint handle, string path)
    {
        var done = OperatingSystem.IsWindows() ? FlushFileBuffers(handle) : FSync((int)handle) == 0;
        if (!done) throw Failed(LastFault(path));
    }

    private static void Try(Action work) => Try(() =>
    {
        work();
        return true;
    });

    private static T Try<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw Failed(fault);
        }
    }

    private const int OpenReadOnly = 0;

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int FSync(int handle);

    /// <summary>Returns the error; it sets none (posix_fallocate(3)).</summary>
    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int FAllocate(int handle, nint offset, nint length);

    [LibraryImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    private static partial int FDataSync(int handle);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int handle);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool FlushFileBuffers(nint handle);
}
