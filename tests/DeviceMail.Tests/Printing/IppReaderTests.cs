using System.Text;
using CsCheck;
using DeviceMail.Printing;

namespace DeviceMail.Tests.Printing;

public sealed class IppReaderTests
{
    private static readonly IppMessage Sample = new(0x0200, 0x0000, 7)
    {
        Attributes =
        [
            new(IppGroup.Operation, "attributes-charset", [IppValue.Of(IppTag.Charset, "utf-8")]),
            new(IppGroup.Printer, "printer-state-reasons", [IppValue.Of(IppTag.Keyword, "toner-low-report"), IppValue.Of(IppTag.Keyword, "media-empty-error")]),
            new(IppGroup.Printer, "printer-state", [new(IppTag.Enum, new byte[] { 0, 0, 0, 5 })]),
            new(IppGroup.Printer, "printer-is-accepting-jobs", [new(IppTag.Boolean, new byte[] { 1 })]),
        ],
    };

    [Fact]
    public void What_is_written_is_read()
    {
        Assert.True(IppReader.TryRead(IppWriter.Write(Sample), out var read, out _));

        Assert.Equal((0x0200, 0x0000, 7), (read.Version, read.Code, read.RequestId));
        Assert.Equal(["toner-low-report", "media-empty-error"], read.Texts("printer-state-reasons"));
        Assert.Equal(5, read.Number("printer-state"));
        Assert.True(read.Flag("printer-is-accepting-jobs"));
        Assert.Equal([IppGroup.Operation, IppGroup.Printer, IppGroup.Printer, IppGroup.Printer], read.Attributes.Select(attribute => attribute.Group));
    }

    [Fact]
    public void No_octets_make_it_fail() => Gen.Byte.Array[0, 300].Sample(octets => { IppReader.TryRead(octets, out _, out _); });

    [Fact]
    public void No_octets_after_a_good_head_make_it_fail() => Gen.OneOf(Gen.Byte[0, 5], Gen.Byte[0x30, 0x4a], Gen.Byte[0, 2]).Array[0, 200].Sample(rest =>
    {
        byte[] octets = [2, 0, 0, 0, 0, 0, 0, 1, .. rest];
        if (IppReader.TryRead(octets, out var message, out var fault)) Assert.All(message.Attributes, attribute => Assert.NotEmpty(attribute.Values));
        else Assert.NotEmpty(fault);
    });

    [Fact]
    public void A_message_that_was_damaged_is_read_or_has_a_fault() => Gen.Select(Gen.Int[0, 10_000], Gen.Byte, Gen.Int[0, 10_000]).Sample((at, octet, end) =>
    {
        var octets = IppWriter.Write(Sample);
        octets[at % octets.Length] = octet;
        if (!IppReader.TryRead(octets.AsMemory(0, end % (octets.Length + 1)), out var message, out _)) return;
        foreach (var attribute in message.Attributes) _ = (message.Texts(attribute.Name), message.Number(attribute.Name), message.Flag(attribute.Name));
    });

    [Fact]
    public void A_message_that_ends_early_is_a_fault_wherever_it_ends()
    {
        var octets = IppWriter.Write(Sample);
        for (var end = 0; end < octets.Length; end++) Assert.False(IppReader.TryRead(octets.AsMemory(0, end), out _, out _), $"cut at {end}");
    }

    [Fact]
    public void What_a_collection_holds_is_passed_over()
    {
        byte[] octets =
        [
            2, 0, 0, 0, 0, 0, 0, 1, 4,
            .. Value(0x34, "media-col", ""), .. Value(0x4a, "", "media-size"), .. Value(0x34, "", ""), .. Value(0x4a, "", "x"), .. Value(0x21, "", "\0\0\0\u0009"),
            .. Value(0x37, "", ""), .. Value(0x37, "", ""), .. Value(0x44, "media-default", "iso_a4_210x297mm"), 3,
        ];

        Assert.True(IppReader.TryRead(octets, out var message, out _));

        Assert.Equal(["media-col", "media-default"], message.Attributes.Select(attribute => attribute.Name));
        Assert.Equal("iso_a4_210x297mm", message.Text("media-default"));
    }

    [Fact]
    public void Collections_deeper_than_any_printers_are_a_fault()
    {
        byte[] octets = [2, 0, 0, 0, 0, 0, 0, 1, 4, .. Enumerable.Range(0, 40).SelectMany(i => Value(0x34, i == 0 ? "c" : "", "")), 3];

        Assert.False(IppReader.TryRead(octets, out _, out var fault));
        Assert.Contains("nested", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_with_a_language_is_its_text_and_no_control_character_gets_through()
    {
        Assert.Equal("Büro", new IppValue(IppTag.TextWithLanguage, new byte[] { 0, 2, (byte)'d', (byte)'e', 0, 5 }.Concat(Encoding.UTF8.GetBytes("Büro")).ToArray()).Text);
        Assert.Equal("[31mred", IppValue.Of(IppTag.Text, "\u001b[31mred\r\n").Text);
        Assert.Equal("", new IppValue(IppTag.NameWithLanguage, new byte[] { 255, 255, 0, 0 }).Text);
    }

    private static byte[] Value(byte tag, string name, string value) =>
        [tag, 0, (byte)name.Length, .. Encoding.ASCII.GetBytes(name), 0, (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];
}
