using System.Globalization;

namespace DeviceMail.Lab.Scanner;

/// <summary>The scanner's own documents: what it can do, how it is, and what a page was.</summary>
public static class ScannerXml
{
    private const string Spaces = "xmlns:scan=\"http://schemas.hp.com/imaging/escl/2011/05/03\" xmlns:pwg=\"http://www.pwg.org/schemas/2010/12/sm\"";

    public static string Capabilities(PretendScanner scanner, Uri pages)
    {
        var switches = scanner.Switches;
        var glass = switches.WithoutGlass ? "" : $"<scan:Platen><scan:PlatenInputCaps>{Input(switches.WithoutPdf)}</scan:PlatenInputCaps></scan:Platen>\n";
        var duplex = switches.WithoutDuplex ? "" : $"<scan:AdfDuplexInputCaps>{Input(switches.WithoutPdf)}</scan:AdfDuplexInputCaps>\n";
        var duplexOption = switches.WithoutDuplex ? "" : "<scan:AdfOption>Duplex</scan:AdfOption>";
        var feeder = switches.WithoutFeeder ? "" : $"""
            <scan:Adf>
            <scan:AdfSimplexInputCaps>{Input(switches.WithoutPdf)}</scan:AdfSimplexInputCaps>
            {duplex}<scan:FeederCapacity>50</scan:FeederCapacity>
            <scan:AdfOptions><scan:AdfOption>DetectPaperLoaded</scan:AdfOption>{duplexOption}</scan:AdfOptions>
            </scan:Adf>

            """;
        return $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <scan:ScannerCapabilities {Spaces}>
            <pwg:Version>2.63</pwg:Version>
            <pwg:MakeAndModel>{PretendScanner.Model}</pwg:MakeAndModel>
            <pwg:SerialNumber>PRETEND-1</pwg:SerialNumber>
            <scan:UUID>{scanner.Id}</scan:UUID>
            <scan:AdminURI>{pages.AbsoluteUri}</scan:AdminURI>
            {glass}{feeder}</scan:ScannerCapabilities>

            """;
    }

    public static string Status(PretendScanner scanner, DateTimeOffset now)
    {
        var current = scanner.Current;
        var stopped = scanner.Jammed || scanner.Switches.CoverOpen;
        var state = stopped ? "Stopped" : current is not null || scanner.Switches.BusyNextJobs > 0 ? "Processing" : "Idle";
        var reason = scanner.Jammed ? "MediaJam" : scanner.Switches.CoverOpen ? "CoverOpen" : "None";
        var feeder = scanner.Switches.WithoutFeeder ? "" : $"<scan:AdfState>{Feeder(scanner, current)}</scan:AdfState>\n";
        return $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <scan:ScannerStatus {Spaces}>
            <pwg:Version>2.63</pwg:Version>
            <pwg:State>{state}</pwg:State>
            <pwg:StateReasons><pwg:StateReason>{reason}</pwg:StateReason></pwg:StateReasons>
            {feeder}<scan:Jobs>
            {string.Concat(scanner.Jobs.Select(job => Job(scanner, job, now)))}</scan:Jobs>
            </scan:ScannerStatus>

            """;
    }

    public static string ImageInfo(ScanJob job)
    {
        var bytes = job.Ticket.PixelsWide * (job.Ticket.Colour == ScanColour.RGB24 ? 3 : 1);
        return $"""
            <?xml version="1.0" encoding="UTF-8"?>
            <scan:ScanImageInfo {Spaces}>
            <pwg:JobUri>{job.Path}</pwg:JobUri>
            <scan:ActualWidth>{job.Ticket.PixelsWide}</scan:ActualWidth>
            <scan:ActualHeight>{job.Ticket.PixelsHigh}</scan:ActualHeight>
            <scan:ActualBytesPerLine>{bytes}</scan:ActualBytesPerLine>
            </scan:ScanImageInfo>

            """;
    }

    private static string Feeder(PretendScanner scanner, ScanJob? current) => scanner switch
    {
        { Switches.CoverOpen: true } => "ScannerAdfHatchOpen",
        { Jammed: true } => "ScannerAdfJam",
        _ when current is { Ticket.FromFeeder: true, IsSending: true } => "ScannerAdfProcessing",
        { SheetsInFeeder: 0 } => "ScannerAdfEmpty",
        _ => "ScannerAdfLoaded",
    };

    private static string Job(PretendScanner scanner, ScanJob job, DateTimeOffset now)
    {
        var age = ((long)(now - job.Begun).TotalSeconds).ToString(CultureInfo.InvariantCulture);
        var left = job.State != ScanJobState.Processing ? 0 : job.Ticket.FromFeeder ? scanner.SheetsInFeeder * (job.Ticket.Duplex ? 2 : 1) : 1;
        return $"""
            <scan:JobInfo>
            <pwg:JobUri>{job.Path}</pwg:JobUri>
            <pwg:JobUuid>{job.Id}</pwg:JobUuid>
            <scan:Age>{age}</scan:Age>
            <pwg:ImagesCompleted>{job.Completed}</pwg:ImagesCompleted>
            <pwg:ImagesToTransfer>{left}</pwg:ImagesToTransfer>
            <pwg:JobState>{job.State}</pwg:JobState>
            <pwg:JobStateReasons><pwg:JobStateReason>{job.Reason}</pwg:JobStateReason></pwg:JobStateReasons>
            </scan:JobInfo>

            """;
    }

    private static string Input(bool withoutPdf)
    {
        string[] formats = withoutPdf ? [ScanTicket.Jpeg] : [ScanTicket.Jpeg, ScanTicket.Pdf];
        return $"""

            <scan:MinWidth>16</scan:MinWidth><scan:MaxWidth>{ScanTicket.Widest}</scan:MaxWidth>
            <scan:MinHeight>16</scan:MinHeight><scan:MaxHeight>{ScanTicket.Tallest}</scan:MaxHeight>
            <scan:MaxScanRegions>1</scan:MaxScanRegions>
            <scan:SettingProfiles><scan:SettingProfile>
            <scan:ColorModes>{string.Concat(Enum.GetNames<ScanColour>().Select(colour => $"<scan:ColorMode>{colour}</scan:ColorMode>"))}</scan:ColorModes>
            <scan:DocumentFormats>{string.Concat(formats.Select(format => $"<pwg:DocumentFormat>{format}</pwg:DocumentFormat>"))}
            {string.Concat(formats.Select(format => $"<scan:DocumentFormatExt>{format}</scan:DocumentFormatExt>"))}</scan:DocumentFormats>
            <scan:SupportedResolutions><scan:DiscreteResolutions>
            {string.Concat(ScanTicket.Resolutions.Select(dpi => $"<scan:DiscreteResolution><scan:XResolution>{dpi}</scan:XResolution><scan:YResolution>{dpi}</scan:YResolution></scan:DiscreteResolution>\n"))}</scan:DiscreteResolutions></scan:SupportedResolutions>
            </scan:SettingProfile></scan:SettingProfiles>
            <scan:SupportedIntents><scan:Intent>Document</scan:Intent><scan:Intent>TextAndGraphic</scan:Intent><scan:Intent>Photo</scan:Intent></scan:SupportedIntents>
            <scan:MaxOpticalXResolution>600</scan:MaxOpticalXResolution><scan:MaxOpticalYResolution>600</scan:MaxOpticalYResolution>

            """;
    }
}
