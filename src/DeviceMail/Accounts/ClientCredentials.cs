using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DeviceMail.Storage;

namespace DeviceMail.Accounts;

/// <summary>
/// How an account's application proves itself at the token endpoint: by an assertion that its certificate's key signs (RFC 7523), by a client
/// secret (RFC 6749 2.3.1), or, as a public client, by nothing.
/// </summary>
public sealed class ClientCredentials(SecretStore secrets, TimeProvider time)
{
    private const string JwtBearer = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

    // Long enough for a clock that is off by minutes, and no longer: the assertion is good once.
    private static readonly TimeSpan _assertionLife = TimeSpan.FromMinutes(5);

    /// <summary>Whether a client secret is kept.</summary>
    public bool HasSecret(Account account) => secrets.Find(SecretNames.ClientSecret(account)) is not null;

    /// <summary>Makes a key and its certificate; the account that is returned has it as the next one and must be saved.</summary>
    internal Account MakeCertificate(Account account)
    {
        var (certificate, key) = ApplicationCertificate.Make(account, time.GetUtcNow());
        secrets.Put(SecretNames.ClientKey(account, certificate), key);
        return account with { NextCertificate = certificate };
    }

    /// <summary>The client's part of a token request's form.</summary>
    internal IEnumerable<KeyValuePair<string, string>> FormOf(Account account, OAuthEndpoints endpoints)
    {
        yield return new("client_id", account.ClientId);
        if (account.IsApplication && account.Certificate.Length > 0 && secrets.Find(SecretNames.ClientKey(account, account.Certificate)) is { } key)
        {
            yield return new("client_assertion_type", JwtBearer);
            yield return new("client_assertion", Assertion(account, endpoints, key));
        }
        else if (secrets.Find(SecretNames.ClientSecret(account)) is { } secret)
        {
            yield return new("client_secret", secret.Reveal());
        }
    }

    /// <summary>RFC 7523 3, signed with PS256; the certificate is named by x5t#S256 (RFC 7515 4.1.8), as Microsoft's identity platform asks.</summary>
    private string Assertion(Account account, OAuthEndpoints endpoints, Secret key)
    {
        var now = time.GetUtcNow();
        // Microsoft knows itself by its token endpoint; others by their issuer (OpenID Connect Core 9).
        var audience = endpoints.Issuer.Length > 0 && !MicrosoftAuthority.IsTokenEndpoint(endpoints.Token) ? endpoints.Issuer : endpoints.Token;
        var header = new AssertionHeader("PS256", "JWT", Base64Url.EncodeToString(Convert.FromHexString(ApplicationCertificate.Fingerprint(account.Certificate))));
        var claims = new AssertionClaims(account.ClientId, account.ClientId, audience)
        {
            Id = Guid.NewGuid().ToString(),
            IssuedAt = now.ToUnixTimeSeconds(),
            NotBefore = now.ToUnixTimeSeconds(),
            Expires = (now + _assertionLife).ToUnixTimeSeconds(),
        };
        var signed = $"{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(header, AccountsJson.Default.AssertionHeader))}"
            + $".{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims, AccountsJson.Default.AssertionClaims))}";
        using var rsa = RSA.Create();
        rsa.ImportFromPem(key.Reveal());
        return $"{signed}.{Base64Url.EncodeToString(rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pss))}";
    }
}
