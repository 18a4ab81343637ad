using System.Globalization;
using DeviceMail.Accounts;
using DeviceMail.Messages;
using DeviceMail.People;
using MimeKit;
using MimeKit.Utils;

namespace DeviceMail.ToMyEmail;

/// <summary>The mail that carries a scan to its person. Its file is read while it is written: no more than a block is in memory.</summary>
internal sealed class ScanMail(Account account, Person person, DateTimeOffset at)
{
    /// <summary>Lines of base64 are 76 octets and their end for 57 of the file (RFC 2045 6.8).</summary>
    private const int LineOctets = 57, EncodedLineOctets = 78;

    /// <summary>More than header, text and boundaries ever come to.</summary>
    private const int AroundTheFile = 8_192;

    /// <summary>Such as Scan 2026-11-23 0942.pdf.</summary>
    public string FileName { get; } = at.ToString("'Scan 'yyyy-MM-dd HHmm'.pdf'", CultureInfo.InvariantCulture);

    /// <summary>The size of the mail at most, in octets.</summary>
    public static long SizeOf(long fileOctets) => (fileOctets + LineOctets - 1) / LineOctets * EncodedLineOctets + AroundTheFile;

    public Envelope Envelope => new() { Sender = account.Address, Recipients = [person.Address], AccountId = account.Id, Origin = new Origin() };

    public async Task WriteAsync(Stream to, string pdf, CancellationToken cancel)
    {
        await using var file = new FileStream(pdf, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, useAsync: true);
        using var message = new MimeMessage();
        message.From.Add(new MailboxAddress("", account.Address.ToString()));
        message.To.Add(new MailboxAddress(person.DisplayName, person.Address.ToString()));
        message.Subject = Path.GetFileNameWithoutExtension(FileName);
        message.Date = at;
        message.MessageId = MimeUtils.GenerateMessageId(account.Address.Domain);
        var attachment = new MimePart("application", "pdf")
        {
            Content = new MimeContent(file),
            ContentDisposition = new ContentDisposition(ContentDisposition.Attachment),
            ContentTransferEncoding = ContentEncoding.Base64,
            FileName = FileName,
        };
        message.Body = new Multipart("mixed") { new TextPart("plain") { Text = $"Your scan is in the file {FileName}.\r\n" }, attachment };
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        await message.WriteToAsync(format, to, cancel);
    }
}
