using System.Text.Json.Serialization;

namespace DeviceMail.Lab.Directory;

/// <summary>A list as Graph wraps it.</summary>
public sealed record GraphList<T>(T[] Value);

public sealed record GraphErrorAnswer(GraphErrorWords Error);

public sealed record GraphErrorWords(string Code, string Message);

/// <summary>What a caller sends to make or change an application; what is null stays as it was.</summary>
public sealed record ApplicationBody
{
    public string? DisplayName { get; init; }
    public string? SignInAudience { get; init; }
    public bool? IsFallbackPublicClient { get; init; }
    public PublicClient? PublicClient { get; init; }
    public RequiredAccess[]? RequiredResourceAccess { get; init; }
}

public sealed record PrincipalBody(string? AppId);

public sealed record GrantBody
{
    public string? ClientId { get; init; }
    public string? ConsentType { get; init; }
    public string? PrincipalId { get; init; }
    public string? ResourceId { get; init; }
    public string? Scope { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(GraphList<LabApplication>))]
[JsonSerializable(typeof(GraphList<LabPrincipal>))]
[JsonSerializable(typeof(GraphList<LabGrant>))]
[JsonSerializable(typeof(GraphList<LabUser>))]
[JsonSerializable(typeof(GraphList<LabPolicy>))]
[JsonSerializable(typeof(SecurityDefaults))]
[JsonSerializable(typeof(GraphErrorAnswer))]
[JsonSerializable(typeof(ApplicationBody))]
[JsonSerializable(typeof(PrincipalBody))]
[JsonSerializable(typeof(GrantBody))]
public sealed partial class DirectoryJson : JsonSerializerContext;
