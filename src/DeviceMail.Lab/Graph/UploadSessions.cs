using System.Collections.Concurrent;
using System.Globalization;
using DeviceMail.Lab.Entra;
using DeviceMail.Lab.Mailboxes;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace DeviceMail.Lab.Graph;

/// <summary>One file on its way, range after range.</summary>
public sealed record UploadSession(string Token, GraphDraft Draft, AttachmentItem Item, BodySpool Spool, DateTimeOffset Until)
{
    internal Lock Gate { get; } = new();
    internal bool Ended { get; set; }
}

/// <summary>
/// Upload sessions for big attachments. The address of a session is its own authorization, and the host behind it is not Graph:
/// a token sent there is refused.
/// </summary>
public sealed class UploadSessions(PretendCloud cloud)
{
    public const long Smallest = 3 * 1024 * 1024, Largest = 150 * 1024 * 1024;

    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, UploadSession> _sessions = new();

    public IResult Begin(HttpContext c, GraphDraft draft, AttachmentItem? item)
    {
        if (item is not { AttachmentType: { } type, Name.Length: > 0 } || !type.Equals("file", StringComparison.OrdinalIgnoreCase))
            return GraphRefusal.NotFileAttachment.Answer(c, cloud.Time);
        if (item.Size is < Smallest or > Largest)
            return (item.Size < Smallest ? GraphRefusal.AttachmentTooSmall : GraphRefusal.AttachmentTooLarge).Answer(c, cloud.Time);
        var session = new UploadSession(TokenSigner.RandomText(80), draft, item, new(cloud.Folder), cloud.Time.GetUtcNow() + Life);
        _sessions[session.Token] = session;
        var address = new Uri(cloud.Web, $"outlook/attachmentsessions/{session.Token}").AbsoluteUri;
        return Results.Json(new(address, session.Until, ["0-"]), GraphJson.Default.UploadAnswer, statusCode: 201);
    }

    public async Task<IResult> PutAsync(HttpContext c, string token)
    {
        if (Find(c, token, out var refusal) is not { } session)
            return refusal.Answer(c, cloud.Time);
        if (await RequestBody.ReadAsync(c) is not { Length: > 0 } bytes)
            return GraphRefusal.BadRange.Answer(c, cloud.Time);
        if (!ContentRangeHeaderValue.TryParse(c.Request.Headers.ContentRange.ToString(), out var range)
            || range is not { From: { } from, To: { } to, Length: { } length }
            || to - from + 1 != bytes.Length || length != session.Item.Size)
            return GraphRefusal.BadRange.Answer(c, cloud.Time);
        lock (session.Gate)
        {
            if (session.Ended)
                return GraphRefusal.NoItem.Answer(c, cloud.Time);
            if (from != session.Spool.Size)
                return GraphRefusal.BadRange.Answer(c, cloud.Time);
            session.Spool.Write(bytes);
            if (session.Spool.Size == length)
                return Finish(c, session);
        }

        return Progress(session);
    }

    /// <summary>Where the upload has to go on, for who lost an answer.</summary>
    public IResult Show(HttpContext c, string token) =>
        Find(c, token, out var refusal) is { } session ? Progress(session) : refusal.Answer(c, cloud.Time);

    public IResult Cancel(HttpContext c, string token)
    {
        if (Find(c, token, out var refusal) is not { } session)
            return refusal.Answer(c, cloud.Time);
        lock (session.Gate)
        {
            session.Ended = true;
            session.Spool.Dispose();
        }

        _sessions.TryRemove(token, out _);
        return Results.NoContent();
    }

    /// <summary>Throws away what was not finished, when the lab closes.</summary>
    public void Close()
    {
        foreach (var session in _sessions.Values)
            session.Spool.Dispose();
    }

    private UploadSession? Find(HttpContext c, string token, out GraphRefusal refusal)
    {
        refusal = c.Request.Headers.Authorization.Count > 0 ? GraphRefusal.TokenAtUpload : GraphRefusal.NoItem;
        return c.Request.Headers.Authorization.Count == 0 && _sessions.TryGetValue(token, out var session) && session.Until > cloud.Time.GetUtcNow()
            ? session
            : null;
    }

    private IResult Finish(HttpContext c, UploadSession session)
    {
        var item = session.Item;
        var attachment = new DraftAttachment(item.Name!, item.ContentType ?? "application/octet-stream", session.Spool.Finish())
        {
            ContentId = item.ContentId,
            IsInline = item.IsInline,
        };
        session.Ended = true;
        session.Spool.Dispose();
        _sessions.TryRemove(session.Token, out _);
        session.Draft.Attach(attachment);
        c.Response.Headers.Location = $"{cloud.Web}outlook/messages/{session.Draft.Id}/attachments/{attachment.Id}";
        return Results.StatusCode(StatusCodes.Status201Created);
    }

    private static IResult Progress(UploadSession session) => Results.Json(
        new(null, session.Until, [session.Spool.Size.ToString(CultureInfo.InvariantCulture)]), GraphJson.Default.UploadAnswer);
}
