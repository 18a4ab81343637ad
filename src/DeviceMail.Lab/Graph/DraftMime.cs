using System.Globalization;
using System.Text;
using DeviceMail.Lab.Mailboxes;

namespace DeviceMail.Lab.Graph;

/// <summary>Makes the message of a draft, as Exchange does when it is sent. Bcc is not written.</summary>
public sealed class DraftMime(BodySpool spool)
{
    /// <summary>So many octets give whole lines of 76 characters.</summary>
    private const int Block = 57 * 1024;

    private readonly string _boundary = $"_000_LAB{Guid.NewGuid():N}_";

    public void Write(GraphDraft draft, string from, DateTimeOffset now)
    {
        var message = draft.Message;
        Address("From", [message.From ?? new(new(null, from))]);
        Address("To", message.ToRecipients);
        Address("Cc", message.CcRecipients);
        Address("Reply-To", message.ReplyTo);
        Line($"Subject: {Words(message.Subject ?? "")}");
        Line($"Date: {now.ToString("ddd, dd MMM yyyy HH:mm:ss", CultureInfo.InvariantCulture)} +0000");
        Line($"Message-ID: {OneLine(draft.MessageId)}");
        foreach (var field in message.InternetMessageHeaders.Where(field => field.Name?.StartsWith("x-", StringComparison.OrdinalIgnoreCase) == true))
            Line($"{OneLine(field.Name!)}: {OneLine(field.Value ?? "")}");
        Line("MIME-Version: 1.0");
        var attachments = draft.Attachments;
        if (attachments.Count == 0)
        {
            Text(message.Body);
            return;
        }

        Line($"Content-Type: multipart/mixed; boundary=\"{_boundary}\"");
        Line("");
        Line($"--{_boundary}");
        Text(message.Body);
        foreach (var attachment in attachments)
            Attach(attachment);
        Line($"--{_boundary}--");
    }

    private void Text(GraphContent? body)
    {
        var kind = body?.ContentType?.Equals("html", StringComparison.OrdinalIgnoreCase) == true ? "html" : "plain";
        Line($"Content-Type: text/{kind}; charset=\"utf-8\"");
        Line("Content-Transfer-Encoding: base64");
        Line("");
        Encoded(new MemoryStream(Encoding.UTF8.GetBytes(body?.Content ?? ""), false));
    }

    private void Attach(DraftAttachment attachment)
    {
        var name = OneLine(attachment.Name);
        var file = Ascii.IsValid(name) ? $"filename={Quoted(name)}" : $"filename*=UTF-8''{Uri.EscapeDataString(name)}";
        Line($"--{_boundary}");
        Line($"Content-Type: {OneLine(attachment.ContentType)}");
        Line($"Content-Disposition: {(attachment.IsInline ? "inline" : "attachment")}; {file}");
        if (attachment.ContentId is { Length: > 0 } id)
            Line($"Content-ID: <{OneLine(id)}>");
        Line("Content-Transfer-Encoding: base64");
        Line("");
        using var content = attachment.Content.OpenRead();
        Encoded(content);
    }

    private void Encoded(Stream content)
    {
        var block = new byte[Block];
        int count;
        while ((count = content.ReadAtLeast(block, Block, false)) > 0)
            Line(Convert.ToBase64String(block.AsSpan(0, count), Base64FormattingOptions.InsertLineBreaks));
    }

    private void Address(string name, GraphRecipient[] recipients)
    {
        var written = recipients.Select(one => one.EmailAddress).OfType<GraphAddress>().Select(one => one.Name is { Length: > 0 } display
            ? $"{(Ascii.IsValid(display) ? Quoted(OneLine(display)) : Words(display))} <{OneLine(one.Address ?? "")}>"
            : OneLine(one.Address ?? ""));
        if (recipients.Length > 0)
            Line($"{name}: {string.Join(",\r\n ", written)}");
    }

    private void Line(string text) => spool.Write(Encoding.UTF8.GetBytes(text + "\r\n"));

    private static string Quoted(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    /// <summary>Plain ASCII as it is; everything else as encoded words (RFC 2047).</summary>
    private static string Words(string text)
    {
        text = OneLine(text);
        if (Ascii.IsValid(text))
            return text;
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (Encoding.UTF8.GetByteCount(word.ToString()) + rune.Utf8SequenceLength > 45)
            {
                words.Add(word.ToString());
                word.Clear();
            }

            word.Append(rune.ToString());
        }

        words.Add(word.ToString());
        return string.Join("\r\n ", words.Select(one => $"=?utf-8?B?{Convert.ToBase64String(Encoding.UTF8.GetBytes(one))}?="));
    }

    private static string OneLine(string text) => text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", " ", StringComparison.Ordinal);
}
