using System.Buffers.Binary;
using System.Text;

namespace DeviceMail.Lab.Scanner;

/// <summary>Types of records (RFC 1035, RFC 2782) that the scanner tells of itself.</summary>
public enum DnsType : ushort
{
    A = 1,
    Ptr = 12,
    Txt = 16,
    Srv = 33,
    Any = 255,
}

public sealed record DnsQuestion(string Name, DnsType Type);

/// <summary>A record; a name is its labels with dots between them, for no label of ours has one.</summary>
public sealed record DnsRecord(string Name, DnsType Type, byte[] Value)
{
    /// <summary>Nobody else has a record of this name and type (RFC 6762 10.2).</summary>
    public bool IsUnique => Type != DnsType.Ptr;

    /// <summary>Seconds: 120 where the record names a host, 75 minutes otherwise (RFC 6762 10).</summary>
    public uint Life => Type is DnsType.A or DnsType.Srv ? 120u : 4500u;
}

/// <summary>The little of DNS messages that a responder of multicast DNS needs.</summary>
public static class DnsAnswer
{
    private const int HeaderLength = 12, MostPointers = 16;
    private const ushort TopBit = 0x8000;

    /// <summary>The questions of a query; none when it is an answer or cannot be read.</summary>
    public static IReadOnlyList<DnsQuestion> Questions(ReadOnlySpan<byte> message)
    {
        var questions = new List<DnsQuestion>();
        if (message.Length < HeaderLength || (message[2] & 0xF8) != 0)
            return questions;
        var count = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
        var at = HeaderLength;
        for (var i = 0; i < count; i++)
        {
            if (Name(message, ref at) is not { } name || at + 4 > message.Length)
                return questions;
            questions.Add(new(name, (DnsType)BinaryPrimitives.ReadUInt16BigEndian(message[at..])));
            at += 4;
        }

        return questions;
    }

    /// <param name="question">Repeated for an asker that is no multicast DNS (RFC 6762 6.7), with its number; null for all others.</param>
    public static byte[] Write(IReadOnlyList<DnsRecord> answers, (ushort Number, DnsQuestion Question)? question, bool goodbye)
    {
        var message = new List<byte>();
        Put(message, question?.Number ?? 0);
        Put(message, 0x8400);
        Put(message, (ushort)(question is null ? 0 : 1));
        Put(message, (ushort)answers.Count);
        Put(message, 0);
        Put(message, 0);
        if (question is { } asked)
        {
            message.AddRange(NameOf(asked.Question.Name));
            Put(message, (ushort)asked.Question.Type);
            Put(message, 1);
        }

        foreach (var record in answers)
        {
            message.AddRange(NameOf(record.Name));
            Put(message, (ushort)record.Type);
            Put(message, (ushort)(1 | (record.IsUnique && question is null ? TopBit : 0)));
            var life = goodbye ? 0u : question is null ? record.Life : Math.Min(record.Life, 10u);
            Put(message, (ushort)(life >> 16));
            Put(message, (ushort)life);
            Put(message, (ushort)record.Value.Length);
            message.AddRange(record.Value);
        }

        return [.. message];
    }

    public static byte[] NameOf(string name)
    {
        var bytes = new List<byte>();
        foreach (var label in name.Split('.'))
        {
            var text = Encoding.UTF8.GetBytes(label);
            bytes.Add((byte)text.Length);
            bytes.AddRange(text);
        }

        bytes.Add(0);
        return [.. bytes];
    }

    public static byte[] Text(params IReadOnlyList<string> pairs) =>
        [.. pairs.Select(Encoding.UTF8.GetBytes).SelectMany(pair => new[] { (byte)pair.Length }.Concat(pair))];

    private static string? Name(ReadOnlySpan<byte> message, ref int at)
    {
        var labels = new List<string>();
        var (read, pointers) = (at, 0);
        while (read < message.Length)
        {
            var length = message[read];
            if (length == 0)
            {
                at = pointers == 0 ? read + 1 : at;
                return string.Join('.', labels);
            }

            if (length >= 0xC0)
            {
                if (read + 1 >= message.Length || ++pointers > MostPointers)
                    return null;
                if (pointers == 1)
                    at = read + 2;
                read = BinaryPrimitives.ReadUInt16BigEndian(message[read..]) & 0x3FFF;
                continue;
            }

            if (read + 1 + length > message.Length)
                return null;
            labels.Add(Encoding.UTF8.GetString(message.Slice(read + 1, length)));
            read += 1 + length;
        }

        return null;
    }

    private static void Put(List<byte> message, ushort value) => message.AddRange([(byte)(value >> 8), (byte)value]);
}
