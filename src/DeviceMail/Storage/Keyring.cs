using System.Security.Cryptography;

namespace DeviceMail.Storage;

/// <summary>
/// The key that seals secrets, kept outside the database: a systemd credential named devicemail-key, or the file keyring (0400) in the data
/// folder. A backup of the database alone gives nothing away.
/// </summary>
public sealed class Keyring
{
    private const int KeyOctets = 32;

    private Keyring(byte[] key) => Key = key;

    internal byte[] Key { get; }

    /// <summary>Names the key without telling it, so that a secret says which key it needs.</summary>
    internal uint Id => BitConverter.ToUInt32(SHA256.HashData(Key));

    /// <exception cref="StartRefusedException">The key file is no key, or cannot be read.</exception>
    public static Keyring Load(DataFolder folder)
    {
        var credential = Environment.GetEnvironmentVariable("CREDENTIALS_DIRECTORY") is { Length: > 0 } given ? Path.Combine(given, "devicemail-key") : null;
        var path = credential is not null && File.Exists(credential) ? credential : folder.In("keyring");
        try
        {
            if (!File.Exists(path)) Make(path);
            var key = File.ReadAllBytes(path);
            return key.Length == KeyOctets
                ? new Keyring(key)
                : throw new StartRefusedException($"{path} is no key: it must have {KeyOctets} octets. Restore it from a backup, or remove it and sign every account in again.");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or StorageFailedException)
        {
            throw new StartRefusedException($"The key {path} cannot be read or made ({fault.Message}). Give this user the right to read it, and to write in its folder.");
        }
    }

    private static void Make(string path)
    {
        DurableFile.Replace(path, RandomNumberGenerator.GetBytes(KeyOctets));
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead);
    }
}
