using System.Security.Cryptography;
using System.Text;
using DeviceMail.Storage;

namespace DeviceMail.People;

/// <summary>
/// Makes of a card's ID or an ID number what can be searched for and not be read: HMAC-SHA-256 with a key of the secret store, made at first need. A
/// database without that key does not tell the numbers, few as they are.
/// </summary>
internal sealed class LookupKey(SecretStore secrets)
{
    private const int Octets = 32;
    private static readonly SecretName _name = new("people", "lookup-key", "people");

    private readonly Lock _lock = new();
    private byte[]? _key = Read(secrets);

    public string? OfIdNumber(string number) => Of("id-number", number);

    public string? OfCard(string card) => Of("card", card);

    /// <summary>Whether the text was made with the key that is here; another key's finds nobody.</summary>
    public bool Made(string? hash)
    {
        lock (_lock) return hash is not null && _key is not null && hash.StartsWith(Mark(_key), StringComparison.Ordinal);
    }

    /// <summary>Makes the key where there is none yet.</summary>
    /// <exception cref="StorageFailedException">The disk did not keep it.</exception>
    public void Need()
    {
        lock (_lock)
        {
            if (_key is not null) return;
            var key = RandomNumberGenerator.GetBytes(Octets);
            secrets.Put(_name, new Secret(Convert.ToBase64String(key)));
            _key = key;
        }
    }

    private string? Of(string kind, string value)
    {
        lock (_lock) return _key is null ? null : $"{Mark(_key)}{Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{kind}\n{value}")))}";
    }

    private static string Mark(byte[] key) => $"{Convert.ToHexStringLower(HMACSHA256.HashData(key, "mark"u8).AsSpan(0, 4))}:";

    private static byte[]? Read(SecretStore secrets) =>
        secrets.Find(_name)?.Reveal() is { } text && Convert.FromBase64String(text) is { Length: Octets } key ? key : null;
}
