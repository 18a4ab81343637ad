using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace DeviceMail.Lab.Graph;

/// <summary>One refusal of Graph: the status, the code by which clients decide, and its words.</summary>
public sealed record GraphRefusal(int Status, string Code, string Message)
{
    /// <summary>Seconds of Retry-After; 0 leaves it out.</summary>
    public int RetryAfter { get; init; }

    public static readonly GraphRefusal NoToken = new(401, "InvalidAuthenticationToken", "Access token is empty.");
    public static readonly GraphRefusal BadToken = new(401, "InvalidAuthenticationToken", "Access token validation failure: it is expired, revoked or for another audience.");
    public static readonly GraphRefusal AccessDenied = new(403, "ErrorAccessDenied", "Access is denied. Check credentials and try again.");
    public static readonly GraphRefusal NotForApplications = new(400, "BadRequest", "/me request is only valid with delegated authentication flow.");
    public static readonly GraphRefusal NoMailbox = new(404, "MailboxNotEnabledForRESTAPI", "The mailbox is either inactive, soft-deleted, or is hosted on-premise.");
    public static readonly GraphRefusal Unavailable = new(503, "ServiceUnavailable", "The service is temporarily unavailable.");
    public static readonly GraphRefusal TooManyAtOnce = new(429, "ApplicationThrottled", "Application is over its MailboxConcurrency limit.") { RetryAfter = 2 };
    public static readonly GraphRefusal RequestTooLarge = new(413, "RequestEntityTooLarge", "The request exceeded the maximum size of 4 MB.");
    public static readonly GraphRefusal BadBase64 = new(400, "ErrorMimeContentInvalidBase64String", "Invalid base64 string for MIME content.");
    public static readonly GraphRefusal NoRecipients = new(400, "ErrorInvalidRecipients", "At least one recipient isn't valid.");
    public static readonly GraphRefusal TooManyRecipients = new(400, "ErrorInvalidRecipients", "The message has more recipients than the mailbox may write to at once.");
    public static readonly GraphRefusal MessageTooLarge = new(413, "ErrorMessageSizeExceeded", "The message exceeds the maximum supported size.");
    public static readonly GraphRefusal MailboxFull = new(507, "ErrorQuotaExceeded", "The mailbox has reached its quota; the item can't be saved.");
    public static readonly GraphRefusal BadJson = new(400, "UnableToDeserializePostBody", "The body of the request cannot be read as JSON of this call.");
    public static readonly GraphRefusal NoItem = new(404, "ErrorItemNotFound", "The specified object was not found in the store.");
    public static readonly GraphRefusal NotFileAttachment = new(400, "ErrorInvalidRequest", "Only attachments of the type #microsoft.graph.fileAttachment are taken here.");
    public static readonly GraphRefusal AttachmentTooSmall = new(400, "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize", "Attachment size must be greater than the minimum size.");
    public static readonly GraphRefusal AttachmentTooLarge = new(413, "ErrorAttachmentSizeLimitExceeded", "The attachment exceeds the maximum size.");
    public static readonly GraphRefusal TokenAtUpload = new(401, "InvalidAudience", "The upload address carries its own authorization: send no Authorization header.");
    public static readonly GraphRefusal BadRange = new(416, "ErrorInvalidContentRange", "The Content-Range is not the next one, is larger than 4 MB, or does not fit the body.");

    public static readonly GraphRefusal QuotaUsedUp = new(429, "ErrorExceededMessageLimit", "Cannot send mail. The message limit of the mailbox is used up.") { RetryAfter = 3600 };

    public static GraphRefusal Throttled(int seconds) => new(429, "ApplicationThrottled", "Application is over its request limit.") { RetryAfter = seconds };

    public static GraphRefusal UnknownUser(string address) => new(404, "ErrorInvalidUser", $"The requested user '{address}' is invalid.");

    public static GraphRefusal SendAsDenied(string mailbox, string sender) => new(403, "ErrorSendAsDenied",
        $"The user account which was used to submit this request ({mailbox}) does not have the right to send mail on behalf of {sender}.");

    public static GraphRefusal NotTaught(string what) => new(501, "NotImplemented", $"The pretend Graph was not taught {what}.");

    public IResult Answer(HttpContext c, TimeProvider time)
    {
        if (RetryAfter > 0)
            c.Response.Headers.RetryAfter = RetryAfter.ToString(CultureInfo.InvariantCulture);
        if (Status == 401)
            c.Response.Headers.WWWAuthenticate = "Bearer realm=\"\"";
        var request = Guid.NewGuid().ToString();
        c.Response.Headers["request-id"] = request;
        var inner = new GraphInnerError(time.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture), request);
        return Results.Json(new(new(Code, Message, inner)), GraphJson.Default.GraphErrorAnswer, statusCode: Status);
    }
}
