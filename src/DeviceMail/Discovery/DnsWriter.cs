using System.Buffers.Binary;
using System.Text;

namespace DeviceMail.Discovery;

/// <summary>Writes questions (RFC 1035 4.1, RFC 6762 5.4).</summary>
internal static class DnsWriter
{
    /// <summary>Class IN, with the bit that asks for an answer to us alone.</summary>
    private const ushort InternetToUs = 0x8001;

    public static byte[] Write(ushort id, IReadOnlyList<DnsQuestion> questions)
    {
        var octets = new MemoryStream();
        Number(octets, id);
        Number(octets, 0);
        Number(octets, (ushort)questions.Count);
        octets.Write(stackalloc byte[6]);
        foreach (var question in questions)
        {
            if (!question.Name.CanBeAsked) throw new ArgumentException($"“{question.Name}” does not fit into a question.", nameof(questions));
            foreach (var label in question.Name.Labels)
            {
                var text = Encoding.UTF8.GetBytes(label);
                octets.WriteByte((byte)text.Length);
                octets.Write(text);
            }
            octets.WriteByte(0);
            Number(octets, (ushort)question.Type);
            Number(octets, InternetToUs);
        }
        return octets.ToArray();
    }

    private static void Number(MemoryStream to, ushort number)
    {
        Span<byte> two = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(two, number);
        to.Write(two);
    }
}
