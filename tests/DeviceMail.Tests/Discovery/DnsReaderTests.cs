using System.Net;
using System.Text;
using DeviceMail.Discovery;

namespace DeviceMail.Tests.Discovery;

/// <summary>Answers of mDNS, well-formed and hostile.</summary>
public sealed class DnsReaderTests
{
    private static readonly byte[] _head = [0x12, 0x34, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0];

    [Fact]
    public void An_answer_with_pointers_is_read()
    {
        byte[] name = [.. Label("Büro. 2"), .. Label("_uscan"), .. Label("_tcp"), .. Label("local"), 0];
        byte[] octets =
        [
            0x12, 0x34, 0x84, 0, 0, 0, 0, 4, 0, 0, 0, 0,
            .. name, .. Fixed(33, 120, 6 + 6), 0, 0, 0, 0, 0x1F, 0x90, .. Label("box"), 0xC0, (byte)(12 + name.Length - 7),
            0xC0, 12, .. Fixed(16, 120, 12), .. Label("rs=eSCL"), .. Label("ty="),
            0xC0, 12, .. Fixed(1, 0, 4), 192, 0, 2, 1,
            0xC0, 12, .. Fixed(1, 60, 4), 192, 0, 2, 9,
        ];

        Assert.True(DnsReader.TryRead(octets, out var message));

        Assert.Equal(0x1234, message.Id);
        Assert.Equal([DnsType.Srv, DnsType.Txt, DnsType.A], message.Records.Select(record => record.Type));
        Assert.Equal("Büro. 2", message.Records[0].Name.Labels[0]);
        Assert.Equal(("box.local", 8080), ($"{message.Records[0].Target}", message.Records[0].Port));
        Assert.Equal(["rs=eSCL", "ty="], message.Records[1].Strings);
        Assert.Equal(IPAddress.Parse("192.0.2.9"), message.Records[2].Address);
    }

    public static TheoryData<string, byte[]> Hostile => new()
    {
        { "pointer to itself", [.. _head, 0xC0, 12, .. Fixed(12, 60, 2), 0xC0, 12] },
        { "pointer forwards", [.. _head, 0xC0, 24, .. Fixed(12, 60, 2), 0xC0, 12] },
        { "pointer into the head", [.. _head, 0xC0, 0, .. Fixed(12, 60, 2), 0xC0, 12] },
        { "two in a circle", [.. _head, 1, (byte)'a', 0xC0, 12, .. Fixed(12, 60, 2), 0xC0, 14] },
        { "label longer than the message", [.. _head, 60, (byte)'a', 0] },
        { "reserved label", [.. _head, 0x80, 0, .. Fixed(12, 60, 1), 0] },
        { "name too long", [.. _head, .. Enumerable.Repeat(Label(new string('a', 63)), 5).SelectMany(label => label), 0, .. Fixed(1, 60, 4), 1, 2, 3, 4] },
        { "content beyond the end", [.. _head, 0, .. Fixed(1, 60, 4), 192, 0] },
        { "short address", [.. _head, 0, .. Fixed(1, 60, 3), 192, 0, 2] },
        { "text beyond its record", [.. _head, 0, .. Fixed(16, 60, 2), 9, (byte)'a'] },
        { "more records than there are", [0, 0, 0x84, 0, 0, 0, 1, 0xFF, 0, 0, 0, 0] },
        { "records without number", [0, 0, 0x84, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF] },
        { "a question", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
        { "nothing", [] },
        { "half a head", [0, 0, 0x84] },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void What_is_no_message_is_refused(string what, byte[] octets) => Assert.False(DnsReader.TryRead(octets, out _), what);

    [Fact]
    public void Any_octets_are_read_or_refused_and_never_more()
    {
        var random = new Random(6762);
        for (var round = 0; round < 20_000; round++)
        {
            var octets = new byte[random.Next(12, 80)];
            random.NextBytes(octets);
            (octets[2], octets[4], octets[6], octets[8], octets[10]) = (0x84, 0, 0, 0, 0);
            if (DnsReader.TryRead(octets, out var message)) new MdnsSearch(["_uscan._tcp"]).Hear(message);
        }
    }

    [Fact]
    public void What_a_name_holds_steers_no_terminal_and_is_asked_for_only_where_it_fits()
    {
        byte[] name = [.. Label("\e[2J"), 0];
        Assert.True(DnsReader.TryRead([.. _head, .. name, .. Fixed(1, 60, 4), 192, 0, 2, 9], out var message));

        Assert.Equal("\uFFFD[2J", $"{message.Records[0].Name}");
        Assert.False(new DnsName([new string('\uFFFD', 63), "local"]).CanBeAsked);
        Assert.Throws<ArgumentException>(() => DnsWriter.Write(1, [new DnsQuestion(new DnsName([""]), DnsType.A)]));
    }

    internal static byte[] Label(string text) => [(byte)Encoding.UTF8.GetByteCount(text), .. Encoding.UTF8.GetBytes(text)];

    internal static byte[] Fixed(ushort type, byte seconds, ushort length) => [(byte)(type >> 8), (byte)type, 0x80, 1, 0, 0, 0, seconds, (byte)(length >> 8), (byte)length];
}
