using System.Buffers;
using System.Buffers.Text;
using System.Text;
using DeviceMail.Lab.Entra;
using DeviceMail.Lab.Mailboxes;
using Microsoft.AspNetCore.Http;

namespace DeviceMail.Lab.Graph;

/// <summary>sendMail with a whole message in base64. Its recipients are those of the header, and Bcc does not travel on.</summary>
public sealed class MimeSending(PretendCloud cloud, GraphDesk desk)
{
    public async Task<IResult> SendAsync(HttpContext c, GraphCaller caller)
    {
        if (!(c.Request.ContentType ?? "").StartsWith("text/plain", StringComparison.OrdinalIgnoreCase))
            return GraphRefusal.NotTaught("sendMail with anything but a message in base64 as text/plain").Answer(c, cloud.Time);
        if (await RequestBody.ReadAsync(c) is not { } bytes)
            return GraphRefusal.RequestTooLarge.Answer(c, cloud.Time);
        if (bytes.Length == 0 || Base64.DecodeFromUtf8InPlace(bytes, out var length) != OperationStatus.Done)
            return GraphRefusal.BadBase64.Answer(c, cloud.Time);
        return desk.Answer(c, desk.Deliver(caller, Take(bytes[..length], caller.Mailbox)));
    }

    private GraphMail Take(byte[] message, LabAccount mailbox)
    {
        var header = MimeHeader.Read(message);
        string[] recipients = [.. ((string[])["To", "Cc", "Bcc"]).SelectMany(header.Addresses).Distinct(StringComparer.OrdinalIgnoreCase)];
        var from = header.Value("From") is { } field ? MailAddresses.Single(field) : mailbox.Mailbox;
        using var spool = new BodySpool(cloud.Folder);
        foreach (var one in header.Fields)
            Write(header, one, mailbox, spool);
        spool.Write(message.AsSpan(header.End));
        return new(from, recipients, spool.Finish());
    }

    /// <summary>A work mailbox's message loses Bcc alone; Outlook.com drops more, but keeps the Message-ID.</summary>
    private static void Write(MimeHeader header, MimeField field, LabAccount mailbox, BodySpool spool)
    {
        var name = field.Name.ToLowerInvariant();
        var personal = mailbox.Kind == AccountKind.Personal;
        if (name == "bcc" || (personal && (name == "date" || name.StartsWith("x-", StringComparison.Ordinal))))
            return;
        if (personal && name == "from")
            spool.Write(Encoding.UTF8.GetBytes($"From: {MailAddresses.Single(header.Value("From")!)}\r\n"));
        else
            spool.Write(header.Octets(field));
    }
}
