using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace DeviceMail.Lab.Entra;

/// <summary>The tenant's signing key and the compact form of its tokens (RFC 7515).</summary>
public sealed class TokenSigner : IDisposable
{
    private const string KeyId = "pretend-key-1";

    private readonly Lazy<RSA> _key = new(() => RSA.Create(2048));

    public SigningKeys PublicKeys
    {
        get
        {
            var key = _key.Value.ExportParameters(false);
            return new([new("RSA", "sig", KeyId, Base64Url.EncodeToString(key.Modulus), Base64Url.EncodeToString(key.Exponent))]);
        }
    }

    public string Sign(IdToken token)
    {
        var unsigned = Unsigned(token, EntraJson.Default.IdToken);
        var signature = _key.Value.SignData(Encoding.ASCII.GetBytes(unsigned), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return $"{unsigned}.{Base64Url.EncodeToString(signature)}";
    }

    /// <summary>Looks like a JWT, has the wanted length, and cannot be checked: clients have to treat it as opaque.</summary>
    public static string Opaque(AccessTokenClaims claims, int length)
    {
        var unsigned = Unsigned(claims, EntraJson.Default.AccessTokenClaims);
        return $"{unsigned}.{RandomText(Math.Max(43, length - unsigned.Length - 1))}";
    }

    public static string RandomText(int length) => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(length * 3 / 4 + 1))[..length];

    public void Dispose()
    {
        if (_key.IsValueCreated)
            _key.Value.Dispose();
    }

    private static string Unsigned<T>(T payload, JsonTypeInfo<T> type)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(new TokenHeader("JWT", "RS256", KeyId), EntraJson.Default.TokenHeader);
        return $"{Base64Url.EncodeToString(header)}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(payload, type))}";
    }
}
