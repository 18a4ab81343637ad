using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using DeviceMail.Devices;
using DeviceMail.Messages;

namespace DeviceMail.Receiving;

/// <summary>The path and parameters of MAIL and RCPT (RFC 5321 4.1.1.2, 4.1.1.3), with the sloppiness that single devices are allowed.</summary>
public sealed record SmtpPath
{
    /// <summary>Null is the null sender, in MAIL alone.</summary>
    public required MailAddress? Address { get; init; }

    /// <summary>SIZE= of RFC 1870, or 0.</summary>
    public long Size { get; init; }

    public bool Utf8 { get; init; }

    /// <summary>The habits it took to understand the line.</summary>
    public Habits Sloppy { get; init; }
}

public static class SmtpArguments
{
    /// <param name="text">What follows "MAIL " or "RCPT ".</param>
    /// <param name="keyword">"FROM:" or "TO:".</param>
    /// <param name="path">What the line says.</param>
    /// <param name="fault">The reply when it says nothing that can be understood.</param>
    public static bool TryParse(string text, string keyword, [NotNullWhen(true)] out SmtpPath? path, [NotNullWhen(false)] out string? fault)
    {
        (path, fault) = (null, SmtpAnswers.BadSyntax);
        text = text.Trim();
        if (!text.StartsWith(keyword, StringComparison.OrdinalIgnoreCase)) return false;
        var rest = text[keyword.Length..];
        var sloppy = rest.StartsWith(' ') ? Habits.SpaceAfterColon : Habits.None;
        rest = rest.TrimStart();
        if (!TrySplit(rest, out var address, out var parameters, ref sloppy)) return false;
        fault = keyword == "FROM:" ? SmtpAnswers.BadSenderAddress : SmtpAnswers.BadRecipientAddress;
        MailAddress? parsed = null;
        if (address.Length > 0 && !MailAddress.TryParse(WithoutRoute(address), out parsed)) return false;
        if (address.Length == 0 && keyword != "FROM:") return false;
        path = new SmtpPath { Address = parsed, Sloppy = sloppy };
        foreach (var parameter in parameters.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = keyword == "FROM:" ? Apply(path, parameter) : null;
            if (next is null)
            {
                (path, fault) = (null, SmtpAnswers.UnknownParameter);
                return false;
            }
            path = next;
        }
        if (path.Address is { NeedsUtf8: true } && keyword == "FROM:" && !path.Utf8)
        {
            (path, fault) = (null, SmtpAnswers.NeedsSmtpUtf8);
            return false;
        }
        fault = null;
        return true;
    }

    private static bool TrySplit(string rest, out string address, out string parameters, ref Habits sloppy)
    {
        (address, parameters) = ("", "");
        if (rest.StartsWith('<'))
        {
            var close = Closing(rest);
            if (close < 0) return false;
            (address, parameters) = (rest[1..close], rest[(close + 1)..]);
            return parameters.Length == 0 || parameters[0] == ' ';
        }
        if (rest.Length == 0) return false;
        sloppy |= Habits.NoBrackets;
        var space = rest.IndexOf(' ', StringComparison.Ordinal);
        (address, parameters) = space < 0 ? (rest, "") : (rest[..space], rest[space..]);
        return true;
    }

    /// <summary>The bracket that closes the path; one inside a quoted local part does not.</summary>
    private static int Closing(string text)
    {
        var quoted = false;
        for (var i = 1; i < text.Length; i++)
        {
            if (quoted && text[i] == '\\') i++;
            else if (text[i] == '"') quoted = !quoted;
            else if (!quoted && text[i] == '>') return i;
        }
        return -1;
    }

    /// <summary>A source route is read and ignored (RFC 5321 appendix F.2).</summary>
    private static string WithoutRoute(string address) =>
        address.StartsWith('@') && address.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon ? address[(colon + 1)..] : address;

    private static SmtpPath? Apply(SmtpPath path, string parameter)
    {
        var (name, value) = parameter.IndexOf('=', StringComparison.Ordinal) is > 0 and var at ? (parameter[..at], parameter[(at + 1)..]) : (parameter, "");
        return name.ToUpperInvariant() switch
        {
            "SIZE" => long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? path with { Size = size }
                : value.Length is > 18 and <= 20 && value.All(char.IsAsciiDigit) ? path with { Size = long.MaxValue } : null,
            "BODY" => value.ToUpperInvariant() is "7BIT" or "8BITMIME" ? path : null,
            "SMTPUTF8" when value.Length == 0 => path with { Utf8 = true },
            // A client repeats its sign-in name (RFC 4954 5); nothing follows from it.
            "AUTH" => path,
            _ => null,
        };
    }
}
