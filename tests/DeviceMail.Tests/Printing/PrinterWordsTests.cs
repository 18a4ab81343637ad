using DeviceMail.Printing;

namespace DeviceMail.Tests.Printing;

public sealed class PrinterWordsTests
{
    [Theory]
    [InlineData("ipp://Printer.example", "ipp://printer.example/ipp/print", "http://printer.example:631/ipp/print")]
    [InlineData("ipps://192.0.2.9/", "ipps://192.0.2.9/ipp/print", "https://192.0.2.9:631/ipp/print")]
    [InlineData("ipp://192.0.2.9:8631/printers/copier", "ipp://192.0.2.9:8631/printers/copier", "http://192.0.2.9:8631/printers/copier")]
    [InlineData("ipps://[2001:db8::9]/ipp/print", "ipps://[2001:db8::9]/ipp/print", "https://[2001:db8::9]:631/ipp/print")]
    public void An_address_is_read_as_people_write_it(string given, string ipp, string http)
    {
        Assert.True(PrinterAddress.TryParse(given, out var address));

        Assert.Equal((ipp, http), (address.ToString(), address.Http.ToString()));
        Assert.True(PrinterAddress.TryParse(address.ToString(), out var again) && again == address);
    }

    [Theory]
    [InlineData("")]
    [InlineData("printer")]
    [InlineData("http://printer/ipp/print")]
    [InlineData("ipp://anna:secret@printer/ipp/print")]
    [InlineData("ipp:///ipp/print")]
    [InlineData("file:///etc/passwd")]
    public void What_is_no_printers_address_is_refused(string given) => Assert.False(PrinterAddress.TryParse(given, out _));

    [Fact]
    public void Reasons_are_said_in_plain_words_whatever_their_severity() => Assert.Equal(
        ["it is out of paper", "toner is low", "it reports “flux-capacitor-empty-error”"],
        PrinterReasons.Of(["none", "media-empty-error", "media-empty", "toner-low-report", "flux-capacitor-empty-error"]));
}
