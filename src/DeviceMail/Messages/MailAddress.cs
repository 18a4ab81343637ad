using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace DeviceMail.Messages;

/// <summary>
/// One mailbox, <c>local@domain</c>, as it stands in an envelope (RFC 5321 4.1.2). There is one way to make one, and it refuses
/// control characters, so an address can never split a command line or a header field. Source routes, percent and bang
/// paths have no meaning here: what stands before the last @ is the local part, as it is.
/// </summary>
public sealed record MailAddress
{
    /// <summary>The longest local part in octets (RFC 5321 4.5.3.1.1).</summary>
    public const int MaxLocalOctets = 64;

    /// <summary>The longest domain in octets (RFC 5321 4.5.3.1.2).</summary>
    public const int MaxDomainOctets = 255;

    private static readonly SearchValues<char> _literal = SearchValues.Create("0123456789abcdefABCDEF.:");

    private const string AtomSpecials = "!#$%&'*+-/=?^_`{|}~";

    private MailAddress(string local, string domain)
    {
        Local = local;
        Domain = domain;
        NeedsUtf8 = !Ascii.IsValid(local) || !Ascii.IsValid(domain);
    }

    /// <summary>The local part, with its quotes when it was quoted.</summary>
    public string Local { get; }

    /// <summary>The domain, or an address literal in brackets; always lower case.</summary>
    public string Domain { get; }

    /// <summary>Whether the address can travel only where SMTPUTF8 is announced (RFC 6531).</summary>
    public bool NeedsUtf8 { get; }

    public static MailAddress Parse(string text) =>
        TryParse(text, out var address) ? address : throw new FormatException($"“{text}” is not a mail address; it needs the form name@domain.");

    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out MailAddress? address)
    {
        address = null;
        if (text is null || text.Length > MaxLocalOctets + 1 + MaxDomainOctets) return false;
        var at = text.LastIndexOf('@');
        if (at <= 0) return false;
        // Small letters first: some take more octets than their capitals.
        var (local, domain) = (text[..at], text[(at + 1)..].ToLowerInvariant());
        if (!IsLocalPart(local) || !IsDomain(domain)) return false;
        address = new MailAddress(local, domain);
        return true;
    }

    public override string ToString() => $"{Local}@{Domain}";

    public bool Equals(MailAddress? other) =>
        other is not null && Domain == other.Domain && string.Equals(Local, other.Local, StringComparison.OrdinalIgnoreCase);

    public override int GetHashCode() => HashCode.Combine(Domain, StringComparer.OrdinalIgnoreCase.GetHashCode(Local));

    private static bool IsLocalPart(string local)
    {
        if (Encoding.UTF8.GetByteCount(local) > MaxLocalOctets) return false;
        if (local[0] == '"') return IsQuoted(local);
        var previous = '.';
        foreach (var c in local)
        {
            if (c == '.' && previous == '.') return false;
            if (c != '.' && !IsAtomCharacter(c)) return false;
            previous = c;
        }
        return previous != '.';
    }

    private static bool IsQuoted(string local)
    {
        if (local.Length < 3 || local[^1] != '"') return false;
        for (var i = 1; i < local.Length - 1; i++)
        {
            if (local[i] == '"' || local[i] is < ' ' or > '~' && !IsLetterBeyondAscii(local[i])) return false;
            if (local[i] != '\\') continue;
            if (++i >= local.Length - 1 || local[i] is < ' ' or > '~') return false;
        }
        return true;
    }

    private static bool IsDomain(string domain)
    {
        if (domain.Length == 0 || Encoding.UTF8.GetByteCount(domain) > MaxDomainOctets) return false;
        if (domain[0] == '[')
            return domain[^1] == ']' && IsLiteral(domain.StartsWith("[IPv6:", StringComparison.OrdinalIgnoreCase) ? domain[6..^1] : domain[1..^1]);
        foreach (var label in domain.Split('.'))
        {
            if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-') return false;
            foreach (var c in label)
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_') && !IsLetterBeyondAscii(c)) return false;
        }
        return true;
    }

    /// <summary>An address without a zone: that would be free text.</summary>
    private static bool IsLiteral(string text) => !text.AsSpan().ContainsAnyExcept(_literal) && System.Net.IPAddress.TryParse(text, out _);

    private static bool IsAtomCharacter(char c) =>
        char.IsAsciiLetterOrDigit(c) || AtomSpecials.Contains(c, StringComparison.Ordinal) || IsLetterBeyondAscii(c);

    private static bool IsLetterBeyondAscii(char c) => c > 0x9f && !char.IsWhiteSpace(c) && c is not ('\u2028' or '\u2029');
}
