using System.Security.Cryptography;
using System.Text;

namespace DeviceMail.Web;

/// <summary>Works once, until its time is over: 26 letters and digits, 130 random bits, none of them easily mistaken for another.</summary>
public sealed record ClaimCode(string Text, DateTimeOffset Until)
{
    /// <summary>How long one is good.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(60);

    /// <summary>Crockford's alphabet: without I, L, O and U.</summary>
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int Length = 26, Group = 5;

    /// <summary>30 random bits: enough where only a logged-in administrator can try it.</summary>
    private const int ShortLength = 6, ShortGroup = 3;

    public static ClaimCode Make(DateTimeOffset now) => new(Grouped(RandomNumberGenerator.GetString(Alphabet, Length), Group), now + Life);

    /// <summary>A code that is read from one screen and typed at another, such as K7Q-3TX.</summary>
    public static ClaimCode MakeShort(DateTimeOffset until) => new(Grouped(RandomNumberGenerator.GetString(Alphabet, ShortLength), ShortGroup), until);

    /// <summary>Whether somebody typed this code; case, spaces and hyphens do not matter, nor O for 0 and I or L for 1.</summary>
    public bool Fits(string typed) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Plain(typed)), Encoding.UTF8.GetBytes(Plain(Text)));

    private static string Grouped(string code, int group) => string.Join('-', code.Chunk(group).Select(piece => new string(piece)));

    private static string Plain(string text) => string.Concat(text.ToUpperInvariant().Where(char.IsAsciiLetterOrDigit))
        .Replace('O', '0').Replace('I', '1').Replace('L', '1');
}
