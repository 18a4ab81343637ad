using System.Text.Json.Serialization;

namespace DeviceMail.Lab.Entra;

public sealed record DeviceCodeAnswer(string UserCode, string DeviceCode, string VerificationUri, int ExpiresIn)
{
    public int? Interval { get; init; }
    public required string Message { get; init; }
}

public sealed record TokenAnswer(string? Scope, int ExpiresIn, string AccessToken)
{
    public string TokenType { get; } = "Bearer";
    public int ExtExpiresIn => ExpiresIn;
    public string? RefreshToken { get; init; }
    public string? IdToken { get; init; }
}

public sealed record RefusalAnswer(string Error, string ErrorDescription, int[] ErrorCodes, string Timestamp, string TraceId)
{
    public required string CorrelationId { get; init; }
    public string? Suberror { get; init; }
}

public sealed record Discovery(string Issuer, string TokenEndpoint, string DeviceAuthorizationEndpoint, string JwksUri)
{
    public required string AuthorizationEndpoint { get; init; }
    public string[] ResponseTypesSupported { get; } = ["code", "id_token", "code id_token", "id_token token"];
    public string[] TokenEndpointAuthMethodsSupported { get; } = ["client_secret_post", "private_key_jwt", "client_secret_basic"];
    public string[] ResponseModesSupported { get; } = ["query", "fragment", "form_post"];
    public string[] SubjectTypesSupported { get; } = ["pairwise"];
    public string[] IdTokenSigningAlgValuesSupported { get; } = ["RS256"];
    public string[] ScopesSupported { get; } = ["openid", "profile", "email", "offline_access"];
    public string[] ClaimsSupported { get; } = ["sub", "iss", "aud", "exp", "iat", "tid", "oid", "preferred_username", "name"];
}

public sealed record SigningKey(string Kty, string Use, string Kid, string N, string E);

public sealed record SigningKeys(SigningKey[] Keys);

public sealed record IdToken(string Aud, string Iss, long Iat, long Nbf, long Exp)
{
    public required string Name { get; init; }
    public required string Oid { get; init; }
    public required string PreferredUsername { get; init; }
    public required string Sub { get; init; }
    public required string Tid { get; init; }
    public string? Email { get; init; }
    public string? Nonce { get; init; }
    public string Ver { get; } = "2.0";
}

public sealed record AccessTokenClaims(string Aud, long Iat, long Exp)
{
    public string? Scp { get; init; }
    public string? Upn { get; init; }
    public IReadOnlyList<string>? Roles { get; init; }
    public string? Idtyp { get; init; }
    public required string Jti { get; init; }
    public required string Oid { get; init; }
    public required string Tid { get; init; }
    public string Ver { get; } = "1.0";
}

public sealed record TokenHeader(string Typ, string Alg, string Kid);

/// <summary>The header of a client assertion (RFC 7523): it names its certificate by thumbprint.</summary>
public sealed record AssertionHeader(string? Alg, string? X5t)
{
    [JsonPropertyName("x5t#S256")]
    public string? X5tSha256 { get; init; }
}

public sealed record AssertionClaims(string? Iss, string? Sub, string? Aud, string? Jti)
{
    public long? Exp { get; init; }
    public long? Nbf { get; init; }
    public long? Iat { get; init; }
}

/// <summary>POST /api/authorize: what the person would do in the browser at an authorize or admin consent address.</summary>
public sealed record VisitRequest(Uri? Url, string? Account)
{
    public bool Decline { get; init; }
}

/// <summary>Where the browser lands, or what the page says instead.</summary>
public sealed record VisitAnswer(string? Location, string? Error);

/// <summary>POST /api/certificates: a certificate in PEM.</summary>
public sealed record CertificateUpload(string? Pem);

public sealed record CertificateAnswer(string? Thumbprint, string? Error);

/// <summary>POST /api/approve: what the person would do in the browser.</summary>
public sealed record ApprovalRequest(string? UserCode, string? Account)
{
    public bool Decline { get; init; }
}

public sealed record ApprovalAnswer(string Result, string? Error);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DeviceCodeAnswer))]
[JsonSerializable(typeof(TokenAnswer))]
[JsonSerializable(typeof(RefusalAnswer))]
[JsonSerializable(typeof(Discovery))]
[JsonSerializable(typeof(SigningKeys))]
[JsonSerializable(typeof(IdToken))]
[JsonSerializable(typeof(AccessTokenClaims))]
[JsonSerializable(typeof(TokenHeader))]
[JsonSerializable(typeof(AssertionHeader))]
[JsonSerializable(typeof(AssertionClaims))]
public sealed partial class EntraJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(ApprovalRequest))]
[JsonSerializable(typeof(ApprovalAnswer))]
[JsonSerializable(typeof(VisitRequest))]
[JsonSerializable(typeof(VisitAnswer))]
[JsonSerializable(typeof(CertificateUpload))]
[JsonSerializable(typeof(CertificateAnswer))]
public sealed partial class ApprovalJson : JsonSerializerContext;
