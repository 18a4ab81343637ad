using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Queue;
using MimeKit;

namespace DeviceMail.Sending;

/// <summary>
/// Sends a mail over Graph's limit: a draft with its words and recipients, each file in pieces, then the draft is sent (Microsoft Graph, "Attach large
/// files to Outlook messages"). Words and files arrive as they are; Graph makes a new message of them, so nothing signed can go this way.
/// </summary>
internal sealed class GraphDrafts(GraphChannel channel, TimeProvider time)
{
    /// <summary>A larger file goes in pieces (fileAttachment: under 3 MB).</summary>
    private const long LargestInOnePiece = 2_900_000;

    /// <summary>Octets of a piece: a multiple of 320 KiB, under 4 MB.</summary>
    private const int Piece = 10 * 320 << 10;

    private const int DeepestNesting = 100;

    private static readonly TimeSpan _cleaning = TimeSpan.FromSeconds(15);

    /// <exception cref="HttpRequestException">No answer came.</exception>
    public async Task<SendOutcome> SendAsync(OutgoingMail mail, IReadOnlyCollection<MailAddress> recipients, CancellationToken cancel)
    {
        if (await LoadAsync(mail.Stored, cancel) is not { } message) return new SendOutcome.Held(Problems.TooLargeForGraph, "The mail is not written so that it could be taken apart.") { IsThisMailAlone = true };
        var parts = new MailParts(message.Body);
        if (parts.IsSigned) return new SendOutcome.Held(Problems.TooLargeForGraph, "A part of the mail is signed or encrypted, and Graph takes larger mail only in parts, which would break that.") { IsThisMailAlone = true };
        var mailbox = GraphSender.MailboxOf(mail.Account);
        var (reply, outcome) = await PostAsync(mail.Account, $"{mailbox}/messages", await DraftOfAsync(mail, message, parts), GraphMailJson.Default.GraphDraft, cancel);
        if (outcome is not null || !reply!.IsGood) return outcome ?? Judge(reply!);
        if (Read(reply, GraphMailJson.Default.GraphCreated)?.Id is not { Length: > 0 } id) return new SendOutcome.TryLater(Problems.ServerBusy, "Graph made a draft without an id.");
        var draft = $"{mailbox}/messages/{Uri.EscapeDataString(id)}";
        var isSending = false;
        try
        {
            foreach (var file in parts.Files)
                if (await AttachAsync(mail.Account, draft, file, cancel) is { } refused) return await DropAsync(mail.Account, draft, refused);
            isSending = true;
            (reply, outcome) = await channel.AskAsync(mail.Account, () => new HttpRequestMessage(HttpMethod.Post, $"{draft}/send"), cancel);
            if (outcome is null && reply!.HasTaken) return new SendOutcome.Sent(GraphSender.Accepted(reply));
            return await DropAsync(mail.Account, draft, outcome ?? Judge(reply!));
        }
        catch when (!isSending)
        {
            await DropAsync(mail.Account, draft, null);
            throw;
        }
    }

