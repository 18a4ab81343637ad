using System.Text;
using DeviceMail.Messages;

namespace DeviceMail.Tests.Messages;

/// <summary>Where a header ends, whatever a device wrote.</summary>
public sealed class MessageScannerTests
{
    [Theory]
    [InlineData("Subject: x\r\n\r\ntext\r\n", 14)]
    [InlineData("Subject: x\r\n folded\r\n\tagain\r\n\r\ntext\r\n", 31)]
    [InlineData("Subject: x\r\ntext without an empty line\r\nTo: a@b\r\n", 12)]
    [InlineData("Meter reading 12345\r\nSecond line\r\nToner: low\r\n", 0)]
    [InlineData(" folded onto nothing\r\nSubject: x\r\n\r\n", 0)]
    [InlineData("From somebody Tue Nov 24\r\nSubject: x\r\n\r\ntext\r\n", 40)]
    [InlineData("\r\ntext\r\n", 2)]
    [InlineData("Subject: x\r\n", 12)]
    [InlineData("Subject: x", 10)]
    public void The_header_ends_at_the_empty_line_or_before_what_is_no_field(string message, int length)
    {
        var octets = Encoding.UTF8.GetBytes(message);
        for (var piece = 1; piece <= octets.Length; piece += 3)
        {
            var scanner = new MessageScanner("mark");
            for (var at = 0; at < octets.Length; at += piece) scanner.Append(octets.AsSpan(at, Math.Min(piece, octets.Length - at)));
            Assert.Equal(length, scanner.Complete().HeaderLength);
            Assert.Equal(MessageFault.None, scanner.Fault);
        }
    }
}
