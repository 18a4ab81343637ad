using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DeviceMail.Activity;
using DeviceMail.Storage;

namespace DeviceMail.Network;

/// <summary>The root certificates in use.</summary>
/// <param name="Count">How many.</param>
/// <param name="Changed">When they were last changed; null where that is not known.</param>
/// <param name="IsFile">Whether they come from a file of the administrator's, and not from the system.</param>
public sealed record RootsInUse(int Count, DateTimeOffset? Changed, bool IsFile);

/// <summary>
/// The public authorities that vouch for servers: the system's, kept fresh by its updates, or a file that takes their place on a machine whose own
/// are too old.
/// </summary>
public sealed class RootCertificates
{
    /// <summary>Certificates of a file; browsers ship about 150.</summary>
    public const int MostInAFile = 1_000;

    /// <summary>Where Linux distributions keep the file that their updates write.</summary>
    private static readonly string[] _systemFiles =
        ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"];

    private readonly string _path;
    private readonly ActivityLog _activity;
    private volatile X509Certificate2Collection? _file;

    public RootCertificates(DataFolder folder, ActivityLog activity)
    {
        (_path, _activity) = (folder.In("root-certificates.pem"), activity);
        if (!File.Exists(_path)) return;
        X509Certificate2Collection found = [];
        try
        {
            found.ImportFromPemFile(_path);
        }
        catch (CryptographicException fault)
        {
            throw new StartRefusedException($"{_path} holds no certificates ({fault.Message}). Remove it to use the system's root certificates.");
        }
        _file = found;
    }

    /// <summary>Raised after other roots were taken into use.</summary>
    public event Action? Changed;

    /// <summary>The file's roots; null: the system's are in use.</summary>
    public X509Certificate2Collection? FromFile => _file;

    public RootsInUse InUse => _file is { } file ? new(file.Count, File.GetLastWriteTimeUtc(_path), IsFile: true) : OfSystem;

    public static RootsInUse OfSystem
    {
        get
        {
            using var store = new X509Store(StoreName.Root, StoreLocation.LocalMachine, OpenFlags.ReadOnly);
            var changed = _systemFiles.Where(File.Exists).Select(path => (DateTimeOffset?)File.GetLastWriteTimeUtc(path)).FirstOrDefault();
            return new(store.Certificates.Count, changed, IsFile: false);
        }
    }

    /// <returns>Null when the file is in use, else a sentence.</returns>
    public async Task<string?> UseFileAsync(byte[] octets)
    {
        switch (CertificateFile.Parse(octets, MostInAFile))
        {
            case CertificateFile.Refused refused: return refused.Sentence;
            case CertificateFile.Read { Certificates: var found }:
                if (found.FirstOrDefault(one => !CertificateLine.Of(one).IsRoot) is { } other)
                    return $"{CertificateLine.Of(other).Subject} is no root certificate: {CertificateLine.Of(other).Issuer} vouches for it. A file of root certificates holds roots alone.";
                DurableFile.Replace(_path, Encoding.ASCII.GetBytes(string.Concat(found.Select(one => one.ExportCertificatePem() + "\n"))));
                _file = [.. found];
                Changed?.Invoke();
                await RecordAsync($"A file with {found.Count} root certificates is used in place of the system's.");
                return null;
            default: throw new InvalidOperationException("A file is read or refused.");
        }
    }

    public async Task UseSystemAsync()
    {
        if (_file is null) return;
        File.Delete(_path);
        DurableFile.SyncFolder(Path.GetDirectoryName(_path)!);
        _file = null;
        Changed?.Invoke();
        await RecordAsync("The system's root certificates are used again.");
    }

    private Task RecordAsync(string sentence) => _activity.RecordAsync(Subject.Gateway, "Root Certificate Update", sentence);
}
