using System.Collections.Concurrent;
using DeviceMail.Lab.Entra;
using DeviceMail.Lab.Mailboxes;

namespace DeviceMail.Lab.Graph;

/// <summary>A file of a draft. Big ones lie in the lab's temporary folder.</summary>
public sealed record DraftAttachment(string Name, string ContentType, MailBody Content)
{
    public string Id { get; } = GraphDrafts.NewId();
    public string? ContentId { get; init; }
    public bool IsInline { get; init; }
}

/// <summary>A message that is made piece by piece and sent later.</summary>
public sealed record GraphDraft(string Id, string Mailbox, DraftRequest Message)
{
    private readonly Lock _gate = new();
    private readonly List<DraftAttachment> _attachments = [];

    public string MessageId => Message.InternetMessageId is { Length: > 0 } given ? given : $"<{Id}@outlook.lab.test>";

    public IReadOnlyList<DraftAttachment> Attachments
    {
        get
        {
            lock (_gate)
                return [.. _attachments];
        }
    }

    public void Attach(DraftAttachment attachment)
    {
        lock (_gate)
            _attachments.Add(attachment);
    }

    /// <summary>Deletes what lies in the temporary folder.</summary>
    public void Discard()
    {
        foreach (var attachment in Attachments)
            attachment.Content.Delete();
    }
}

/// <summary>All drafts, each in its mailbox.</summary>
public sealed class GraphDrafts
{
    private readonly ConcurrentDictionary<(string Mailbox, string Id), GraphDraft> _drafts = new();

    public static string NewId() => "AAMkLAB" + TokenSigner.RandomText(60);

    public GraphDraft Add(string mailbox, DraftRequest message)
    {
        var draft = new GraphDraft(NewId(), mailbox, message);
        _drafts[(mailbox, draft.Id)] = draft;
        return draft;
    }

    public GraphDraft? Find(string mailbox, string id) => _drafts.GetValueOrDefault((mailbox, id));

    /// <summary>Takes the draft out, so that of two calls only one sends it.</summary>
    public GraphDraft? Take(string mailbox, string id) => _drafts.TryRemove((mailbox, id), out var draft) ? draft : null;

    public void PutBack(GraphDraft draft) => _drafts[(draft.Mailbox, draft.Id)] = draft;
}
