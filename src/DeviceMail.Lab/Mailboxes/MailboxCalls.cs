using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DeviceMail.Lab.Mailboxes;

/// <summary>One message in the answer of GET /api/mailboxes/{address}. To holds the envelope's recipients.</summary>
public sealed record MessageRow(string Id, DateTimeOffset ReceivedAt, string From, string[] To, string Subject)
{
    public required long Size { get; init; }
    public required string MessageId { get; init; }
    public required string Sha256 { get; init; }
    public required string SignedIn { get; init; }
    public required string Way { get; init; }
    public required string TokenOf { get; init; }
    public long? Session { get; init; }
    public required LabAttachment[] Attachments { get; init; }

    public static MessageRow Of(LabMessage message) =>
        new(message.Id, message.ReceivedAt, message.Envelope.Sender, [.. message.Envelope.Recipients], message.Content.Header("Subject"))
        {
            Size = message.Body.Size,
            MessageId = message.Content.Header("Message-ID"),
            Sha256 = message.Body.Sha256,
            SignedIn = message.Envelope.SignedIn,
            Way = message.Envelope.Way,
            TokenOf = message.Envelope.TokenOf,
            Session = message.Envelope.Session,
            Attachments = [.. message.Content.Attachments],
        };
}

/// <summary>The JSON side of the mailboxes.</summary>
public sealed class MailboxCalls(LabMailboxes mailboxes)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/mailboxes", IResult () => Results.Json([.. mailboxes.Addresses], MailboxJson.Default.StringArray));
        routes.MapGet("/api/mailboxes/{address}", IResult (string address) =>
            Results.Json([.. mailboxes[address].Select(MessageRow.Of)], MailboxJson.Default.MessageRowArray));
        routes.MapGet("/api/mailboxes/{address}/{id}/raw", IResult (string address, string id) =>
            mailboxes.Find(address, id) is { } message
                ? Results.Stream(message.Body.OpenRead(), "message/rfc822", $"{id}.eml")
                : Results.NotFound());
        routes.MapDelete("/api/mailboxes", IResult () =>
        {
            mailboxes.Clear();
            return Results.NoContent();
        });
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(MessageRow[]))]
[JsonSerializable(typeof(string[]))]
public sealed partial class MailboxJson : JsonSerializerContext;
