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
    /// <summary>A larger file goes in pieces, and a smaller one must not ("Attach large files": 3 MB to 150 MB).</summary>
    private const long LargestInOnePiece = GraphLimits.LargestFile;

    /// <summary>Octets of a piece: a multiple of 320 KiB, under 4 MB.</summary>
    private const int Piece = 10 * 320 << 10;

    private const int DeepestNesting = 100;

    /// <summary>Characters of the text that fit into the draft's own request, whatever alphabet they are of.</summary>
    private const int LongestWords = 600_000;

    private static readonly TimeSpan _cleaning = TimeSpan.FromSeconds(15);

    /// <exception cref="HttpRequestException">Graph was not reached, and there is no draft.</exception>
    public async Task<SendOutcome> SendAsync(OutgoingMail mail, IReadOnlyCollection<MailAddress> recipients, CancellationToken cancel)
    {
        if (await LoadAsync(mail.Stored, cancel) is not { } message) return Alone("The mail is not written so that it could be taken apart.");
        var parts = new MailParts(message.Body);
        if (parts.IsSigned) return Alone("A part of the mail is signed or encrypted, and Graph takes larger mail only in parts, which would break that.");
        if (parts.Words.Content.Length > LongestWords) return Alone("The text of the mail alone is larger than Graph takes in one piece.");
        if (await DraftOfAsync(mail, message, parts, recipients) is not { } draft) return Alone("The recipients cannot be written so that Graph reads them as they are.");
        var mailbox = GraphSender.MailboxOf(mail.Account);
        var (reply, outcome) = await PostAsync(mail.Account, $"{mailbox}/messages", draft, GraphMailJson.Wire.GraphDraft, cancel);
        if (outcome is not null || !reply!.IsGood) return AboutDrafts(outcome ?? reply!.Judge());
        if (Read(reply, GraphMailJson.Wire.GraphCreated)?.Id is not { Length: > 0 } id) return new SendOutcome.TryLater(Problems.ServerBusy, "Graph made a draft without an id.");
        return await SendAsync(mail.Account, $"{mailbox}/messages/{Uri.EscapeDataString(id)}", parts.Files, cancel);
    }

    /// <summary>The draft is there: whatever is met from now on is this attempt's, and leads to no other interface, for which the mail might be sent twice.</summary>
    private async Task<SendOutcome> SendAsync(Account account, string draft, IReadOnlyList<MailFile> files, CancellationToken cancel)
    {
        var isSending = false;
        try
        {
            foreach (var file in files)
                if (await AttachAsync(account, draft, file, cancel) is { } refused) return await DropAsync(account, draft, Later(refused));
            isSending = true;
            // With a content, although an empty one: a request without any is sent a second time by the framework when its connection is lost.
            var (reply, outcome) = await channel.AskAsync(account, Transport.GraphDraft, () => new HttpRequestMessage(HttpMethod.Post, $"{draft}/send") { Content = new ByteArrayContent([]) }, cancel);
            return outcome is null && reply!.HasTaken ? new SendOutcome.Sent(GraphSender.Accepted(reply)) : await DropAsync(account, draft, Later(outcome ?? reply!.Judge()));
        }
        catch (HttpRequestException fault)
        {
            var later = new SendOutcome.TryLater(Problems.ServerUnreachable, $"Microsoft Graph: {UpstreamConnector.FirstLine((fault.InnerException ?? fault).Message)}");
            return isSending ? later : await DropAsync(account, draft, later);
        }
        catch when (!isSending)
        {
            await RemoveAsync(account, draft);
            throw;
        }
    }

    private static SendOutcome.Held Alone(string why) => new(Problems.TooLargeForGraph, why) { IsThisMailAlone = true };

    /// <summary>A draft needs more than sending does: without it this mail waits, and no other.</summary>
    private static SendOutcome AboutDrafts(SendOutcome outcome) => outcome is SendOutcome.Held held && held.Problem == Problems.GraphNotAllowed ? Alone(held.ServerWords) : outcome;

    private static SendOutcome Later(SendOutcome outcome) => AboutDrafts(outcome) switch
    {
        SendOutcome.Held { IsThisMailAlone: false } held => new SendOutcome.TryLater(held.Problem == Problems.GraphNoMailbox ? Problems.ServerBusy : held.Problem, held.ServerWords, held.After),
        var other => other,
    };

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

    /// <returns>Null when it would name others than the recipients.</returns>
    private static async Task<GraphDraft?> DraftOfAsync(OutgoingMail mail, MimeMessage message, MailParts parts, IReadOnlyCollection<MailAddress> recipients)
    {
        var raw = new byte[mail.Job.Traits.HeaderLength];
        mail.Stored.Position = 0;
        await mail.Stored.ReadExactlyAsync(raw);
        var written = OutgoingHeader.Write(mail.Job, mail.Account, raw, mail.Gateway);
        var header = EnvelopeHeader.Of(written, recipients);
        if (!header.Recipients.ToHashSet().SetEquals(recipients)) return null;
        return new GraphDraft(message.Subject ?? "", parts.Words)
        {
            From = EnvelopeHeader.Mailboxes(written, "From") is [var from, ..] ? Recipient(from) : null,
            ReplyTo = [.. EnvelopeHeader.Mailboxes(written, "Reply-To").Select(Recipient)],
            ToRecipients = [.. header.To.Select(Recipient)],
            CcRecipients = [.. header.Cc.Select(Recipient)],
            BccRecipients = [.. header.Bcc.Select(Recipient)],
            InternetMessageId = HeaderFields.Split(written).FirstOrDefault(field => field.Is("Message-ID")) is { Name: not null } id ? id.Value : null,
        };
    }

    private static GraphRecipient Recipient(MailboxAddress mailbox) => new(new GraphAddress(mailbox.Address, mailbox.Name is { Length: > 0 } name ? name : null));

    /// <returns>Null when it is there.</returns>
    private async Task<SendOutcome?> AttachAsync(Account account, string draft, MailFile file, CancellationToken cancel)
    {
        var size = await file.MeasureAsync(cancel);
        if (size <= LargestInOnePiece)
        {
            using var octets = new MemoryStream((int)size);
            await file.DecodeToAsync(octets, cancel);
            var whole = new GraphFile(file.Name, file.ContentType, Convert.ToBase64String(octets.GetBuffer(), 0, (int)octets.Length)) { ContentId = file.ContentId, IsInline = file.ContentId is not null };
            var (answer, outcome) = await PostAsync(account, $"{draft}/attachments", whole, GraphMailJson.Wire.GraphFile, cancel);
            return outcome ?? (answer!.IsGood ? null : answer.Judge());
        }
        var asked = new GraphUploadRequest(new GraphItem(file.Name, size) { ContentType = file.ContentType, ContentId = file.ContentId, IsInline = file.ContentId is not null });
        var (reply, refused) = await PostAsync(account, $"{draft}/attachments/createUploadSession", asked, GraphMailJson.Wire.GraphUploadRequest, cancel);
        if (refused is not null || !reply!.IsGood) return refused ?? reply!.Judge();
        if (Read(reply, GraphMailJson.Wire.GraphUpload)?.UploadUrl is not { } address || !AccountRules.IsSafe(address)) return new SendOutcome.TryLater(Problems.ServerBusy, "Graph named no safe place for the file.");
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
        // It is not Graph itself that answers there, and it knows nothing of the account.
        return reply.IsGood ? null : new SendOutcome.TryLater(Problems.ServerBusy, $"The place for the file answered with HTTP {reply.Status}.", reply.RetryAfter);
    }

    private async Task<SendOutcome> DropAsync(Account account, string draft, SendOutcome outcome)
    {
        await RemoveAsync(account, draft);
        return outcome;
    }

    /// <summary>Takes away a draft that is not sent; a service that is gone keeps it among the mailbox's drafts.</summary>
    private async Task RemoveAsync(Account account, string draft)
    {
        try
        {
            using var limit = new CancellationTokenSource(_cleaning, time);
            await channel.AskAsync(account, Transport.GraphDraft, () => new HttpRequestMessage(HttpMethod.Delete, draft), limit.Token);
        }
        catch (Exception fault) when (fault is HttpRequestException or OperationCanceledException)
        {
            // What the attempt itself met is what counts.
        }
    }

    private Task<(GraphReply? Reply, SendOutcome? Outcome)> PostAsync<T>(Account account, string address, T body, JsonTypeInfo<T> type, CancellationToken cancel) =>
        channel.AskAsync(account, Transport.GraphDraft, () => new HttpRequestMessage(HttpMethod.Post, address) { Content = JsonContent.Create(body, type) }, cancel);

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
