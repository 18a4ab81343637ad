using System.Globalization;
using System.Security.Cryptography;

namespace DeviceMail.Web;

/// <summary>
/// Passwords that people type, as PBKDF2-HMAC-SHA-512. The text carries its parameters, so that they can be raised and old
/// passwords still fit. At most two are computed at once: a flood of logins must not take the machine from the mail.
/// </summary>
public static class PasswordHash
{
    /// <summary>OWASP's least for PBKDF2 with SHA-512.</summary>
    public const int Iterations = 210_000;

    private const string Scheme = "pbkdf2-sha512";
    private const int SaltOctets = 16, HashOctets = 32;

    private static readonly SemaphoreSlim _room = new(2);

    /// <summary>Fits no password, and takes as long to find out.</summary>
    public static string Nobody { get; } = string.Join('$', Scheme, Iterations.ToString(CultureInfo.InvariantCulture),
        Convert.ToBase64String(RandomNumberGenerator.GetBytes(SaltOctets)), Convert.ToBase64String(RandomNumberGenerator.GetBytes(HashOctets)));

    public static async Task<string> MakeAsync(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltOctets);
        var hash = await ComputeAsync(password, salt, Iterations);
        return string.Join('$', Scheme, Iterations.ToString(CultureInfo.InvariantCulture), Convert.ToBase64String(salt), Convert.ToBase64String(hash));
    }

    /// <exception cref="FormatException">The text was not made here.</exception>
    public static async Task<bool> FitsAsync(string password, string stored)
    {
        if (stored.Split('$') is not [Scheme, var iterations, var salt, var hash]) throw new FormatException("This is no stored password.");
        var computed = await ComputeAsync(password, Convert.FromBase64String(salt), int.Parse(iterations, CultureInfo.InvariantCulture));
        return CryptographicOperations.FixedTimeEquals(computed, Convert.FromBase64String(hash));
    }

    private static async Task<byte[]> ComputeAsync(string password, byte[] salt, int iterations)
    {
        await _room.WaitAsync();
        try
        {
            return await Task.Run(() => Rfc2898DeriveBytes.Pbkdf2(password.Normalize(), salt, iterations, HashAlgorithmName.SHA512, HashOctets));
        }
        finally
        {
            _room.Release();
        }
    }
}
