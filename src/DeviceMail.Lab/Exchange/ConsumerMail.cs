using System.Text;
using DeviceMail.Lab.Mailboxes;

namespace DeviceMail.Lab.Exchange;

/// <summary>Outlook.com gives each message a Message-ID of its own and keeps the old one in X-Microsoft-Original-Message-ID.</summary>
public static class ConsumerMail
{
    /// <summary>A header beyond this size is left as it is, after the new field.</summary>
    private const int HeaderLimit = 1 << 16;

    /// <summary>Takes over the spool and deletes the old body.</summary>
    public static (MailBody Body, string MessageId) Rewrite(MailBody body, BodySpool spool)
    {
        using (spool)
        {
            var messageId = $"<LAB{Guid.NewGuid():N}@{SmtpReplies.Host}>";
            spool.Write(Encoding.ASCII.GetBytes($"Message-ID: {messageId}\r\n"));
            using (var old = body.OpenRead())
            {
                var start = new byte[HeaderLimit];
                var bytes = start.AsSpan(0, old.ReadAtLeast(start, start.Length, false));
                var field = FindField(bytes);
                spool.Write(bytes[..field]);
                if (field < bytes.Length)
                    spool.Write("X-Microsoft-Original-"u8);
                spool.Write(bytes[field..]);
                int count;
                while ((count = old.Read(start)) > 0)
                    spool.Write(start.AsSpan(0, count));
            }

            body.Delete();
            return (spool.Finish(), messageId);
        }
    }

    /// <summary>Where the name of the Message-ID field starts within the header, or the end of the bytes.</summary>
    private static int FindField(ReadOnlySpan<byte> bytes)
    {
        var name = "Message-ID:"u8;
        for (var at = 0; at < bytes.Length;)
        {
            var line = bytes[at..];
            if (line.StartsWith("\r\n"u8))
                break;
            if (line.Length >= name.Length && Ascii.EqualsIgnoreCase(line[..name.Length], name))
                return at;
            var end = line.IndexOf((byte)'\n');
            if (end < 0)
                break;
            at += end + 1;
        }

        return bytes.Length;
    }
}
