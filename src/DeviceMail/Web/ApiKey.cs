using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace DeviceMail.Web;

/// <summary>What a key of the HTTP API may do. None holds another: a script gets what it needs and no more.</summary>
[Flags]
public enum ApiScope
{
    /// <summary>For what needs no key.</summary>
    None = 0,

    /// <summary>Hand in what is to be sent.</summary>
    Send = 1,

    /// <summary>Read states and lists.</summary>
    Read = 2,

    /// <summary>Change what the gateway does.</summary>
    Admin = 4,
}

/// <summary>The scopes as people and the database write them.</summary>
internal static class ApiScopes
{
    public static IReadOnlyList<(ApiScope Scope, string Word, string Meaning)> All { get; } =
    [
        (ApiScope.Send, "send", "hands in what is to be sent"),
        (ApiScope.Read, "read", "reads states and lists"),
        (ApiScope.Admin, "admin", "changes what the gateway does"),
    ];

    public static IEnumerable<string> WordsOf(ApiScope scopes) => All.Where(one => scopes.HasFlag(one.Scope)).Select(one => one.Word);

    /// <param name="words">In any case and order.</param>
    /// <param name="scopes">What they mean together.</param>
    /// <param name="unknown">The first word that is no scope, or null.</param>
    public static bool TryParse(IEnumerable<string> words, out ApiScope scopes, [NotNullWhen(false)] out string? unknown)
    {
        (scopes, unknown) = (ApiScope.None, null);
        foreach (var word in words)
        {
            var scope = All.FirstOrDefault(one => one.Word.Equals(word, StringComparison.OrdinalIgnoreCase)).Scope;
            if (scope == ApiScope.None) unknown ??= word;
            scopes |= scope;
        }
        return unknown is null;
    }
}

/// <summary>A key of the HTTP API, without the key: that was shown once.</summary>
/// <param name="Id">Its number.</param>
/// <param name="Name">What it is for; it stands in the audit log.</param>
/// <param name="Hash">SHA-256 of its 256 bits, in hexadecimal.</param>
public sealed record ApiKey(long Id, string Name, string Hash)
{
    public required ApiScope Scopes { get; init; }

    public required DateTimeOffset MadeAt { get; init; }

    /// <summary>Null: not yet.</summary>
    public DateTimeOffset? LastUsed { get; init; }
}

/// <summary>How a key is written: 256 random bits in base64url behind a mark by which people and programs that look for lost secrets know it.</summary>
internal static class ApiKeyText
{
    public const string Mark = "devicemail_";

    private const int Octets = 32;

    public static string Make() => Mark + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(Octets));

    /// <summary>Null when the text is no key.</summary>
    public static string? HashOf(string text)
    {
        Span<byte> octets = stackalloc byte[Octets];
        if (text.Length != Mark.Length + Base64Url.GetEncodedLength(Octets) || !text.StartsWith(Mark, StringComparison.Ordinal)) return null;
        return Base64Url.TryDecodeFromChars(text.AsSpan(Mark.Length), octets, out var written) && written == Octets ? Convert.ToHexStringLower(SHA256.HashData(octets)) : null;
    }
}
