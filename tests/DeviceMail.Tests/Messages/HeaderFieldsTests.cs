using System.Text;
using CsCheck;
using DeviceMail.Messages;

namespace DeviceMail.Tests.Messages;

public sealed class HeaderFieldsTests
{
    [Fact]
    public void Folds_belong_to_their_field()
    {
        var fields = Split("Subject: one\r\n two\r\nFrom: a@b\r\n\r\n");
        Assert.Equal(["Subject", "From"], fields.Select(field => field.Name));
        Assert.Equal("one two", fields[0].Value);
    }

    [Fact]
    public void A_line_that_is_no_field_stays_where_it_stood()
    {
        var fields = Split("From nobody Mon\r\nSubject: x\r\nno colon here\r\n\r\n");
        Assert.Equal(["", "Subject"], fields.Select(field => field.Name));
        Assert.Contains("no colon here", fields[1].Value, StringComparison.Ordinal);
    }

    [Fact]
    public void Splitting_loses_no_octet() => Gen.String[Gen.Char["ab:\r\n \t"], 0, 80].Sample(text =>
    {
        var header = text;
        while (header.Contains("\r\n\r\n", StringComparison.Ordinal)) header = header.Replace("\r\n\r\n", "\r\n", StringComparison.Ordinal);
        if (header.StartsWith("\r\n", StringComparison.Ordinal)) return;
        var joined = string.Concat(Split(header).Select(field => Encoding.UTF8.GetString(field.Raw.Span)));
        Assert.Equal(header, joined);
    });

    [Fact]
    public void Traits_do_not_depend_on_how_the_octets_come() => Gen.Select(Gen.String[Gen.Char["a:\r\né"], 0, 200], Gen.Int[1, 30]).Sample((text, step) =>
    {
        var octets = Encoding.UTF8.GetBytes("Subject: x\r\n" + text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal) + "\r\n");
        Assert.Equal(Scan(octets, octets.Length), Scan(octets, step));
    });

    private static MessageTraits Scan(byte[] octets, int step)
    {
        var scanner = new MessageScanner("(mark)");
        for (var at = 0; at < octets.Length; at += step) scanner.Append(octets.AsSpan(at, Math.Min(step, octets.Length - at)));
        return scanner.Complete();
    }

    private static IReadOnlyList<HeaderField> Split(string header) => HeaderFields.Split(Encoding.UTF8.GetBytes(header));
}
