using System.Buffers;
using System.IO.Pipelines;

namespace DeviceMail.Receiving;

/// <summary>Whether LF.LF may end the data.</summary>
public enum LineEnds
{
    /// <summary>Only CRLF.CRLF ends the data (RFC 5321 4.1.1.4); bare LF and CR become CRLF and end nothing.</summary>
    Strict,

    /// <summary>An allowed device whose whole session so far ended its lines in LF: LF.LF ends the data, a CR LF is a fault.</summary>
    LfOnly,
}

/// <summary>
/// Turns the octets after DATA into a message: lines ended by CRLF, dots unstuffed, no NUL in the body. What it writes holds no bare CR or LF, so
/// nothing can be smuggled past the next server. It does not care how the octets are cut into pieces.
/// </summary>
public sealed class DataDecoder(LineEnds lineEnds)
{
    private enum At
    {
        LineStart,
        LineStartAfterBareEnd,
        InLine,
        AfterCr,
        AfterDot,
        AfterDotCr,
    }

    private static readonly SearchValues<byte> _stops = SearchValues.Create("\r\n\0"u8);

    private At _at = At.LineStart;
    private bool _lineIsEmpty = true;
    private bool _inHeader = true;

    /// <summary>Whether an LF-only session sent a CR LF after all; it must be refused with 550 and closed.</summary>
    public bool IsMixed { get; private set; }

    /// <summary>Octets of the message so far, as RFC 1870 counts them: without the dots that were stuffed in, and without the final one.</summary>
    public long Written { get; private set; }

    /// <summary>NUL octets taken out of the body.</summary>
    public long NulsRemoved { get; private set; }

    /// <summary>Decodes what there is.</summary>
    /// <param name="input">Octets from the wire.</param>
    /// <param name="output">Gets the message's octets.</param>
    /// <param name="consumed">How many octets were used; fewer than there are only when the data ended.</param>
    /// <returns>Whether the data ended.</returns>
    public bool Decode(ReadOnlySpan<byte> input, PipeWriter output, out int consumed)
    {
        var position = 0;
        while (position < input.Length)
        {
            var octet = input[position];
            switch (_at)
            {
                case At.InLine:
                    position += CopyLines(input[position..], output);
                    if (position == input.Length) break;
                    octet = input[position++];
                    if (octet == '\r') _at = At.AfterCr;
                    else if (octet == '\n') EndLine(output, lineEnds == LineEnds.LfOnly ? At.LineStart : At.LineStartAfterBareEnd);
                    else if (_inHeader) Write(output, [octet]);
                    else NulsRemoved++;
                    break;
                case At.LineStart when octet == '.':
                    _at = At.AfterDot;
                    position++;
                    break;
                case At.LineStart or At.LineStartAfterBareEnd:
                    _at = At.InLine;
                    break;
                case At.AfterCr when octet == '\n':
                    IsMixed |= lineEnds == LineEnds.LfOnly;
                    EndLine(output, At.LineStart);
                    position++;
                    break;
                case At.AfterCr:
                    EndLine(output, At.LineStartAfterBareEnd);
                    break;
                case At.AfterDot when octet == '\r':
                    _at = At.AfterDotCr;
                    position++;
                    break;
                case At.AfterDot when octet == '\n':
                    position++;
                    if (lineEnds == LineEnds.LfOnly)
                    {
                        consumed = position;
                        return true;
                    }
                    KeepDot(output);
                    break;
                case At.AfterDot:
                    _at = At.InLine;
                    break;
                case At.AfterDotCr when octet == '\n':
                    IsMixed |= lineEnds == LineEnds.LfOnly;
                    consumed = position + 1;
                    return true;
                case At.AfterDotCr:
                    KeepDot(output);
                    break;
            }
        }
        consumed = position;
        return false;
    }

    /// <summary>Copies whole lines that need no change at once, and returns where something has to be looked at.</summary>
    private int CopyLines(ReadOnlySpan<byte> input, PipeWriter output)
    {
        var end = 0;
        while (true)
        {
            var stop = input[end..].IndexOfAny(_stops);
            if (stop != 0) _lineIsEmpty = false;
            if (stop < 0)
            {
                Write(output, input);
                return input.Length;
            }
            end += stop;
            var isPlainEnd = lineEnds == LineEnds.Strict && !_lineIsEmpty && end + 2 < input.Length && input[end] == '\r' && input[end + 1] == '\n'
                && input[end + 2] is not ((byte)'.' or (byte)'\r' or (byte)'\n' or 0);
            if (!isPlainEnd)
            {
                Write(output, input[..end]);
                return end;
            }
            end += 2;
        }
    }

    private void Write(PipeWriter output, ReadOnlySpan<byte> octets)
    {
        output.Write(octets);
        Written += octets.Length;
    }

    private void EndLine(PipeWriter output, At next)
    {
        Write(output, "\r\n"u8);
        if (_lineIsEmpty) _inHeader = false;
        _lineIsEmpty = true;
        _at = next;
    }

    /// <summary>A dot alone on a line that did not end as it must: part of the mail, and no end of it.</summary>
    private void KeepDot(PipeWriter output)
    {
        Write(output, "."u8);
        _lineIsEmpty = false;
        EndLine(output, At.LineStartAfterBareEnd);
    }
}
