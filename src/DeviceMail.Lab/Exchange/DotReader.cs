using DeviceMail.Lab.Mailboxes;

namespace DeviceMail.Lab.Exchange;

/// <summary>
/// Takes the data of a DATA command apart: only CRLF.CRLF ends it, and the dot that starts a line is taken away (RFC 5321 4.5.2).
/// All other bytes stay as they are.
/// </summary>
public sealed class DotReader(BodySpool spool)
{
    private enum At
    {
        LineStart,
        InLine,
        AfterCr,
        AfterDot,
        AfterDotCr,
    }

    private At _at = At.LineStart;

    public bool Ended { get; private set; }

    /// <summary>Returns how many bytes belonged to the message, up to and including its end.</summary>
    public int Read(ReadOnlySpan<byte> bytes)
    {
        var from = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            var b = bytes[i];
            switch (_at)
            {
                case At.LineStart when b == '.':
                    spool.Write(bytes[from..i]);
                    from = i + 1;
                    _at = At.AfterDot;
                    break;
                case At.AfterDot when b == '\r':
                    from = i + 1;
                    _at = At.AfterDotCr;
                    break;
                case At.AfterDotCr when b == '\n':
                    Ended = true;
                    return i + 1;
                case At.AfterDotCr:
                    spool.Write("\r"u8);
                    from = i;
                    _at = b == '\r' ? At.AfterCr : At.InLine;
                    break;
                case At.AfterCr when b == '\n':
                    _at = At.LineStart;
                    break;
                case At.InLine when b != '\r':
                    var rest = bytes[i..].IndexOf((byte)'\r');
                    i = rest < 0 ? bytes.Length - 1 : i + rest - 1;
                    break;
                default:
                    _at = b == '\r' ? At.AfterCr : At.InLine;
                    break;
            }
        }

        if (_at is not (At.AfterDot or At.AfterDotCr))
            spool.Write(bytes[from..]);
        return bytes.Length;
    }
}
