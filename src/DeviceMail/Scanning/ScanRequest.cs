using System.Text;

namespace DeviceMail.Scanning;

/// <summary>A request to scan as XML, its elements in the order of Mopria's eSCL; only what the scanner said that it offers stands in it.</summary>
internal static class ScanRequest
{
    public static byte[] Write(ScanFit fit, ScannerCapabilities capabilities)
    {
        var settings = fit.Settings;
        var format = settings.Format == ScanFormat.Pdf ? ScanProfile.Pdf : ScanProfile.Jpeg;
        return Encoding.UTF8.GetBytes($"""
            <?xml version="1.0" encoding="UTF-8"?>
            <scan:ScanSettings xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm">
              <pwg:Version>{(Version.TryParse(capabilities.Version, out var version) ? version : new Version(2, 0))}</pwg:Version>{(capabilities.KnowsDocuments ? "\n  <scan:Intent>Document</scan:Intent>" : "")}
              <pwg:ScanRegions>
                <pwg:ScanRegion>
                  <pwg:ContentRegionUnits>escl:ThreeHundredthsOfInches</pwg:ContentRegionUnits>
                  <pwg:XOffset>0</pwg:XOffset>
                  <pwg:YOffset>0</pwg:YOffset>
                  <pwg:Width>{fit.Region.Width}</pwg:Width>
                  <pwg:Height>{fit.Region.Height}</pwg:Height>
                </pwg:ScanRegion>
              </pwg:ScanRegions>
              <pwg:InputSource>{(settings.Source == ScanSource.Glass ? "Platen" : "Feeder")}</pwg:InputSource>
              <scan:ColorMode>{Escape(fit.ColourMode)}</scan:ColorMode>
              <pwg:DocumentFormat>{format}</pwg:DocumentFormat>{(capabilities.HasExtendedFormats ? $"\n  <scan:DocumentFormatExt>{format}</scan:DocumentFormatExt>" : "")}
              <scan:XResolution>{settings.Dpi}</scan:XResolution>
              <scan:YResolution>{settings.Dpi}</scan:YResolution>{(settings.Source == ScanSource.Glass ? "" : $"\n  <scan:Duplex>{(settings.Sides == ScanSides.Both ? "true" : "false")}</scan:Duplex>")}
            </scan:ScanSettings>
            """);
    }

    private static string Escape(string text) => System.Security.SecurityElement.Escape(text);
}
