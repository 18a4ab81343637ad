using System.Text;
using DeviceMail.Scanning;

namespace DeviceMail.Tests.Scanning;

/// <summary>What can be chosen at scanners of four makers, and what a wish becomes that is not offered.</summary>
public sealed class ScannerCapabilitiesTests
{
    [Fact]
    public void A_scanner_with_everything_offers_all_that_is_usual()
    {
        var read = Read(Recordings.Hp);

        Assert.Equal(("HP OfficeJet Pro 9010 series", "2.63"), (read.Model, read.Version));
        Assert.Equal([ScanSource.Feeder, ScanSource.Glass], read.Choices.Sources.Select(one => one.Source));
        var (feeder, glass) = (read.Choices.Sources[0], read.Choices.Sources[1]);
        Assert.Equal([ScanSides.One, ScanSides.Both], feeder.Sides);
        Assert.Equal([ScanColour.Colour, ScanColour.Grey, ScanColour.Black], feeder.Colours);
        Assert.Equal([200, 300, 600], feeder.Resolutions);
        Assert.Equal([PaperSize.A4, PaperSize.Letter, PaperSize.A5, PaperSize.Legal], feeder.Sizes);
        Assert.Equal([ScanFormat.Jpeg, ScanFormat.Pdf], feeder.Formats);
        Assert.Equal([ScanSides.One], glass.Sides);
        Assert.DoesNotContain(PaperSize.Legal, glass.Sizes);
        Assert.Empty(ScanFit.Of(read, read.Choices.Usual).Changes);
    }

    [Fact]
    public void A_range_offers_what_lies_in_it_and_a_missing_feeder_becomes_the_glass()
    {
        var read = Read(Recordings.Epson);

        Assert.Equal([150, 200, 300], Assert.Single(read.Choices.Sources).Resolutions);
        var fit = ScanFit.Of(read, new ScanSettings { Sides = ScanSides.Both, Dpi = 600, Colour = ScanColour.Black, Format = ScanFormat.Pdf });

        Assert.Equal(new ScanSettings { Source = ScanSource.Glass, Dpi = 400, Colour = ScanColour.Grey, Format = ScanFormat.Jpeg }, fit.Settings);
        Assert.Equal((2480, 3507), fit.Region);
        Assert.Equal(
        [
            "The scanner has no feeder: it scans from the glass.", "On the glass, one side is scanned.", "The scanner does not offer black and white there: it scans in grey.",
            "The scanner makes no PDF there: it sends JPEG.", "The scanner does not offer 600 dpi there: it scans with 400 dpi.",
        ], fit.Changes);
        Assert.DoesNotContain("DocumentFormatExt", Encoding.UTF8.GetString(ScanRequest.Write(fit, read)), StringComparison.Ordinal);
    }

    [Fact]
    public void Colours_formats_and_resolutions_go_together_as_the_scanner_says()
    {
        var read = Read(Recordings.Canon);

        Assert.Equal([ScanSides.One, ScanSides.Both], Assert.Single(read.Choices.Sources).Sides);
        Assert.Equal((600, ScanFormat.Pdf), Values(ScanFit.Of(read, new ScanSettings { Colour = ScanColour.Black })));
        Assert.Equal((300, ScanFormat.Jpeg), Values(ScanFit.Of(read, new ScanSettings { Dpi = 600 })));
        Assert.Contains("no glass", ScanFit.Of(read, new ScanSettings { Source = ScanSource.Glass }).Changes[0], StringComparison.Ordinal);

        static (int, ScanFormat) Values(ScanFit fit) => (fit.Settings.Dpi, fit.Settings.Format);
    }

    [Fact]
    public void A_small_scanner_offers_its_whole_area_and_its_own_resolutions()
    {
        var read = Read(Recordings.Brother);
        var feeder = Assert.Single(read.Choices.Sources);

        Assert.Equal([PaperSize.Whole], feeder.Sizes);
        Assert.Equal([100, 400], feeder.Resolutions);
        Assert.Equal((1200, 1800), ScanFit.Of(read, read.Choices.Usual).Region);
        Assert.Contains("A4 is larger than the scanner takes there: it scans 4.0 x 6.0 inches of it.", ScanFit.Of(read, new ScanSettings()).Changes);
    }

    [Theory]
    [InlineData("192.0.2.7", "http://192.0.2.7/eSCL/")]
    [InlineData("192.0.2.7:8080", "http://192.0.2.7:8080/eSCL/")]
    [InlineData(" Scanner.example ", "http://scanner.example/eSCL/")]
    [InlineData("http://scanner.example/eSCL", "http://scanner.example/eSCL/")]
    [InlineData("https://scanner.example:443/eSCL/", "https://scanner.example/eSCL/")]
    [InlineData("https://scanner.example:9096/api/eSCL", "https://scanner.example:9096/api/eSCL/")]
    [InlineData("2001:db8::9", "http://[2001:db8::9]/eSCL/")]
    [InlineData("https://[2001:db8::9]:8443", "https://[2001:db8::9]:8443/eSCL/")]
    public void An_address_is_read_as_people_write_it(string given, string address)
    {
        Assert.True(ScannerAddress.TryParse(given, out var parsed));
        Assert.Equal(address, parsed.ToString());
        Assert.True(ScannerAddress.TryParse(parsed.ToString(), out var again) && again == parsed);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ipp://scanner/ipp/print")]
    [InlineData("http://anna:secret@scanner/eSCL")]
    [InlineData("http:///eSCL")]
    [InlineData("the scanner")]
    [InlineData("http://scanner/eSCL?x=1")]
    [InlineData("file:///etc/passwd")]
    public void What_is_no_scanners_address_is_refused(string given) => Assert.False(ScannerAddress.TryParse(given, out _));

    private static ScannerCapabilities Read(string recording)
    {
        Assert.True(EsclXml.TryRead(Encoding.UTF8.GetBytes(recording), "ScannerCapabilities", out var root));
        return ScannerCapabilities.Read(root)!;
    }
}
