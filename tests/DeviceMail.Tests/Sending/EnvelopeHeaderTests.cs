using System.Text;
using DeviceMail.Messages;
using DeviceMail.Sending;

namespace DeviceMail.Tests.Sending;

/// <summary>For an interface that reads recipients from the header, the header names the envelope's and no others.</summary>
public sealed class EnvelopeHeaderTests
{
    [Theory]
    [InlineData("To: anna@a.example\r\n", "anna@a.example", "To: anna@a.example\r\n")]
    [InlineData("To:  Anna   <anna@a.example>\r\n", "anna@a.example", "To:  Anna   <anna@a.example>\r\n")]
    [InlineData("To: anna@a.example, ben@b.example\r\nCc: chris@c.example\r\n", "anna@a.example ben@b.example chris@c.example", "To: anna@a.example, ben@b.example\r\nCc: chris@c.example\r\n")]
    [InlineData("To: anna@a.example, ben@b.example\r\n", "ben@b.example", "To: ben@b.example\r\n")]
    [InlineData("To: anna@a.example\r\n", "ben@b.example", "Bcc: ben@b.example\r\n")]
    [InlineData("Subject: x\r\n", "ben@b.example anna@a.example", "Subject: x\r\nBcc: ben@b.example, anna@a.example\r\n")]
    [InlineData("To: undisclosed-recipients:;\r\n", "ben@b.example", "To: undisclosed-recipients:;\r\nBcc: ben@b.example\r\n")]
    [InlineData("To: friends: anna@a.example, ben@b.example;\r\n", "ben@b.example", "To: ben@b.example\r\n")]
    [InlineData("Bcc: stranger@s.example\r\nResent-To: earlier@e.example\r\nTo: anna@a.example\r\n", "anna@a.example", "To: anna@a.example\r\n")]
    [InlineData("TO: ANNA@A.example\r\n", "anna@a.example", "TO: ANNA@A.example\r\n")]
    [InlineData("To: anna@a.example,\r\n stranger@s.example\r\n", "anna@a.example", "To: anna@a.example\r\n")]
    [InlineData("To: =?utf-8?q?J=C3=B6rg?= <joerg@a.example>, x@s.example\r\n", "joerg@a.example", "To: =?utf-8?b?SsO2cmc=?= <joerg@a.example>\r\n")]
    [InlineData("To: this is no list <<\r\n", "anna@a.example", "Bcc: anna@a.example\r\n")]
    [InlineData("To: a@a.example\r\nTo: b@b.example\r\n", "b@b.example", "To: b@b.example\r\n")]
    [InlineData("To: a@a.example\r\nTo: b@b.example\r\n", "a@a.example b@b.example", "To: a@a.example, b@b.example\r\n")]
    [InlineData("To: a@a.example\r\nCc: a@a.example\r\n", "a@a.example", "To: a@a.example\r\n")]
    [InlineData("To: Last, First <a@a.example>\r\n", "a@a.example", "To: \"Last, First\" <a@a.example>\r\n")]
    [InlineData("To: evil@e.example <a@a.example>\r\n", "a@a.example", "To: \"evil@e.example\" <a@a.example>\r\n")]
    public void The_header_names_who_gets_the_mail(string header, string recipients, string expected)
    {
        var written = EnvelopeHeader.Of(Encoding.UTF8.GetBytes(header), [.. recipients.Split(' ').Select(MailAddress.Parse)]).Octets;
        Assert.Equal(expected, Encoding.UTF8.GetString(written));
    }

    [Fact]
    public void Five_hundred_blind_recipients_are_folded_and_each_is_there_once()
    {
        MailAddress[] recipients = [.. Enumerable.Range(0, 500).Select(number => MailAddress.Parse($"person{number}@a-rather-long-domain.example"))];
        var written = Encoding.ASCII.GetString(EnvelopeHeader.Of("Subject: x\r\n"u8.ToArray(), [.. recipients, .. recipients]).Octets);
        Assert.All(written.Split("\r\n"), line => Assert.InRange(line.Length, 0, 998));
        Assert.All(recipients, one => Assert.Equal(2, written.Split($"{one},").Length + written.Split($"{one}\r\n").Length - 1));
    }
}
