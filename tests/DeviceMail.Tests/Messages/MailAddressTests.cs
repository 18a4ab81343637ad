using CsCheck;
using DeviceMail.Messages;

namespace DeviceMail.Tests.Messages;

public sealed class MailAddressTests
{
    [Theory]
    [InlineData("anna@contoso.example")]
    [InlineData("a.b+c@x.y")]
    [InlineData("\"odd one\"@contoso.example")]
    [InlineData("scan@[192.0.2.7]")]
    [InlineData("jürgen@bücher.example")]
    [InlineData("user%dom@contoso.example")]
    public void An_address_is_read_and_written_as_it_was(string text) => Assert.Equal(text, MailAddress.Parse(text).ToString());

    [Theory]
    [InlineData("")]
    [InlineData("anna")]
    [InlineData("@contoso.example")]
    [InlineData("anna@")]
    [InlineData("an\r\nna@contoso.example")]
    [InlineData("\"a\r\nRCPT TO:<x@y>\"@contoso.example")]
    [InlineData("\"a\0b\"@contoso.example")]
    [InlineData("\"a\"b\"@contoso.example")]
    [InlineData(".anna@contoso.example")]
    [InlineData("an..na@contoso.example")]
    [InlineData("anna@-x.example")]
    [InlineData("anna@x..example")]
    [InlineData("an na@contoso.example")]
    [InlineData("a,b@contoso.example")]
    [InlineData("<anna@contoso.example>")]
    public void What_is_no_address_is_refused(string text) => Assert.False(MailAddress.TryParse(text, out _));

    [Theory]
    [InlineData("a@[IPv6:2001:db8::7]", true)]
    [InlineData("a@[fe80::1%eth0]", false)]
    [InlineData("a@[IPv6:fe80::1%x> RCPT]", false)]
    [InlineData("a@[192.0.2.7", false)]
    [InlineData("a@[]", false)]
    public void A_literal_is_an_address_without_a_zone(string text, bool isAddress) => Assert.Equal(isAddress, MailAddress.TryParse(text, out _));

    [Fact]
    public void What_was_read_once_is_read_again()
    {
        // Small, this letter takes three octets instead of two.
        var label = new string('Ⱥ', 63);
        Assert.False(MailAddress.TryParse($"a@{label}.{label}", out _));
        Gen.String[Gen.Char["aÉȺİß@@.\"\\[]:%1-"], 0, 300].Sample(text =>
        {
            if (MailAddress.TryParse(text, out var address)) Assert.Equal(address, MailAddress.Parse(address.ToString()));
        });
    }

    [Fact]
    public void No_address_holds_what_ends_a_path_or_a_line() =>
        Gen.String[Gen.Char["aé@@.\"\"\\[]:%<> \r\n\0\u0085\u2028\t1"], 0, 24].Sample(text =>
        {
            if (!MailAddress.TryParse(text, out var address)) return;
            Assert.DoesNotContain(address.ToString(), c => char.IsControl(c) || c is '\u2028');
            Assert.True(address.Local[0] == '"' || !address.Local.AsSpan().ContainsAny("<> @"));
            Assert.False(address.Domain.AsSpan().ContainsAny("<> @\""));
        }, iter: 200_000);

    [Fact]
    public void The_longest_local_part_has_64_octets()
    {
        Assert.True(MailAddress.TryParse(new string('a', 64) + "@x.example", out _));
        Assert.False(MailAddress.TryParse(new string('a', 65) + "@x.example", out _));
    }
}
