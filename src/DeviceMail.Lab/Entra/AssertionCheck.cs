using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace DeviceMail.Lab.Entra;

/// <summary>Checks the JWT with which the owner of an uploaded certificate proves that it has the key (RFC 7523).</summary>
public sealed class AssertionCheck(PretendCloud cloud)
{
    public const string Type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    /// <summary>Ten minutes are asked for; a little more is let through.</summary>
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(11);

    private static readonly TimeSpan ClockSkew = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, byte> _used = new(StringComparer.Ordinal);

    /// <summary>Null when the assertion is good. It is used up then.</summary>
    public EntraRefusal? Fault(string assertion, Authority authority)
    {
        if (assertion.Split('.') is not [var head, var body, var signature]
            || Read(head, EntraJson.Default.AssertionHeader) is not { } header
            || Read(body, EntraJson.Default.AssertionClaims) is not { } claims
            || cloud.Tenant.Certificates.Find(header.X5tSha256 ?? header.X5t ?? "") is not { } certificate
            || !IsSigned(certificate, header.Alg, Encoding.ASCII.GetBytes($"{head}.{body}"), signature))
            return CredentialRefusals.BadAssertion;
        return Fault(certificate) ?? Fault(claims, authority);
    }

    private EntraRefusal? Fault(X509Certificate2 certificate)
    {
        var now = cloud.Time.GetUtcNow();
        return now < certificate.NotBefore || now > certificate.NotAfter ? CredentialRefusals.ExpiredCertificate : null;
    }

    private EntraRefusal? Fault(AssertionClaims claims, Authority authority)
    {
        var client = LabTenant.ClientId.ToString();
        if (claims.Iss != client || claims.Sub != client)
            return CredentialRefusals.OtherClient;
        string[] audiences =
        [
            $"{cloud.Web}{authority.Name}/oauth2/v2.0/token", $"{cloud.Web}{LabTenant.Domain}/oauth2/v2.0/token", authority.Issuer,
        ];
        if (!audiences.Contains(claims.Aud, StringComparer.Ordinal))
            return CredentialRefusals.OtherAudience;
        if (claims.Exp is not { } end || !IsInTime(claims.Nbf ?? claims.Iat, end))
            return CredentialRefusals.AssertionOutOfTime;
        return claims.Jti is { Length: > 0 } id && _used.TryAdd(id, 0) ? null : CredentialRefusals.UsedAssertion;
    }

    private bool IsInTime(long? start, long end)
    {
        var now = cloud.Time.GetUtcNow().ToUnixTimeSeconds();
        var from = start ?? now;
        return end > now && from <= now + ClockSkew.TotalSeconds && end - from <= LongestLife.TotalSeconds;
    }

    private static bool IsSigned(X509Certificate2 certificate, string? algorithm, byte[] signed, string signature)
    {
        var padding = algorithm switch
        {
            "PS256" => RSASignaturePadding.Pss,
            "RS256" => RSASignaturePadding.Pkcs1,
            _ => null,
        };
        if (padding is null || !Base64Url.IsValid(signature))
            return false;
        using var key = certificate.GetRSAPublicKey()!;
        return key.VerifyData(signed, Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256, padding);
    }

    private static T? Read<T>(string part, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return Base64Url.IsValid(part) ? JsonSerializer.Deserialize(Base64Url.DecodeFromChars(part), type) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
