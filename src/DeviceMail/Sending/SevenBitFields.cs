using System.Text;
using System.Text.Unicode;
using DeviceMail.Messages;
using MimeKit;

namespace DeviceMail.Sending;

/// <summary>
/// Header fields written anew so that any server takes them: letters beyond ASCII as encoded words or parameters (RFC 2047, RFC 2231), lines
/// folded at 78 characters. A field that needs neither stays as it came.
/// </summary>
internal static class SevenBitFields
{
    /// <summary>The longest line a server must take, CRLF not counted (RFC 5321 4.5.3.1.6).</summary>
    public const int LongestLine = 998;

    private static readonly string[] _addressFields =
    [
        "From", "Sender", "Reply-To", "To", "Cc", "Disposition-Notification-To", "Resent-From", "Resent-Sender", "Resent-Reply-To", "Resent-To", "Resent-Cc",
    ];

    private static readonly FormatOptions _wire = Wire();

    /// <summary>MimeKit's options for octets that go to a server.</summary>
    public static FormatOptions WireOptions => _wire;

    /// <param name="header">Fields ended by CRLF, without the closing empty line.</param>
    /// <param name="which">The fields to write anew.</param>
    /// <returns>Null where one cannot be: an address with letters beyond ASCII before the @, a word that is longer than a line, no field name.</returns>
    public static byte[]? Encode(ReadOnlyMemory<byte> header, Func<HeaderField, bool> which)
    {
        using var encoded = new MemoryStream(header.Length + 256);
        foreach (var field in HeaderFields.Split(header))
        {
            if (!which(field))
            {
                encoded.Write(field.Raw.Span);
                continue;
            }
            if (field.Name.Length == 0 || HasAddressBeyondAscii(field)) return null;
            var value = Encode(field);
            if (!IsPlain(value)) return null;
            encoded.Write(Encoding.ASCII.GetBytes($"{field.Name}:"));
            encoded.Write(value);
        }
        return encoded.ToArray();
    }

    /// <summary>Writes those fields of a part anew that have letters beyond ASCII or a line that is too long.</summary>
    public static void Encode(HeaderList fields)
    {
        foreach (var field in fields.Where(field => !field.IsPlainField()).ToList())
            field.SetValue(_wire, EncodingOf(field.RawValue), TextOf(field.RawValue));
    }

    public static bool IsTooLong(HeaderField field) => OctetMeter.Measure(field.Raw.Span).LongestLine > LongestLine;

    public static bool HasEightBit(HeaderField field) => !Ascii.IsValid(field.Raw.Span);

    private static bool IsPlainField(this Header field) => IsPlain(field.RawValue) && Ascii.IsValid(field.RawField);

    private static bool IsPlain(ReadOnlySpan<byte> octets) => OctetMeter.Measure(octets) is { HasEightBit: false, LongestLine: <= LongestLine };

    /// <summary>Names beyond ASCII can be encoded, addresses cannot; their domains can.</summary>
    private static bool HasAddressBeyondAscii(HeaderField field) => _addressFields.Any(field.Is)
        && InternetAddressList.TryParse(TextOf(ValueOf(field)), out var list) && list.Mailboxes.Any(mailbox => !Ascii.IsValid(mailbox.LocalPart));

    private static ReadOnlySpan<byte> ValueOf(HeaderField field) => field.Raw.Span[(field.Raw.Span.IndexOf((byte)':') + 1)..];

    private static byte[] Encode(HeaderField field)
    {
        var value = ValueOf(field);
        var header = new Header(EncodingOf(value), field.Name, "");
        header.SetValue(_wire, EncodingOf(value), TextOf(value));
        return header.RawValue;
    }

    private static string TextOf(ReadOnlySpan<byte> value) => EncodingOf(value).GetString(value).Replace("\r\n", "", StringComparison.Ordinal).Trim();

    /// <summary>What a device wrote is UTF-8, or is kept octet by octet as Latin-1.</summary>
    private static Encoding EncodingOf(ReadOnlySpan<byte> value) => Utf8.IsValid(value) ? Encoding.UTF8 : Encoding.Latin1;

    private static FormatOptions Wire()
    {
        var options = FormatOptions.Default.Clone();
        options.NewLineFormat = NewLineFormat.Dos;
        return options;
    }
}
