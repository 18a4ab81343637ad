using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DeviceMail.Sending;

/// <summary>What Graph says when it refuses (Microsoft Graph, "Error responses and resource types").</summary>
internal sealed record GraphError(GraphErrorDetail? Error);

internal sealed record GraphErrorDetail(string? Code, string? Message);

internal sealed record GraphCreated(string? Id);

/// <summary>A place to which an attachment goes in pieces; its address needs no token, and must not get one.</summary>
internal sealed record GraphUpload(string? UploadUrl);

internal sealed record GraphDraft(string Subject, GraphBody Body)
{
    public GraphRecipient? From { get; init; }

    public IReadOnlyList<GraphRecipient> ToRecipients { get; init; } = [];

    public IReadOnlyList<GraphRecipient> CcRecipients { get; init; } = [];

    public IReadOnlyList<GraphRecipient> BccRecipients { get; init; } = [];

    public IReadOnlyList<GraphRecipient> ReplyTo { get; init; } = [];

    public string? InternetMessageId { get; init; }
}

/// <param name="ContentType">text or html.</param>
/// <param name="Content">The words.</param>
internal sealed record GraphBody(string ContentType, string Content);

internal sealed record GraphRecipient(GraphAddress EmailAddress);

internal sealed record GraphAddress(string Address, string? Name);

/// <summary>An attachment that goes in one piece.</summary>
internal sealed record GraphFile(string Name, string ContentType, string ContentBytes)
{
    [JsonPropertyName("@odata.type")] public string Type => "#microsoft.graph.fileAttachment";

    public bool IsInline { get; init; }

    public string? ContentId { get; init; }
}

internal sealed record GraphUploadRequest([property: JsonPropertyName("AttachmentItem")] GraphItem Item);

internal sealed record GraphItem(string Name, long Size)
{
    public string AttachmentType => "file";

    public string? ContentType { get; init; }

    public bool IsInline { get; init; }

    public string? ContentId { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GraphError))]
[JsonSerializable(typeof(GraphCreated))]
[JsonSerializable(typeof(GraphUpload))]
[JsonSerializable(typeof(GraphDraft))]
[JsonSerializable(typeof(GraphFile))]
[JsonSerializable(typeof(GraphUploadRequest))]
internal sealed partial class GraphMailJson : JsonSerializerContext
{
    /// <summary>No page shows what is written with it, and with the plus signs of base64 escaped a file would be larger than Graph takes.</summary>
    public static GraphMailJson Wire { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
