using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace DeviceMail.Printing;

/// <summary>Writes a message as RFC 8010 3.1 wants it.</summary>
internal static class IppWriter
{
    private const byte EndOfAttributes = 0x03;

    /// <summary>The attributes stand in the order given; each change of group opens a new one.</summary>
    public static byte[] Write(IppMessage message)
    {
        var octets = new ArrayBufferWriter<byte>(512);
        Number(octets, message.Version);
        Number(octets, message.Code);
        BinaryPrimitives.WriteInt32BigEndian(octets.GetSpan(4), message.RequestId);
        octets.Advance(4);
        IppGroup? group = null;
        foreach (var attribute in message.Attributes)
        {
            if (attribute.Group != group) octets.Write([(byte)(group = attribute.Group).Value]);
            for (var i = 0; i < attribute.Values.Count; i++) Value(octets, i == 0 ? attribute.Name : "", attribute.Values[i]);
        }
        octets.Write([EndOfAttributes]);
        return octets.WrittenSpan.ToArray();
    }

    /// <summary>A further value of the same attribute has an empty name (RFC 8010 3.1.5).</summary>
    private static void Value(ArrayBufferWriter<byte> octets, string name, IppValue value)
    {
        octets.Write([(byte)value.Tag]);
        var named = Encoding.ASCII.GetBytes(name);
        Number(octets, checked((ushort)named.Length));
        octets.Write(named);
        Number(octets, checked((ushort)value.Octets.Length));
        octets.Write(value.Octets.Span);
    }

    private static void Number(ArrayBufferWriter<byte> octets, ushort number)
    {
        BinaryPrimitives.WriteUInt16BigEndian(octets.GetSpan(2), number);
        octets.Advance(2);
    }
}
