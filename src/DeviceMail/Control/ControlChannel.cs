using DeviceMail.Storage;

namespace DeviceMail.Control;

/// <summary>
/// Where the command line meets the service: a Unix socket in the data folder, or a named pipe on Windows. A folder whose path is
/// too long for a socket's address names the socket's place in the file <c>control.path</c>.
/// </summary>
internal static class ControlChannel
{
    /// <summary>The address of a Unix socket holds 108 octets with its end mark; some systems allow 104.</summary>
    private const int LongestPath = 100;

    /// <summary>The path to listen on, with what an earlier run left there removed. Call it only as the folder's owner.</summary>
    public static string Prepare(DataFolder folder)
    {
        var pointer = PointerIn(folder.Path);
        File.Delete(pointer);
        var path = SocketIn(folder.Path);
        File.Delete(path);
        if (System.Text.Encoding.UTF8.GetByteCount(path) <= LongestPath) return path;
        // Only this user may enter the new folder (0700).
        path = Path.Combine(Directory.CreateTempSubdirectory("devicemail-").FullName, "control.sock");
        File.WriteAllText(pointer, path);
        return path;
    }

    /// <summary>The path to talk to.</summary>
    public static string Find(string dataPath) => File.Exists(PointerIn(dataPath)) ? File.ReadAllText(PointerIn(dataPath)).Trim() : SocketIn(dataPath);

    /// <summary>Removes what <see cref="Prepare"/> made outside the data folder.</summary>
    public static void Remove(DataFolder folder)
    {
        var path = Find(folder.Path);
        File.Delete(path);
        if (!File.Exists(PointerIn(folder.Path))) return;
        Directory.Delete(Path.GetDirectoryName(path)!);
        File.Delete(PointerIn(folder.Path));
    }

    /// <summary>The name of the pipe that stands in for the socket on Windows: one for each folder.</summary>
    public static string PipeName(string dataPath)
    {
        var octets = System.Text.Encoding.UTF8.GetBytes(Path.GetFullPath(dataPath).ToUpperInvariant());
        return $"devicemail-{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(octets).AsSpan(0, 12))}";
    }

    private static string SocketIn(string dataPath) => Path.Combine(Path.GetFullPath(dataPath), "control.sock");

    private static string PointerIn(string dataPath) => Path.Combine(Path.GetFullPath(dataPath), "control.path");
}
