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

    [Fact]
    public void The_longest_local_part_has_64_octets()
    {
        Assert.True(MailAddress.TryParse(new string('a', 64) + "@x.example", out _));
        Assert.False(MailAddress.TryParse(new string('a', 65) + "@x.example", out _));
    }
}
