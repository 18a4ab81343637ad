using System.Text.Json.Serialization;

namespace DeviceMail.Lab.Entra;

public sealed record DeviceCodeAnswer(string UserCode, string DeviceCode, string VerificationUri, int ExpiresIn)
{
    public int? Interval { get; init; }
    public required string Message { get; init; }
}

public sealed record TokenAnswer(string Scope, int ExpiresIn, string AccessToken)
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
    public string Ver { get; } = "2.0";
}

public sealed record AccessTokenClaims(string Aud, string Scp, long Iat, long Exp, string Upn)
{
    public required string Jti { get; init; }
    public required string Oid { get; init; }
    public required string Tid { get; init; }
    public string Ver { get; } = "1.0";
}

public sealed record TokenHeader(string Typ, string Alg, string Kid);

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
public sealed partial class EntraJson : JsonSerializerContext;

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, PropertyNameCaseInsensitive = true)]
[JsonSerializable(typeof(ApprovalRequest))]
[JsonSerializable(typeof(ApprovalAnswer))]
public sealed partial class ApprovalJson : JsonSerializerContext;
