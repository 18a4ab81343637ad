using System.Text;
using DeviceMail.Messages;
using MimeKit;
using MimeKit.IO;

namespace DeviceMail.Sending;

/// <summary>
/// A body whose parts are written in quoted-printable or base64 where the server would not take them as they are; the others stay as they came.
/// Read from the disk as it is sent, not kept in memory. Signed and encrypted parts are never touched: that would break them.
/// </summary>
internal sealed class ReencodedBody : OutgoingBody
{
    /// <summary>Larger messages are refused instead: each attempt would read and encode them twice.</summary>
    public const long LargestMessage = 26_214_400;

    private const int DeepestNesting = 100;

    private readonly MimeEntity _entity;
    private readonly OctetMeter _size;

    private ReencodedBody(MimeEntity entity, byte[] fields, OctetMeter size) => (_entity, Fields, _size) = (entity, fields, size);

    /// <summary>The header fields that say how it is encoded; they take the place of the message's own.</summary>
    public byte[] Fields { get; }

    public override long Length => _size.Length;

    public override bool HasEightBit => _size.HasEightBit;

    /// <param name="stored">The whole stored message; read while this is in use, not disposed.</param>
    /// <param name="headerLength">Where in it the body begins.</param>
    /// <param name="constraint">What the server takes.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <returns>Null when the result would still not be taken, because something signed is in the way.</returns>
    public static async Task<ReencodedBody?> TryCreateAsync(Stream stored, int headerLength, EncodingConstraint constraint, CancellationToken cancel)
    {
        var header = new byte[headerLength];
        stored.Position = 0;
        await stored.ReadExactlyAsync(header, cancel);
        var source = new ChainedStream();
        source.Add(new MemoryStream(ContentFields(header)));
        source.Add(new BoundStream(stored, headerLength, stored.Length, leaveOpen: true));
        var options = ParserOptions.Default.Clone();
        options.MaxMimeDepth = DeepestNesting;
        try
        {
            var entity = await new MimeParser(options, source, MimeFormat.Entity, persistent: true).ParseEntityAsync(cancel);
            await FitAsync(entity, constraint, cancel);
            return await MeasureAsync(entity, constraint, cancel);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    public override Task CopyToAsync(Stream wire, CancellationToken cancel) => _entity.WriteToAsync(SevenBitFields.WireOptions, wire, contentOnly: true, cancel);

    public static bool IsContentField(HeaderField field) => field.Name.StartsWith("Content-", StringComparison.OrdinalIgnoreCase) || field.Is("MIME-Version");

    private static byte[] ContentFields(byte[] header)
    {
        using var fields = new MemoryStream();
        foreach (var field in HeaderFields.Split(header))
            if (IsContentField(field)) fields.Write(field.Raw.Span);
        fields.Write("\r\n"u8);
        return fields.ToArray();
    }

    private static async Task<ReencodedBody?> MeasureAsync(MimeEntity entity, EncodingConstraint constraint, CancellationToken cancel)
    {
        entity.Headers.RemoveAll("MIME-Version");
        using var fields = new MemoryStream("MIME-Version: 1.0\r\n"u8.ToArray().Length + 256);
        fields.Write("MIME-Version: 1.0\r\n"u8);
        foreach (var field in entity.Headers) fields.Write(Encoding.Latin1.GetBytes($"{field.Field}:{Encoding.Latin1.GetString(field.RawValue).ReplaceLineEndings("\r\n")}"));
        var size = new OctetMeter();
        await entity.WriteToAsync(SevenBitFields.WireOptions, size, contentOnly: true, cancel);
        return Fits(size, constraint) && Fits(OctetMeter.Measure(fields.ToArray()), EncodingConstraint.SevenBit) ? new ReencodedBody(entity, fields.ToArray(), size) : null;
    }

    private static bool Fits(OctetMeter octets, EncodingConstraint constraint) =>
        octets.LongestLine <= SevenBitFields.LongestLine && !(octets.HasEightBit && constraint == EncodingConstraint.SevenBit);

    private static async Task FitAsync(MimeEntity entity, EncodingConstraint constraint, CancellationToken cancel)
    {
        if (entity.ContentType.IsMimeType("multipart", "signed") || entity.ContentType.IsMimeType("multipart", "encrypted")) return;
        SevenBitFields.Encode(entity.Headers);
        switch (entity)
        {
            case Multipart parts:
                foreach (var part in parts) await FitAsync(part, constraint, cancel);
                break;
            case MessagePart { Message: { } message }:
                SevenBitFields.Encode(message.Headers);
                if (message.Body is not null) await FitAsync(message.Body, constraint, cancel);
                break;
            case MimePart { Content: { } content } part:
                var octets = new OctetMeter();
                await content.WriteToAsync(octets, cancel);
                if (Fits(octets, constraint)) break;
                if (part.ContentTransferEncoding is ContentEncoding.Base64 or ContentEncoding.QuotedPrintable or ContentEncoding.UUEncode)
                {
                    // It says that it is encoded, and is, but not as the server would take it: what it holds is encoded once more.
                    part.Content = new DecodedContent(content);
                    part.ContentTransferEncoding = ContentEncoding.Base64;
                }
                else
                {
                    part.Prepare(constraint);
                }
                break;
        }
    }

    /// <summary>What an encoded part holds, decoded as it is read.</summary>
    private sealed class DecodedContent(IMimeContent encoded) : IMimeContent
    {
        public ContentEncoding Encoding => ContentEncoding.Default;

        public NewLineFormat? NewLineFormat => null;

        public Stream? Stream => null;

        public Stream Open() => encoded.Open();

        public void DecodeTo(Stream stream, CancellationToken cancellationToken = default) => encoded.DecodeTo(stream, cancellationToken);

        public Task DecodeToAsync(Stream stream, CancellationToken cancellationToken = default) => encoded.DecodeToAsync(stream, cancellationToken);

        public void WriteTo(Stream stream, CancellationToken cancellationToken = default) => encoded.DecodeTo(stream, cancellationToken);

        public Task WriteToAsync(Stream stream, CancellationToken cancellationToken = default) => encoded.DecodeToAsync(stream, cancellationToken);

        public void Dispose() => encoded.Dispose();
    }
}
