using DeviceMail.Lab.Mailboxes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace DeviceMail.Lab.Graph;

/// <summary>The pretend Microsoft Graph, as far as sending mail goes. What it was not taught gets 404 or 501.</summary>
public sealed class GraphEndpoints(PretendCloud cloud)
{
    private readonly GraphGate _gate = new(cloud);
    private readonly GraphDesk _desk = new(cloud);
    private readonly GraphDrafts _drafts = new();
    private readonly UploadSessions _uploads = new(cloud);

    public void Map(IEndpointRouteBuilder routes)
    {
        var mime = new MimeSending(cloud, _desk);
        foreach (var owner in (string[])["/graph/v1.0/me", "/graph/v1.0/users/{address}"])
        {
            routes.MapPost($"{owner}/sendMail", Task<IResult> (HttpContext c) => _gate.RunAsync(c, GraphNeed.Send, caller => mime.SendAsync(c, caller)));
            routes.MapPost($"{owner}/messages", Task<IResult> (HttpContext c) => _gate.RunAsync(c, GraphNeed.ReadWrite, caller => CreateAsync(c, caller)));
            routes.MapPost($"{owner}/messages/{{id}}/attachments", Task<IResult> (HttpContext c) =>
                OnDraftAsync(c, GraphNeed.ReadWrite, draft => AttachAsync(c, draft)));
            routes.MapPost($"{owner}/messages/{{id}}/attachments/createUploadSession", Task<IResult> (HttpContext c) =>
                OnDraftAsync(c, GraphNeed.ReadWrite, draft => BeginUploadAsync(c, draft)));
            routes.MapPost($"{owner}/messages/{{id}}/send", Task<IResult> (HttpContext c) =>
                _gate.RunAsync(c, GraphNeed.Send, caller => Task.FromResult(Send(c, caller))));
            routes.MapDelete($"{owner}/messages/{{id}}", Task<IResult> (HttpContext c) =>
                OnDraftAsync(c, GraphNeed.ReadWrite, draft => Task.FromResult(Delete(draft))));
        }

        routes.MapGet("/graph/v1.0/me", Task<IResult> (HttpContext c) =>
            _gate.RunAsync(c, GraphNeed.AnyToken, caller => Task.FromResult(Describe(caller))));
        routes.MapPut("/outlook/attachmentsessions/{token}", Task<IResult> (HttpContext c, string token) => _uploads.PutAsync(c, token));
        routes.MapGet("/outlook/attachmentsessions/{token}", IResult (HttpContext c, string token) => _uploads.Show(c, token));
        routes.MapDelete("/outlook/attachmentsessions/{token}", IResult (HttpContext c, string token) => _uploads.Cancel(c, token));
    }

    public void Close() => _uploads.Close();

    private static IResult Describe(GraphCaller caller)
    {
        var account = caller.Mailbox;
        return Results.Json(new(account.Id.ToString(), account.Name, account.Mailbox, account.Address), GraphJson.Default.GraphUser);
    }

    private Task<IResult> OnDraftAsync(HttpContext c, GraphNeed need, Func<GraphDraft, Task<IResult>> act) => _gate.RunAsync(c, need, caller =>
        _drafts.Find(caller.Mailbox.Mailbox, Id(c)) is { } draft ? act(draft) : Task.FromResult(GraphRefusal.NoItem.Answer(c, cloud.Time)));

    private async Task<IResult> CreateAsync(HttpContext c, GraphCaller caller)
    {
        if ((c.Request.ContentType ?? "").StartsWith("text/plain", StringComparison.OrdinalIgnoreCase))
            return GraphRefusal.NotTaught("drafts from a whole message").Answer(c, cloud.Time);
        var (message, refusal) = await RequestBody.ReadJsonAsync(c, GraphJson.Default.DraftRequest);
        if (message is null)
            return refusal!.Answer(c, cloud.Time);
        if (cloud.Switches.MailboxFull)
            return GraphRefusal.MailboxFull.Answer(c, cloud.Time);
        var draft = _drafts.Add(caller.Mailbox.Mailbox, message);
        return Results.Json(new(draft.Id, message.Subject ?? "", draft.MessageId), GraphJson.Default.DraftAnswer, statusCode: 201);
    }

    private async Task<IResult> AttachAsync(HttpContext c, GraphDraft draft)
    {
        var (request, refusal) = await RequestBody.ReadJsonAsync(c, GraphJson.Default.AttachmentRequest);
        if (request is null)
            return refusal!.Answer(c, cloud.Time);
        if (request is not { Type: "#microsoft.graph.fileAttachment", ContentBytes: { } bytes })
            return GraphRefusal.NotFileAttachment.Answer(c, cloud.Time);
        if (bytes.Length >= UploadSessions.Smallest)
            return GraphRefusal.AttachmentTooLarge.Answer(c, cloud.Time);
        using var spool = new BodySpool(cloud.Folder);
        spool.Write(bytes);
        var attachment = new DraftAttachment(request.Name ?? "attachment", request.ContentType ?? "application/octet-stream", spool.Finish())
        {
            ContentId = request.ContentId,
            IsInline = request.IsInline,
        };
        draft.Attach(attachment);
        return Results.Json(new(attachment.Id, attachment.Name, bytes.Length), GraphJson.Default.AttachmentAnswer, statusCode: 201);
    }

    private async Task<IResult> BeginUploadAsync(HttpContext c, GraphDraft draft)
    {
        var (request, refusal) = await RequestBody.ReadJsonAsync(c, GraphJson.Default.UploadRequest);
        return request is null ? refusal!.Answer(c, cloud.Time) : _uploads.Begin(c, draft, request.AttachmentItem);
    }

    private IResult Send(HttpContext c, GraphCaller caller)
    {
        var mailbox = caller.Mailbox.Mailbox;
        if (_drafts.Take(mailbox, Id(c)) is not { } draft)
            return GraphRefusal.NoItem.Answer(c, cloud.Time);
        var from = draft.Message.From?.EmailAddress?.Address ?? mailbox;
        using var spool = new BodySpool(cloud.Folder);
        new DraftMime(spool).Write(draft, from, cloud.Time.GetUtcNow());
        string[] recipients = [.. draft.Message.Recipients.Distinct(StringComparer.OrdinalIgnoreCase)];
        var refusal = _desk.Deliver(caller, new(from, recipients, spool.Finish()));
        if (refusal is null)
            draft.Discard();
        else
            _drafts.PutBack(draft);
        return _desk.Answer(c, refusal);
    }

    private IResult Delete(GraphDraft draft)
    {
        _drafts.Take(draft.Mailbox, draft.Id)?.Discard();
        return Results.NoContent();
    }

    private static string Id(HttpContext c) => c.Request.RouteValues["id"] as string ?? "";
}
