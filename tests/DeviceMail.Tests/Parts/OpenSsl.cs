using System.Globalization;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Parts;

/// <summary>What openssl reads in a certificate.</summary>
/// <param name="Fingerprint">SHA-256, in capital hexadecimal digits without colons.</param>
/// <param name="Text">All of it, as "openssl x509 -text" prints it.</param>
public sealed record ReadCertificate(string Subject, DateTimeOffset NotBefore, DateTimeOffset NotAfter, int KeyBits, string Fingerprint, string Text);

/// <summary>Another implementation's word on certificates and keys in PEM: the program openssl.</summary>
public static class OpenSsl
{
    /// <exception cref="InvalidOperationException">openssl cannot read it.</exception>
    public static async Task<ReadCertificate> ReadAsync(string certificateFile)
    {
        var output = await SayAsync("x509", "-in", certificateFile, "-noout", "-subject", "-nameopt", "RFC2253", "-dates", "-dateopt", "iso_8601", "-fingerprint", "-sha256");
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split('=', 2)).ToDictionary(line => line[0], line => line[1]);
        var text = await SayAsync("x509", "-in", certificateFile, "-noout", "-text");
        return new ReadCertificate(
            lines["subject"], Date(lines["notBefore"]), Date(lines["notAfter"]), KeyBits(text),
            lines["sha256 Fingerprint"].Replace(":", "", StringComparison.Ordinal), text);
    }

    /// <summary>The certificate holds the public half of that private key.</summary>
    public static async Task<bool> BelongTogetherAsync(string certificateFile, string keyFile)
    {
        var shown = await SayAsync("x509", "-in", certificateFile, "-noout", "-pubkey");
        return shown == await SayAsync("pkey", "-in", keyFile, "-pubout");
    }

    /// <summary>Null when the certificate's own key signed it and it is valid now; otherwise what openssl objects to.</summary>
    public static Task<string?> SelfSignedFaultAsync(string certificateFile) => FaultAsync(certificateFile, certificateFile);

    /// <summary>Null when those roots vouch for the certificate now; otherwise what openssl objects to.</summary>
    public static async Task<string?> FaultAsync(string certificateFile, string rootFile)
    {
        // The roots of the system have no say. Without -check_ss_sig the signature of a root is taken on trust.
        var result = await Tool.RunAsync("openssl", "verify", "-no-CApath", "-no-CAstore", "-check_ss_sig", "-CAfile", rootFile, certificateFile);
        return result.ExitCode == 0 ? null : result.ToString();
    }

    /// <summary>The file holds a key that openssl finds sound, and reads without a password.</summary>
    public static async Task<bool> KeyIsSoundAsync(string keyFile) =>
        (await Tool.RunAsync("openssl", "pkey", "-in", keyFile, "-noout", "-check", "-passin", "pass:")).ExitCode == 0;

    /// <summary>The signature over those bytes is that of the certificate's key; for RSA as PSS with SHA-256 (PS256).</summary>
    public static async Task<bool> SignedAsync(string certificateFile, byte[] content, byte[] signature)
    {
        using var folder = new Folder();
        await File.WriteAllTextAsync(folder.In("public"), await SayAsync("x509", "-in", certificateFile, "-noout", "-pubkey"));
        await File.WriteAllBytesAsync(folder.In("content"), content);
        await File.WriteAllBytesAsync(folder.In("signature"), signature);
        var result = await Tool.RunAsync(
            "openssl", "dgst", "-sha256", "-verify", folder.In("public"), "-signature", folder.In("signature"),
            "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest", folder.In("content"));
        return result.ExitCode == 0;
    }

    private static async Task<string> SayAsync(params string[] arguments)
    {
        var result = await Tool.RunAsync("openssl", arguments);
        return result.ExitCode == 0 ? result.Output : throw new InvalidOperationException($"openssl {arguments[0]}: {result}");
    }

    private static DateTimeOffset Date(string text) =>
        DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    private static int KeyBits(string text)
    {
        var from = text.IndexOf("Public-Key: (", StringComparison.Ordinal) + "Public-Key: (".Length;
        return int.Parse(text[from..text.IndexOf(" bit)", from, StringComparison.Ordinal)], CultureInfo.InvariantCulture);
    }
}
