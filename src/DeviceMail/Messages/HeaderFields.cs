using System.Text;

namespace DeviceMail.Messages;

/// <summary>One field of a header as it stood on the wire: the name, and all its octets with folds and the closing CRLF.</summary>
public readonly record struct HeaderField(string Name, ReadOnlyMemory<byte> Raw)
{
    public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>The value unfolded and trimmed (RFC 5322 2.2.3), encoded words left as they are; octets beyond UTF-8 become U+FFFD.</summary>
    public string Value
    {
        get
        {
            var text = Encoding.UTF8.GetString(Raw.Span);
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            return text[(colon + 1)..].Replace("\r\n", "", StringComparison.Ordinal).Trim();
        }
    }
}

/// <summary>
/// Splits a header into fields without judging or repairing them: a message leaves as it came, whatever a device wrote. A line
/// that is no field (an mbox "From " line, a line without a colon) belongs to the field before it, or stands alone with an
/// empty name.
/// </summary>
public static class HeaderFields
{
    public static IReadOnlyList<HeaderField> Split(ReadOnlyMemory<byte> header)
    {
        var fields = new List<HeaderField>();
        var (start, name) = (0, "");
        for (var at = 0; at < header.Length;)
        {
            var line = header.Span[at..];
            var end = line.IndexOf("\r\n"u8);
            var next = end < 0 ? header.Length : at + end + 2;
            if (end == 0) break;
            var found = NameOf(end < 0 ? line : line[..end]);
            if (found is not null || at == 0)
            {
                if (at > start) fields.Add(new HeaderField(name, header[start..at]));
                (start, name) = (at, found ?? "");
            }
            at = next;
        }
        var last = header.Length >= 2 && header.Span[^2..].SequenceEqual("\r\n"u8) && EndsWithEmptyLine(header.Span) ? header.Length - 2 : header.Length;
        if (last > start) fields.Add(new HeaderField(name, header[start..last]));
        return fields;
    }

    /// <summary>The field name of a line (RFC 5322 2.2: printable ASCII but colon), or null where the line starts no field.</summary>
    public static string? NameOf(ReadOnlySpan<byte> line)
    {
        var colon = line.IndexOf((byte)':');
        if (colon <= 0) return null;
        var name = line[..colon].TrimEnd(" \t"u8);
        foreach (var b in name)
            if (b is <= 32 or >= 127) return null;
        return Encoding.ASCII.GetString(name);
    }

    private static bool EndsWithEmptyLine(ReadOnlySpan<byte> header) =>
        header.Length == 2 || header.Length >= 4 && header[^4..].SequenceEqual("\r\n\r\n"u8);
}
