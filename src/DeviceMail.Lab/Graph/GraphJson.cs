using System.Text.Json.Serialization;

namespace DeviceMail.Lab.Graph;

public sealed record GraphInnerError(string Date, [property: JsonPropertyName("request-id")] string RequestId);

public sealed record GraphError(string Code, string Message, GraphInnerError InnerError);

public sealed record GraphErrorAnswer(GraphError Error);

/// <summary>GET /me.</summary>
public sealed record GraphUser(string Id, string DisplayName, string Mail, string UserPrincipalName);

public sealed record GraphAddress(string? Name, string? Address);

public sealed record GraphRecipient(GraphAddress? EmailAddress);

public sealed record GraphContent(string? ContentType, string? Content);

public sealed record GraphHeader(string? Name, string? Value);

/// <summary>POST /messages: a draft. What is not named here is passed over. A list that is missing or null is an empty one.</summary>
public sealed record DraftRequest
{
    public string? Subject { get; init; }
    public GraphContent? Body { get; init; }
    public GraphRecipient? From { get; init; }
    public GraphRecipient[] ToRecipients { get; init => field = value ?? []; } = [];
    public GraphRecipient[] CcRecipients { get; init => field = value ?? []; } = [];
    public GraphRecipient[] BccRecipients { get; init => field = value ?? []; } = [];
    public GraphRecipient[] ReplyTo { get; init => field = value ?? []; } = [];
    public string? InternetMessageId { get; init; }

    /// <summary>Only fields that begin with x- may be set so.</summary>
    public GraphHeader[] InternetMessageHeaders { get; init => field = value ?? []; } = [];

    public IEnumerable<string> Recipients => ToRecipients.Concat(CcRecipients).Concat(BccRecipients)
        .Select(one => one.EmailAddress?.Address?.Trim() ?? "")
        .Where(address => address.IndexOf('@', StringComparison.Ordinal) > 0);
}

public sealed record DraftAnswer(string Id, string Subject, string InternetMessageId)
{
    public bool IsDraft { get; } = true;
}

/// <summary>POST /messages/{id}/attachments.</summary>
public sealed record AttachmentRequest(string? Name, string? ContentType, byte[]? ContentBytes)
{
    [JsonPropertyName("@odata.type")]
    public string? Type { get; init; }
    public string? ContentId { get; init; }
    public bool IsInline { get; init; }
}

public sealed record AttachmentAnswer(string Id, string Name, long Size)
{
    [JsonPropertyName("@odata.type")]
    public string Type { get; } = "#microsoft.graph.fileAttachment";
}

public sealed record AttachmentItem(string? AttachmentType, string? Name, long Size)
{
    public string? ContentType { get; init; }
    public string? ContentId { get; init; }
    public bool IsInline { get; init; }
}

/// <summary>POST /messages/{id}/attachments/createUploadSession.</summary>
public sealed record UploadRequest(AttachmentItem? AttachmentItem);

/// <summary>The upload address stands only in the first answer.</summary>
public sealed record UploadAnswer(string? UploadUrl, DateTimeOffset ExpirationDateTime, string[] NextExpectedRanges);

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    PropertyNameCaseInsensitive = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GraphErrorAnswer))]
[JsonSerializable(typeof(GraphUser))]
[JsonSerializable(typeof(DraftRequest))]
[JsonSerializable(typeof(DraftAnswer))]
[JsonSerializable(typeof(AttachmentRequest))]
[JsonSerializable(typeof(AttachmentAnswer))]
[JsonSerializable(typeof(UploadRequest))]
[JsonSerializable(typeof(UploadAnswer))]
public sealed partial class GraphJson : JsonSerializerContext;
