using System.Text.Json.Serialization;
using DeviceMail.Storage;

namespace DeviceMail.Accounts;

/// <summary>The token endpoint's answer, good or bad (RFC 6749 5.1, 5.2; error_codes and suberror are Entra's).</summary>
internal sealed record TokenAnswer
{
    [JsonPropertyName("access_token")] public string? AccessToken { get; init; }

    [JsonPropertyName("refresh_token")] public string? RefreshToken { get; init; }

    [JsonPropertyName("id_token")] public string? IdToken { get; init; }

    [JsonPropertyName("expires_in")] public double? ExpiresIn { get; init; }

    [JsonPropertyName("error")] public string? Error { get; init; }

    [JsonPropertyName("suberror")] public string? SubError { get; init; }

    [JsonPropertyName("error_description")] public string? Description { get; init; }

    [JsonPropertyName("error_codes")] public int[]? Codes { get; init; }
}

/// <summary>The device authorization endpoint's answer (RFC 8628 3.2); Entra can send an error with status 200.</summary>
internal sealed record DeviceCodeAnswer
{
    [JsonPropertyName("device_code")] public string? DeviceCode { get; init; }

    [JsonPropertyName("user_code")] public string? UserCode { get; init; }

    [JsonPropertyName("verification_uri")] public string? VerificationUri { get; init; }

    /// <summary>Google's older name for it.</summary>
    [JsonPropertyName("verification_url")] public string? VerificationUrl { get; init; }

    [JsonPropertyName("expires_in")] public double? ExpiresIn { get; init; }

    [JsonPropertyName("interval")] public double? Interval { get; init; }

    [JsonPropertyName("error")] public string? Error { get; init; }

    [JsonPropertyName("error_description")] public string? Description { get; init; }

    [JsonPropertyName("error_codes")] public int[]? Codes { get; init; }
}

/// <summary>What is used of an OpenID provider's metadata (OpenID Connect Discovery 1.0, RFC 8414).</summary>
internal sealed record DiscoveryAnswer
{
    [JsonPropertyName("issuer")] public string? Issuer { get; init; }

    [JsonPropertyName("token_endpoint")] public string? TokenEndpoint { get; init; }

    [JsonPropertyName("authorization_endpoint")] public string? AuthorizationEndpoint { get; init; }

    [JsonPropertyName("authorization_response_iss_parameter_supported")] public bool NamesIssuer { get; init; }

    [JsonPropertyName("device_authorization_endpoint")] public string? DeviceAuthorizationEndpoint { get; init; }
}

/// <summary>The head of a signed assertion (RFC 7515 4.1).</summary>
internal sealed record AssertionHeader([property: JsonPropertyName("alg")] string Algorithm, [property: JsonPropertyName("typ")] string Type, [property: JsonPropertyName("x5t#S256")] string Certificate);

/// <summary>What an application says of itself (RFC 7523 3); times in seconds since 1970.</summary>
internal sealed record AssertionClaims([property: JsonPropertyName("iss")] string Issuer, [property: JsonPropertyName("sub")] string Subject, [property: JsonPropertyName("aud")] string Audience)
{
    [JsonPropertyName("jti")] public required string Id { get; init; }

    [JsonPropertyName("iat")] public long IssuedAt { get; init; }

    [JsonPropertyName("nbf")] public long NotBefore { get; init; }

    [JsonPropertyName("exp")] public long Expires { get; init; }
}

/// <summary>What came back from an OAuth endpoint.</summary>
internal abstract record OAuthReply
{
    /// <summary>A JSON answer of the endpoint; it may say an error.</summary>
    public sealed record Answered<T>(T Answer, TimeSpan? RetryAfter) : OAuthReply;

    /// <summary>No answer, or one that is not the endpoint's: nothing is known.</summary>
    public sealed record NoAnswer(string Words, TimeSpan? RetryAfter) : OAuthReply
    {
        /// <summary>Whether the request may have been carried out although no answer came.</summary>
        public bool IsUncertain { get; init; }
    }
}

/// <summary>What came back from a service that was asked with an access token.</summary>
internal abstract record BearerReply
{
    /// <param name="Status">HTTP status, any.</param>
    /// <param name="Body">Its octets, up to 1 MB.</param>
    /// <param name="RetryAfter">How long the service asks to wait; null: it did not.</param>
    public sealed record Answered(int Status, byte[] Body, TimeSpan? RetryAfter) : BearerReply;

    /// <summary>Nothing is known; the request may have been carried out all the same.</summary>
    public sealed record NoAnswer(string Words) : BearerReply;
}

/// <summary>Tokens as a person's sign-in brought them.</summary>
internal sealed record SignInTokens(Secret Access, Secret? Refresh, TimeSpan Lifetime, string? SignedInAs, string Organisation)
{
    /// <summary>What the access token opens.</summary>
    public Transport For { get; init; }

    public SignInWay By { get; init; }
}
