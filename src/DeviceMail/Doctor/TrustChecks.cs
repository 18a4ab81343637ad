using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DeviceMail.Storage;
using DeviceMail.Web;

namespace DeviceMail.Doctor;

/// <summary>The authorities that are believed: the system's, and those of the administrator.</summary>
internal sealed class TrustChecks(DataFolder folder, TimeProvider time)
{
    // Where distributions keep them together in one file; OpenSSL reads the first that its own paths name.
    private static readonly string[] _systemFiles =
        ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem"];

    /// <summary>Public authorities change their roots every few years; after so long some will be missing.</summary>
    private static readonly TimeSpan _old = TimeSpan.FromDays(3 * 365);

    public IEnumerable<DoctorStep> Steps() =>
    [
        new("roots", "The system's authorities", _ => Task.FromResult(System())),
        new("own-roots", "The organisation's own authorities", _ => Task.FromResult(Own())),
    ];

    private DoctorLine System()
    {
        if (OperatingSystem.IsWindows()) return DoctorLine.Passed("Windows keeps its authorities up to date by itself.");
        var named = Environment.GetEnvironmentVariable("SSL_CERT_FILE");
        var file = named is { Length: > 0 } ? named : _systemFiles.FirstOrDefault(File.Exists);
        const string remedy = "The machine's administrator updates the package ca-certificates, then restarts the service.";
        if (file is null || !File.Exists(file))
            return DoctorLine.Failed("This system has no list of authorities, so no server of the internet is believed.", $"{remedy} In a container, it is added to the image.");
        var age = time.GetUtcNow() - new DateTimeOffset(File.GetLastWriteTimeUtc(file), TimeSpan.Zero);
        var words = $"The system's list of authorities ({file}) is from {Words.Date(File.GetLastWriteTime(file))}";
        return age > _old ? DoctorLine.Warned($"{words}, which is old: authorities that began since are unknown.", remedy) : DoctorLine.Passed($"{words}.");
    }

    private DoctorLine Own()
    {
        var now = time.GetUtcNow();
        List<string> good = [], faults = [];
        foreach (var path in Directory.EnumerateFiles(folder.TrustedRoots, "*.pem").Order(StringComparer.Ordinal))
        {
            try
            {
                var found = new X509Certificate2Collection();
                found.ImportFromPemFile(path);
                if (found.Count == 0) faults.Add($"{path} holds no certificate.");
                foreach (var one in found)
                {
                    var name = one.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
                    var until = new DateTimeOffset(one.NotAfter);
                    if (until <= now) faults.Add($"{path}: {name} ended on {Words.Date(until)}.");
                    else good.Add($"{name}, until {Words.Date(until)}");
                    one.Dispose();
                }
            }
            catch (Exception fault) when (fault is CryptographicException or IOException or UnauthorizedAccessException)
            {
                faults.Add($"{path} cannot be read: {fault.Message}");
            }
        }
        if (faults.Count > 0)
            return DoctorLine.Failed(string.Join(' ', faults), "The gateway's administrator replaces or removes these files; a file that is no certificate vouches for nobody.");
        return DoctorLine.Passed(good.Count == 0 ? "No authority of the organisation's own is imported; none is needed where nothing looks into TLS." : $"Believed beside the system's: {string.Join("; ", good)}.");
    }
}
