using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace DeviceMail.Lab.Mailboxes;

/// <summary>
/// Reads a message line by line, however big it is: its header, the files it carries, its first text.
/// Good for what scanners and gateways send; it does not judge what it reads.
/// </summary>
public sealed class MimeReader
{
    private const int TextLimit = 4000;
    private const int LineLimit = 1 << 20;

    private readonly StreamReader _lines;
    private readonly List<string> _boundaries = [];
    private readonly List<LabAttachment> _attachments = [];
    private readonly StringBuilder _text = new();
    private bool _textTaken;

    private MimeReader(StreamReader lines) => _lines = lines;

    public static MessageContent Read(MailBody body)
    {
        using var lines = new StreamReader(body.OpenRead(), Encoding.Latin1, false, 1 << 16);
        var reader = new MimeReader(lines);
        var fields = reader.ReadFields();
        reader.ReadBody(fields);
        var headers = fields.Select(field => KeyValuePair.Create(field.Key, MimeWords.Decode(FromUtf8(field.Value))));
        return new([.. headers], reader._attachments, reader._text.ToString());
    }

    /// <summary>The header alone, the first field of each name.</summary>
    public static Dictionary<string, string> ReadHeader(MailBody body)
    {
        using var lines = new StreamReader(body.OpenRead(), Encoding.Latin1, false, 1 << 12);
        var header = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in new MimeReader(lines).ReadFields())
            header.TryAdd(name, FromUtf8(value));
        return header;
    }

    private static string FromUtf8(string latin1) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(latin1));

    private List<KeyValuePair<string, string>> ReadFields()
    {
        var fields = new List<KeyValuePair<string, string>>();
        while (_lines.ReadLine() is { Length: > 0 } line)
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (line[0] is ' ' or '\t' && fields.Count > 0)
                fields[^1] = KeyValuePair.Create(fields[^1].Key, $"{fields[^1].Value} {line.Trim()}");
            else if (colon > 0)
                fields.Add(KeyValuePair.Create(line[..colon].TrimEnd(), line[(colon + 1)..].Trim()));
        }

        return fields;
    }

    private void ReadBody(List<KeyValuePair<string, string>> fields)
    {
        var ended = ReadPart(fields);
        while (ended is { } line)
        {
            // After a closing boundary comes an epilogue, or the next part of an outer multipart.
            ended = line.EndsWith("--", StringComparison.Ordinal) ? SkipToBoundary() : ReadPart(ReadFields());
        }
    }

    /// <summary>Reads the part's body and returns the boundary line that ended it, or null at the end.</summary>
    private string? ReadPart(List<KeyValuePair<string, string>> fields)
    {
        var type = Field(fields, "Content-Type");
        var boundary = type.StartsWith("multipart/", StringComparison.OrdinalIgnoreCase) ? MimeWords.Parameter(type, "boundary") : null;
        if (boundary is not null)
        {
            _boundaries.Add("--" + boundary);
            return SkipToBoundary();
        }

        var disposition = Field(fields, "Content-Disposition");
        var name = MimeWords.Parameter(disposition, "filename") ?? MimeWords.Parameter(type, "name");
        var attached = name is not null || disposition.StartsWith("attachment", StringComparison.OrdinalIgnoreCase);
        var isText = type.Length == 0 || type.StartsWith("text/", StringComparison.OrdinalIgnoreCase);
        using var content = new PartContent(Field(fields, "Content-Transfer-Encoding"));
        var keepText = !attached && isText && !_textTaken;
        string? line;
        while ((line = _lines.ReadLine()) is not null && !IsBoundary(line))
        {
            var bytes = content.Add(line);
            if (keepText && _text.Length < TextLimit)
                _text.Append(Encoding.UTF8.GetString(bytes));
        }

        _textTaken |= keepText;
        if (attached || !isText)
            _attachments.Add(content.Finish(name ?? "(no name)"));
        return line;
    }

    private string? SkipToBoundary()
    {
        string? line;
        while ((line = _lines.ReadLine()) is not null && !IsBoundary(line))
        {
        }

        return line;
    }

    private bool IsBoundary(string line)
    {
        if (line.Length is < 3 or > LineLimit || line[0] != '-' || line[1] != '-')
            return false;
        var trimmed = line.AsSpan().TrimEnd();
        foreach (var boundary in _boundaries)
        {
            if (trimmed.StartsWith(boundary) && trimmed[boundary.Length..] is "" or "--")
                return true;
        }

        return false;
    }

    private static string Field(List<KeyValuePair<string, string>> fields, string name) =>
        fields.FirstOrDefault(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Value ?? "";

    /// <summary>Decodes and hashes the lines of one part. The line end before a boundary belongs to the boundary (RFC 2046 5.1.1).</summary>
    private sealed class PartContent(string encoding) : IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private readonly StringBuilder _left = new();
        private long _size;
        private bool _lineEndOwed;

        public byte[] Add(string line)
        {
            var bytes = encoding.Trim().ToLowerInvariant() switch
            {
                "base64" => Base64(line),
                "quoted-printable" => QuotedPrintable(line),
                _ => Plain(line),
            };
            _size += bytes.Length;
            _hash.AppendData(bytes);
            return bytes;
        }

        public LabAttachment Finish(string name) => new(name, _size, Convert.ToHexStringLower(_hash.GetHashAndReset()));

        public void Dispose() => _hash.Dispose();

        private byte[] Base64(string line)
        {
            foreach (var letter in line)
            {
                if (char.IsAsciiLetterOrDigit(letter) || letter is '+' or '/' or '=')
                    _left.Append(letter);
            }

            var whole = _left.Length / 4 * 4;
            var bytes = new byte[whole];
            var text = _left.ToString(0, whole);
            _left.Remove(0, whole);
            return Convert.TryFromBase64String(text, bytes, out var count) ? bytes[..count] : [];
        }

        private byte[] Plain(string line)
        {
            var bytes = Encoding.Latin1.GetBytes(_lineEndOwed ? "\r\n" + line : line);
            _lineEndOwed = true;
            return bytes;
        }

        private byte[] QuotedPrintable(string line)
        {
            line = line.TrimEnd();
            var soft = line.EndsWith('=');
            var text = new StringBuilder(_lineEndOwed ? "\r\n" : "");
            _lineEndOwed = !soft;
            for (var i = 0; i < line.Length - (soft ? 1 : 0); i++)
            {
                if (line[i] == '=' && i + 2 < line.Length && byte.TryParse(line.AsSpan(i + 1, 2), NumberStyles.HexNumber, null, out var value))
                {
                    text.Append((char)value);
                    i += 2;
                }
                else
                {
                    text.Append(line[i]);
                }
            }

            return Encoding.Latin1.GetBytes(text.ToString());
        }
    }
}
