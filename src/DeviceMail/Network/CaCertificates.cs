using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using DeviceMail.Activity;
using DeviceMail.Storage;

namespace DeviceMail.Network;

public abstract record CertificateImport
{
    /// <param name="Added">What is trusted from now on.</param>
    /// <param name="Known">How many of the file were there already.</param>
    public sealed record Imported(IReadOnlyList<CertificateLine> Added, int Known) : CertificateImport;

    public sealed record Refused(string Sentence) : CertificateImport;
}

/// <summary>
/// Authorities of the administrator's own, beside the root certificates: PEM files in the data folder's trusted-roots. The files are read for each
/// use, so what an administrator puts there by hand counts as well.
/// </summary>
public sealed class CaCertificates(DataFolder folder, ActivityLog activity, TimeProvider time) : IDisposable
{
    /// <summary>Octets of one import.</summary>
    public const int LargestFile = 256 << 10;

    /// <summary>Certificates of one import.</summary>
    public const int MostInAFile = 50;

    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Raised after an import or a removal.</summary>
    public event Action? Changed;

    public X509Certificate2Collection Certificates => [.. Files().SelectMany(file => file.Certificates)];

    /// <summary>By subject.</summary>
    public IReadOnlyList<CertificateLine> All =>
        [.. Certificates.Select(CertificateLine.Of).DistinctBy(line => line.Fingerprint).OrderBy(line => line.Subject, StringComparer.OrdinalIgnoreCase)];

    /// <summary>Files in the folder that hold no certificate, by name: they vouch for nobody.</summary>
    public IReadOnlyList<string> Unreadable => [.. Files().Where(file => file.Certificates.Count == 0).Select(file => Path.GetFileName(file.Path))];

    /// <param name="octets">A file of PEM or DER.</param>
    public async Task<CertificateImport> ImportAsync(byte[] octets)
    {
        if (octets.Length > LargestFile) return new CertificateImport.Refused($"The file is larger than {LargestFile >> 10} KB. A certificate has a few KB; choose the right file.");
        if (CertificateFile.Parse(octets, MostInAFile) is not CertificateFile.Read { Certificates: var found } read) return Refuse(octets);
        foreach (var certificate in read.Certificates)
            if (Objection(certificate) is { } sentence) return new CertificateImport.Refused(sentence);
        await _one.WaitAsync();
        try
        {
            var known = All.Select(line => line.Fingerprint).ToHashSet();
            var fresh = found.DistinctBy(CertificateLine.FingerprintOf).Where(one => !known.Contains(CertificateLine.FingerprintOf(one))).ToList();
            foreach (var certificate in fresh) Write(Path.Combine(folder.TrustedRoots, $"{CertificateLine.FingerprintOf(certificate)[..32]}.pem"), [certificate]);
            List<CertificateLine> added = [.. fresh.Select(CertificateLine.Of)];
            if (added.Count > 0) Changed?.Invoke();
            foreach (var line in added) await RecordAsync($"The CA certificate {line.Subject} was imported: servers it vouches for are trusted.");
            return new CertificateImport.Imported(added, found.Count - added.Count);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <returns>What was removed, or null when it was not there.</returns>
    public async Task<CertificateLine?> RemoveAsync(string fingerprint)
    {
        await _one.WaitAsync();
        try
        {
            CertificateLine? removed = null;
            foreach (var file in Files())
            {
                if (file.Certificates.FirstOrDefault(one => CertificateLine.FingerprintOf(one) == fingerprint) is not { } found) continue;
                removed = CertificateLine.Of(found);
                X509Certificate2[] others = [.. file.Certificates.Where(one => CertificateLine.FingerprintOf(one) != fingerprint)];
                if (others.Length > 0) Write(file.Path, others);
                else Delete(file.Path);
            }
            if (removed is null) return null;
            Changed?.Invoke();
            await RecordAsync($"The CA certificate {removed.Subject} was removed: servers it alone vouches for are no longer trusted.");
            return removed;
        }
        finally
        {
            _one.Release();
        }
    }

    public void Dispose() => _one.Dispose();

    private static CertificateImport.Refused Refuse(byte[] octets) => new(((CertificateFile.Refused)CertificateFile.Parse(octets, MostInAFile)).Sentence);

    private string? Objection(X509Certificate2 certificate)
    {
        var line = CertificateLine.Of(certificate);
        if (line.Until < time.GetUtcNow()) return $"The certificate {line.Subject} ended on {Day(line.Until)}. Ask its authority for the one in use now.";
        var isAuthority = certificate.Extensions.OfType<X509BasicConstraintsExtension>().FirstOrDefault() is { CertificateAuthority: true };
        return isAuthority || line.IsRoot ? null
            : $"{line.Subject} is the certificate of a server, not of an authority. Import the certificate of the authority that issued it: {line.Issuer}.";
    }

    private Task RecordAsync(string sentence) => activity.RecordAsync(Subject.Gateway, "CA Certificate", sentence);

    private static string Day(DateTimeOffset moment) => moment.ToString("d MMMM yyyy", System.Globalization.CultureInfo.InvariantCulture);

    private static void Write(string path, IEnumerable<X509Certificate2> certificates) =>
        DurableFile.Replace(path, Encoding.ASCII.GetBytes(string.Concat(certificates.Select(one => one.ExportCertificatePem() + "\n"))));

    private static void Delete(string path)
    {
        File.Delete(path);
        DurableFile.SyncFolder(Path.GetDirectoryName(path)!);
    }

    private IEnumerable<(string Path, X509Certificate2Collection Certificates)> Files()
    {
        foreach (var path in Directory.GetFiles(folder.TrustedRoots, "*.pem").Order(StringComparer.Ordinal))
        {
            X509Certificate2Collection found = [];
            try
            {
                found.ImportFromPemFile(path);
            }
            catch (Exception fault) when (fault is CryptographicException or FileNotFoundException)
            {
                // Named by Unreadable, or removed at this moment.
            }
            yield return (path, found);
        }
    }
}
