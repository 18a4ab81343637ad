using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace DeviceMail.Printing;

/// <summary>
/// Reads a message as RFC 8010 3.1 writes it, from whoever sent it: any octets give a message or a fault, never an exception. What collections hold is
/// passed over, since nothing of it is asked for.
/// </summary>
internal static class IppReader
{
    private const int HeadOctets = 8, MostAttributes = 2_000, MostValues = 20_000, DeepestCollection = 16;
    private const byte EndOfAttributes = 0x03, LastDelimiter = 0x0f;

    /// <param name="octets">The message, with what follows it (RFC 8010 3.1.1: data).</param>
    /// <param name="message">What was read.</param>
    /// <param name="fault">What is wrong with it, as the end of a sentence.</param>
    public static bool TryRead(ReadOnlyMemory<byte> octets, [NotNullWhen(true)] out IppMessage? message, out string fault)
    {
        (message, fault) = (null, "");
        if (octets.Length < HeadOctets)
        {
            fault = "it is shorter than the head of a message";
            return false;
        }
        var head = octets.Span;
        var attributes = new List<IppAttribute>();
        fault = new Cursor(octets[HeadOctets..]).Read(attributes);
        if (fault.Length > 0) return false;
        message = new IppMessage(BinaryPrimitives.ReadUInt16BigEndian(head), BinaryPrimitives.ReadUInt16BigEndian(head[2..]), BinaryPrimitives.ReadInt32BigEndian(head[4..]))
        {
            Attributes = attributes,
        };
        return true;
    }

    private struct Cursor(ReadOnlyMemory<byte> rest)
    {
        private ReadOnlyMemory<byte> _rest = rest;

        /// <returns>The fault, or nothing.</returns>
        public string Read(List<IppAttribute> attributes)
        {
            IppGroup? group = null;
            List<IppValue>? values = null;
            var (count, depth) = (0, 0);
            while (_rest.Length > 0)
            {
                var tag = _rest.Span[0];
                if (tag <= LastDelimiter)
                {
                    if (depth > 0) return "a collection does not end";
                    if (tag == EndOfAttributes) return "";
                    _rest = _rest[1..];
                    (group, values) = ((IppGroup)tag, null);
                    continue;
                }
                if (!TryTake(out var name, out var value)) return "a length leads past its end";
                if (group is null) return "an attribute stands before the first group";
                if (++count > MostValues || attributes.Count > MostAttributes) return "it holds more attributes than any printer has";
                if (depth == 0 && name.Length > 0) attributes.Add(new IppAttribute(group.Value, Encoding.ASCII.GetString(name.Span), values = []));
                if (depth == 0 && values is null) return "a value has no attribute";
                if (depth == 0) values!.Add(new IppValue((IppTag)tag, value));
                depth += (IppTag)tag switch { IppTag.BeginCollection => 1, IppTag.EndCollection => -1, _ => 0 };
                if (depth is < 0 or > DeepestCollection) return "its collections are not nested as they should be";
            }
            return "it has no end";
        }

        private bool TryTake(out ReadOnlyMemory<byte> name, out ReadOnlyMemory<byte> value)
        {
            value = default;
            _rest = _rest[1..];
            return TryTakeCounted(out name) && TryTakeCounted(out value);
        }

        private bool TryTakeCounted(out ReadOnlyMemory<byte> counted)
        {
            counted = default;
            if (_rest.Length < 2) return false;
            var length = BinaryPrimitives.ReadUInt16BigEndian(_rest.Span);
            if (_rest.Length < 2 + length) return false;
            counted = _rest.Slice(2, length);
            _rest = _rest[(2 + length)..];
            return true;
        }
    }
}
