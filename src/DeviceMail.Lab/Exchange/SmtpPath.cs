using System.Buffers;
using System.Globalization;
using System.Text;

namespace DeviceMail.Lab.Exchange;

/// <summary>The argument of MAIL or RCPT, read strictly: FROM:&lt;address&gt; and parameters, one space between (RFC 5321 4.1.2).</summary>
public sealed record SmtpPath(string Address, long? Size)
{
    private static readonly string[] MailParameters = ["SIZE", "BODY", "SMTPUTF8", "RET", "ENVID", "AUTH"];
    private static readonly SearchValues<char> Forbidden = SearchValues.Create(" \t\r\n\0<>");
    private static readonly string[] RcptParameters = ["NOTIFY", "ORCPT"];

    /// <summary>The syntax is right, but what stands between the brackets is no address.</summary>
    public bool HasBadAddress { get; private init; }

    /// <summary>Null when the syntax is not exactly right or a parameter is unknown.</summary>
    public static SmtpPath? ReadMail(string argument) => Read(argument, "FROM:<", MailParameters);

    public static SmtpPath? ReadRcpt(string argument) =>
        Read(argument, "TO:<", RcptParameters) is { } path ? path with { HasBadAddress = path.HasBadAddress || path.Address.Length == 0 } : null;

    private static SmtpPath? Read(string argument, string start, string[] known)
    {
        if (!argument.StartsWith(start, StringComparison.OrdinalIgnoreCase))
            return null;
        var end = argument.IndexOf('>', start.Length);
        if (end < 0)
            return null;
        var address = argument[start.Length..end];
        var rest = argument[(end + 1)..];
        if (rest.Length > 0 && rest[0] != ' ')
            return null;

        long? size = null;
        var utf8 = false;
        foreach (var parameter in rest.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = parameter.Split('=')[0].ToUpperInvariant();
            var value = parameter.Length > name.Length ? parameter[(name.Length + 1)..] : "";
            if (!known.Contains(name) || (name == "BODY" && value.ToUpperInvariant() is not ("7BIT" or "8BITMIME" or "BINARYMIME")))
                return null;
            if (name == "SIZE")
            {
                if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
                    return null;
                size = bytes;
            }

            utf8 |= name == "SMTPUTF8";
        }

        var needsUtf8 = known == MailParameters && !utf8 && !Ascii.IsValid(address);
        return new(address, size) { HasBadAddress = needsUtf8 || !IsAddress(address) };
    }

    private static bool IsAddress(string address)
    {
        if (address.Length == 0)
            return true;
        var at = address.LastIndexOf('@');
        return at > 0 && at < address.Length - 1 && address.Length <= 254 && !address.AsSpan().ContainsAny(Forbidden);
    }
}
