using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using DeviceMail.Storage;

namespace DeviceMail.Devices;

/// <summary>
/// A device's password as it is kept: generated ones as SHA-256 (they have 130 bits, so a slow hash adds nothing), typed ones by PBKDF2, and readable
/// only for devices that can do nothing but CRAM-MD5.
/// </summary>
public static class DeviceCredential
{
    private const int Rounds = 210_000;
    private const string Letters = "abcdefghijkmnpqrstuvwxyz23456789";

    private static readonly ConcurrentDictionary<string, byte[]> _recent = new();
    private static readonly SemaphoreSlim _hashing = new(2, 2);

    /// <summary>Matches no password.</summary>
    public static string Nobody { get; } = ForGenerated(Generate());

    /// <summary>26 letters and digits without look-alikes: 130 random bits.</summary>
    public static Secret Generate() => new(RandomNumberGenerator.GetString(Letters, 26));

    public static string ForGenerated(Secret password) => $"sha256:{Convert.ToHexString(Digest(password))}";

    public static string ForTyped(Secret password)
    {
        var salt = RandomNumberGenerator.GetBytes(16);
        return $"pbkdf2-sha512:{Rounds}:{Convert.ToHexString(salt)}:{Convert.ToHexString(Stretch(password, salt, Rounds))}";
    }

    public static string ForCramMd5(Secret password) => $"readable:{password.Reveal()}";

    /// <summary>What is kept once the device no longer needs its password readable.</summary>
    public static string? Hidden(string? kept) => kept is not null && Readable(kept) is { } password ? ForTyped(password) : kept;

    public static Secret? Readable(string kept) => kept.StartsWith("readable:", StringComparison.Ordinal) ? new Secret(kept["readable:".Length..]) : null;

    public static async ValueTask<bool> MatchesAsync(string kept, Secret password)
    {
        var parts = kept.Split(':', 4);
        return parts[0] switch
        {
            "sha256" => CryptographicOperations.FixedTimeEquals(Convert.FromHexString(parts[1]), Digest(password)),
            "readable" => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(kept["readable:".Length..]), Encoding.UTF8.GetBytes(password.Reveal())),
            "pbkdf2-sha512" => await MatchesTypedAsync(kept, parts, password),
            _ => false,
        };
    }

    /// <summary>A password that matched once matches again by its SHA-256, kept in memory: 108 ms for each mail would stop a busy device.</summary>
    private static async ValueTask<bool> MatchesTypedAsync(string kept, string[] parts, Secret password)
    {
        var digest = Digest(password);
        if (_recent.TryGetValue(kept, out var known) && CryptographicOperations.FixedTimeEquals(known, digest)) return true;
        await _hashing.WaitAsync();
        try
        {
            var matches = CryptographicOperations.FixedTimeEquals(Convert.FromHexString(parts[3]),
                Stretch(password, Convert.FromHexString(parts[2]), int.Parse(parts[1])));
            if (matches) _recent[kept] = digest;
            return matches;
        }
        finally
        {
            _hashing.Release();
        }
    }

    private static byte[] Digest(Secret password) => SHA256.HashData(Encoding.UTF8.GetBytes(password.Reveal()));

    private static byte[] Stretch(Secret password, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password.Reveal()), salt, rounds, HashAlgorithmName.SHA512, 64);
}
