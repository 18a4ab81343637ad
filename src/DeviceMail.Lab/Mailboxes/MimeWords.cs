using System.Globalization;
using System.Text;

namespace DeviceMail.Lab.Mailboxes;

/// <summary>The encodings inside header fields: encoded words (RFC 2047) and parameters (RFC 2231).</summary>
public static class MimeWords
{
    public static string Decode(string value)
    {
        var text = new StringBuilder();
        var at = 0;
        while (at < value.Length)
        {
            var start = value.IndexOf("=?", at, StringComparison.Ordinal);
            var end = start < 0 ? -1 : EndOfWord(value, start);
            if (end < 0)
                break;
            var between = value[at..start];
            if (text.Length == 0 || !string.IsNullOrWhiteSpace(between) || at == 0)
                text.Append(between);
            text.Append(DecodeWord(value[(start + 2)..end]));
            at = end + 2;
        }

        return text.Append(value.AsSpan(at)).ToString();
    }

    /// <summary>A parameter such as name or filename, in the plain or the RFC 2231 form; null when it is missing.</summary>
    public static string? Parameter(string field, string name)
    {
        var pieces = Split(field).Skip(1)
            .Select(piece => piece.Split('=', 2, StringSplitOptions.TrimEntries))
            .Where(piece => piece.Length == 2)
            .Select(piece => (Name: piece[0], Value: Unquote(piece[1])))
            .ToArray();
        foreach (var (key, value) in pieces)
        {
            if (key.Equals(name, StringComparison.OrdinalIgnoreCase))
                return Decode(value);
        }

        var extended = string.Concat(pieces
            .Where(piece => piece.Name.StartsWith(name + "*", StringComparison.OrdinalIgnoreCase))
            .OrderBy(piece => int.TryParse(piece.Name[(name.Length + 1)..].TrimEnd('*'), out var number) ? number : 0)
            .Select(piece => piece.Value));
        if (extended.Length == 0)
            return null;
        var quotes = extended.Split('\'', 3);
        return Uri.UnescapeDataString(quotes.Length == 3 ? quotes[2] : extended);
    }

    private static int EndOfWord(string value, int start)
    {
        var question = value.IndexOf('?', start + 2);
        question = question < 0 ? -1 : value.IndexOf('?', question + 1);
        return question < 0 ? -1 : value.IndexOf("?=", question + 1, StringComparison.Ordinal);
    }

    private static string DecodeWord(string word)
    {
        var parts = word.Split('?', 3);
        if (parts.Length < 3)
            return word;
        var bytes = parts[1] is "B" or "b" ? FromBase64(parts[2]) : FromQ(parts[2]);
        return (parts[0].StartsWith("iso-8859-1", StringComparison.OrdinalIgnoreCase) ? Encoding.Latin1 : Encoding.UTF8).GetString(bytes);
    }

    private static byte[] FromBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var count) ? bytes[..count] : Encoding.UTF8.GetBytes(text);
    }

    private static byte[] FromQ(string text)
    {
        var bytes = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '=' && i + 2 < text.Length && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.HexNumber, null, out var value))
            {
                bytes.Add(value);
                i += 2;
            }
            else
            {
                bytes.Add(text[i] == '_' ? (byte)' ' : (byte)text[i]);
            }
        }

        return [.. bytes];
    }

    private static IEnumerable<string> Split(string field)
    {
        var (start, quoted) = (0, false);
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] == '"')
                quoted = !quoted;
            if (field[i] != ';' || quoted)
                continue;
            yield return field[start..i];
            start = i + 1;
        }

        yield return field[start..];
    }

    private static string Unquote(string value) =>
        value.Length > 1 && value[0] == '"' && value[^1] == '"' ? value[1..^1].Replace("\\", "", StringComparison.Ordinal) : value;
}