    private static async Task<MimeMessage?> LoadAsync(Stream stored, CancellationToken cancel)
    {
        try
        {
            stored.Position = 0;
            return await MimeMessage.LoadAsync(ParserOptions.Default, stored, persistent: true, cancel);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>A draft needs more than sending does: without it this mail waits, and no other.</summary>
    private static SendOutcome Judge(GraphReply reply) => reply.Judge() switch
    {
        SendOutcome.Held held when held.Problem == Problems.GraphNotAllowed => new SendOutcome.Held(Problems.TooLargeForGraph, held.ServerWords) { IsThisMailAlone = true },
        var other => other,
    };

    private static async Task<GraphDraft> DraftOfAsync(OutgoingMail mail, MimeMessage message, MailParts parts)
    {
        var raw = new byte[mail.Job.Traits.HeaderLength];
        mail.Stored.Position = 0;
        await mail.Stored.ReadExactlyAsync(raw);
        var header = await HeaderList.LoadAsync(new MemoryStream([.. mail.Rewrite(OutgoingHeader.Write(mail.Job, mail.Account, raw, mail.Gateway)), (byte)'\r', (byte)'\n']));
        IReadOnlyList<GraphRecipient> List(HeaderId field) => header.Contains(field) && InternetAddressList.TryParse(ParserOptions.Default, header[field], out var named)
            ? [.. named.Mailboxes.Select(one => new GraphRecipient(new GraphAddress(one.Address, one.Name is { Length: > 0 } name ? name : null)))] : [];
        return new GraphDraft(message.Subject ?? "", parts.Words)
        {
            From = List(HeaderId.From) is [var from, ..] ? from : null,
            ReplyTo = List(HeaderId.ReplyTo),
            ToRecipients = List(HeaderId.To),
            CcRecipients = List(HeaderId.Cc),
            BccRecipients = List(HeaderId.Bcc),
            InternetMessageId = header[HeaderId.MessageId],
        };
    }

    /// <returns>Null when it is there.</returns>
    private async Task<SendOutcome?> AttachAsync(Account account, string draft, MailFile file, CancellationToken cancel)
    {
        var size = await file.MeasureAsync(cancel);
        if (size <= LargestInOnePiece)
        {
            using var octets = new MemoryStream((int)size);
            await file.DecodeToAsync(octets, cancel);
            var whole = new GraphFile(file.Name, file.ContentType, Convert.ToBase64String(octets.GetBuffer(), 0, (int)octets.Length)) { ContentId = file.ContentId, IsInline = file.ContentId is not null };
            var (answer, outcome) = await PostAsync(account, $"{draft}/attachments", whole, GraphMailJson.Default.GraphFile, cancel);
            return outcome ?? (answer!.IsGood ? null : Judge(answer));
        }
        var asked = new GraphUploadRequest(new GraphItem(file.Name, size) { ContentType = file.ContentType, ContentId = file.ContentId, IsInline = file.ContentId is not null });
        var (reply, refused) = await PostAsync(account, $"{draft}/attachments/createUploadSession", asked, GraphMailJson.Default.GraphUploadRequest, cancel);
        if (refused is not null || !reply!.IsGood) return refused ?? Judge(reply!);
        if (Read(reply, GraphMailJson.Default.GraphUpload)?.UploadUrl is not { } address || !AccountRules.IsSafe(address)) return new SendOutcome.TryLater(Problems.ServerBusy, "Graph named no safe place for the file.");
        using var pieces = new PieceStream(Piece, size, (piece, start) => PutAsync(address, piece, new ContentRangeHeaderValue(start, start + piece.Length - 1, size), cancel));
        await file.DecodeToAsync(pieces, cancel);
        await pieces.FlushAsync(cancel);
        return pieces.Refusal ?? (pieces.Position == size ? null : new SendOutcome.TryLater(Problems.DiskFailed, $"A file of the mail has {pieces.Position:N0} octets left of {size:N0}."));
    }

    /// <summary>The address lets in by itself and leads to another host than Graph: it gets no token.</summary>
    private async Task<SendOutcome?> PutAsync(string address, ReadOnlyMemory<byte> piece, ContentRangeHeaderValue range, CancellationToken cancel)
    {
        var content = new ReadOnlyMemoryContent(piece);
        content.Headers.ContentRange = range;
        var reply = await channel.SendAsync(new HttpRequestMessage(HttpMethod.Put, address) { Content = content }, null, cancel);
        return reply.IsGood ? null : Judge(reply);
    }

    /// <summary>Takes away a draft that is not sent; a service that is gone keeps it among the mailbox's drafts.</summary>
    private async Task<SendOutcome> DropAsync(Account account, string draft, SendOutcome? outcome)
    {
        try
        {
            using var limit = new CancellationTokenSource(_cleaning, time);
            await channel.AskAsync(account, () => new HttpRequestMessage(HttpMethod.Delete, draft), limit.Token);
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
        {
            // What the attempt itself met is what counts.
        }
        return outcome!;
    }

    private Task<(GraphReply? Reply, SendOutcome? Outcome)> PostAsync<T>(Account account, string address, T body, JsonTypeInfo<T> type, CancellationToken cancel) =>
        channel.AskAsync(account, () => new HttpRequestMessage(HttpMethod.Post, address) { Content = JsonContent.Create(body, type) }, cancel);

    private static T? Read<T>(GraphReply reply, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(reply.Body, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What a mail is made of: its words, and everything else as files.</summary>
    private sealed class MailParts
    {
        private readonly List<MailFile> _files = [];
        private TextPart? _words;

        public MailParts(MimeEntity? body) => Add(body, 0);

        public bool IsSigned { get; private set; }

        public IReadOnlyList<MailFile> Files => _files;

        public GraphBody Words => _words is null ? new GraphBody("text", "") : new GraphBody(_words.IsHtml ? "html" : "text", _words.Text);

        private void Add(MimeEntity? entity, int depth)
        {
            switch (entity)
            {
                case null: break;
                case MimeKit.Cryptography.MultipartSigned or MimeKit.Cryptography.MultipartEncrypted or MimeKit.Cryptography.ApplicationPkcs7Mime: IsSigned = true; break;
                case MultipartAlternative alternative when alternative.OfType<TextPart>().Any():
                    foreach (var part in alternative.Where(part => part is not TextPart)) Add(part, depth + 1);
                    Add(alternative.OfType<TextPart>().LastOrDefault(text => text.IsHtml) ?? alternative.OfType<TextPart>().First(), depth + 1);
                    break;
                case Multipart several when depth < DeepestNesting:
                    foreach (var part in several) Add(part, depth + 1);
                    break;
                case TextPart { IsAttachment: false } text when _words is null: _words = text; break;
                default: _files.Add(new MailFile(entity, _files.Count + 1)); break;
            }
        }
    }

    /// <summary>A part that travels as a file.</summary>
    private sealed class MailFile(MimeEntity entity, int number)
    {
        public string Name => (entity as MimePart)?.FileName ?? entity.ContentDisposition?.FileName ?? entity.ContentType.Name ?? $"part-{number}{(entity is MimePart ? "" : ".eml")}";

        public string ContentType => entity.ContentType.MimeType;

        /// <summary>Of a picture that the words show; null for all others.</summary>
        public string? ContentId => entity is MimePart { IsAttachment: false } && entity.ContentId is { Length: > 0 } id ? id : null;

        public async Task<long> MeasureAsync(CancellationToken cancel)
        {
            var meter = new OctetMeter();
            await DecodeToAsync(meter, cancel);
            return meter.Length;
        }

        public Task DecodeToAsync(Stream to, CancellationToken cancel) => entity switch
        {
            MimePart { Content: { } content } => content.DecodeToAsync(to, cancel),
            MessagePart { Message: { } inner } => inner.WriteToAsync(to, cancel),
            _ => Task.CompletedTask,
        };
    }
}
