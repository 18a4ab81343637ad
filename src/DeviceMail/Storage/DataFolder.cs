using System.Runtime.InteropServices;

namespace DeviceMail.Storage;

/// <summary>
/// The one folder that holds all a gateway knows and promised. One process owns it at a time; the lock goes with the process,
/// however that ends.
/// </summary>
public sealed partial class DataFolder : IDisposable
{
    private readonly FileStream _lock;

    private DataFolder(string path, FileStream ownership)
    {
        Path = path;
        _lock = ownership;
    }

    public string Path { get; }

    /// <summary>Jobs, devices, accounts, settings.</summary>
    public string Database => In("devicemail.db");

    /// <summary>Sealed secrets, in a file of their own so that erasing them is affordable.</summary>
    public string Secrets => In("secrets.db");

    /// <summary>Bodies over 256 KB, one file each.</summary>
    public string Spool => In("spool");

    /// <summary>Mail as it was promised, before its rows are in the database.</summary>
    public string Journal => In("journal");

    /// <summary>The gateway's own key and certificate.</summary>
    public string Tls => In("tls");

    /// <summary>PEM files of authorities trusted for outgoing connections beside the system's.</summary>
    public string TrustedRoots => In("trusted-roots");

    /// <summary>Pages on their way from a scanner into a mail; nobody was promised them. Empty at each start.</summary>
    public string Scans => In("scans");

    /// <summary>Free octets on the disk for an unprivileged writer.</summary>
    public long FreeSpace => new DriveInfo(Path).AvailableFreeSpace;

    public string In(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Makes the folder where it is missing (0700) and takes its lock.</summary>
    /// <exception cref="StartRefusedException">It cannot be made, or another process owns it.</exception>
    public static DataFolder Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            MakeFolder(path);
            foreach (var name in (string[])["spool", "journal", "tls", "trusted-roots"]) MakeFolder(System.IO.Path.Combine(path, name));
            var folder = new DataFolder(path, TakeLock(System.IO.Path.Combine(path, "lock")));
            folder.ForgetScans();
            return folder;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"The data folder {path} cannot be used ({fault.Message}). Choose another with --data, or give this user the right to write there.");
        }
    }

    /// <summary>Whether a process owns the folder at this moment.</summary>
    public static bool IsOwned(string path)
    {
        var file = System.IO.Path.Combine(System.IO.Path.GetFullPath(path), "lock");
        if (!File.Exists(file)) return false;
        try
        {
            using var free = TakeLock(file);
            return false;
        }
        catch (StartRefusedException)
        {
            return true;
        }
        catch (UnauthorizedAccessException)
        {
            // Another user's folder: opening it says so.
            return false;
        }
    }

    public void Dispose() => _lock.Dispose();

    /// <summary>What a run left behind that was killed.</summary>
    private void ForgetScans()
    {
        try
        {
            if (Directory.Exists(Scans)) Directory.Delete(Scans, recursive: true);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Makes a folder that only its owner reads (0700), with those above it, where it is missing.</summary>
    internal static void MakeFolder(string path)
    {
        const UnixFileMode ownerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, ownerOnly);
    }

    private static FileStream TakeLock(string path)
    {
        var inUse = new StartRefusedException($"Another DeviceMail works on {System.IO.Path.GetDirectoryName(path)}. Stop it first, or choose another folder with --data.");
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        }
        catch (IOException fault) when (fault.GetType() == typeof(IOException))
        {
            // .NET asks for a shared lock when it opens a file, and our exclusive one refuses that.
            throw inUse;
        }
        var taken = OperatingSystem.IsWindows()
            ? LockFile(file.SafeFileHandle.DangerousGetHandle(), 0, 0, 1, 0)
            : Flock((int)file.SafeFileHandle.DangerousGetHandle(), LockExclusive | LockNoWait) == 0;
        if (taken) return file;
        file.Dispose();
        throw inUse;
    }

    private const int LockExclusive = 2;
    private const int LockNoWait = 4;

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(int handle, int operation);

    [LibraryImport("kernel32", SetLastError = true)]
    [return: MarshalAs(UnmanagedType.Bool)]
    private static partial bool LockFile(nint handle, uint offsetLow, uint offsetHigh, uint lengthLow, uint lengthHigh);
}
