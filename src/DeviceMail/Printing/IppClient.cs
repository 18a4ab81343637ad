using DeviceMail.Documents;

namespace DeviceMail.Printing;

/// <summary>What is printed, apart from its octets.</summary>
/// <param name="JobName">As the printer's panel shows it.</param>
/// <param name="Format">Its media type.</param>
/// <param name="Paper">Null: the printer's own choice.</param>
internal sealed record PrintTicket(string JobName, string Format, Paper? Paper);

/// <summary>The five operations that a sheet needs (RFC 8011 4.2 and 4.3), asked of one printer.</summary>
internal sealed class IppClient(IppChannel channel, PrinterAddress address)
{
    private const ushort Version20 = 0x0200, Version11 = 0x0101;
    private const string Requester = "DeviceMail";

    private ushort _version = Version20;
    private int _lastRequest;

    public Task<IppReply> GetPrinterAttributesAsync(CancellationToken cancel) => AskAsync(new Question(IppOperation.GetPrinterAttributes,
        Requested("printer-name", "printer-make-and-model", "printer-firmware-string-version", "printer-state", "printer-state-reasons",
            "printer-is-accepting-jobs", "document-format-supported", "media-ready", "media-default", "media-supported")), cancel);

    public Task<IppReply> ValidateJobAsync(PrintTicket ticket, CancellationToken cancel) =>
        AskAsync(new Question(IppOperation.ValidateJob, Describe(ticket)), cancel);

    public Task<IppReply> PrintJobAsync(PrintTicket ticket, ReadOnlyMemory<byte> document, CancellationToken cancel) =>
        AskAsync(new Question(IppOperation.PrintJob, Describe(ticket)) { Document = document }, cancel);

    public Task<IppReply> GetJobAttributesAsync(int job, CancellationToken cancel) => AskAsync(new Question(IppOperation.GetJobAttributes,
        [new(IppGroup.Operation, "job-id", [IppValue.Of(job)]), User(), .. Requested("job-state", "job-state-reasons")]), cancel);

    public Task<IppReply> CancelJobAsync(int job, CancellationToken cancel) =>
        AskAsync(new Question(IppOperation.CancelJob, [new(IppGroup.Operation, "job-id", [IppValue.Of(job)]), User()]), cancel);

    /// <summary>A printer that does not know IPP/2.0 is asked again in IPP/1.1, and from then on.</summary>
    private async Task<IppReply> AskAsync(Question question, CancellationToken cancel)
    {
        var reply = await SendAsync(question, cancel);
        if (_version == Version11 || reply is not IppReply.Answered { Message.Code: IppStatus.VersionNotSupported }) return reply;
        _version = Version11;
        return await SendAsync(question, cancel);
    }

    private Task<IppReply> SendAsync(Question question, CancellationToken cancel) => channel.AskAsync(new IppMessage(_version, (ushort)question.Operation, ++_lastRequest)
    {
        // RFC 8011 4.1.4.1: charset and language first, then the target.
        Attributes =
        [
            Text("attributes-charset", IppTag.Charset, "utf-8"),
            Text("attributes-natural-language", IppTag.NaturalLanguage, "en"),
            Text("printer-uri", IppTag.Uri, address.ToString()),
            .. question.Attributes,
        ],
    }, question.Document, cancel);

    private static List<IppAttribute> Describe(PrintTicket ticket)
    {
        List<IppAttribute> attributes = [User(), Text("job-name", IppTag.Name, ticket.JobName), Text("document-format", IppTag.MimeType, ticket.Format)];
        if (ticket.Paper is { } paper) attributes.Add(new IppAttribute(IppGroup.Job, "media", [IppValue.Of(IppTag.Keyword, paper.Media)]));
        return attributes;
    }

    private static IppAttribute User() => Text("requesting-user-name", IppTag.Name, Requester);

    private static IReadOnlyList<IppAttribute> Requested(params string[] names) =>
        [new(IppGroup.Operation, "requested-attributes", [.. names.Select(name => IppValue.Of(IppTag.Keyword, name))])];

    private static IppAttribute Text(string name, IppTag tag, string text) => new(IppGroup.Operation, name, [IppValue.Of(tag, text)]);

    private sealed record Question(IppOperation Operation, IReadOnlyList<IppAttribute> Attributes)
    {
        public ReadOnlyMemory<byte> Document { get; init; }
    }
}
