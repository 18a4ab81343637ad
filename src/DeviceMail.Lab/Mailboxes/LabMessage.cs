using DeviceMail.Lab.Entra;

namespace DeviceMail.Lab.Mailboxes;

/// <summary>A part of a message that is a file.</summary>
public sealed record LabAttachment(string Name, long Size, string Sha256);

/// <summary>What one can read in a message without opening its files. Text is the first text part, at most 4,000 characters.</summary>
public sealed record MessageContent(IReadOnlyList<KeyValuePair<string, string>> Headers, IReadOnlyList<LabAttachment> Attachments, string Text)
{
    /// <summary>The first field of this name, decoded; empty when there is none.</summary>
    public string Header(string name) =>
        Headers.FirstOrDefault(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value ?? "";
}

/// <summary>The envelope as it was submitted, and the mailbox that had signed in.</summary>
public sealed record LabEnvelope(string Sender, IReadOnlyList<string> Recipients, string SignedIn)
{
    /// <summary>"smtp" or "graph".</summary>
    public string Way { get; init; } = "smtp";

    /// <summary>Whose token it was: an account, or the application's name. Equal to <see cref="SignedIn"/> except in a shared mailbox, and where the account's name differs from its mailbox.</summary>
    public string TokenOf { get; init; } = SignedIn;

    /// <summary>Number of the sign-in that the token came from; null for a password.</summary>
    public long? Session { get; init; }

    /// <summary>How that session was born; null for a password.</summary>
    public SessionOrigin? Origin { get; init; }
}

/// <summary>One copy in one mailbox.</summary>
public sealed record LabMessage(string Id, string Mailbox, DateTimeOffset ReceivedAt, LabEnvelope Envelope, MailBody Body)
{
    private readonly Lazy<MessageContent> _content = new(() => MimeReader.Read(Body));

    public MessageContent Content => _content.Value;
}
