namespace DeviceMail.Tests.Scanning;

/// <summary>What scanners of four makers say of themselves, shortened, without names and numbers of their owners.</summary>
internal static class Recordings
{
    private const string Namespaces = """xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm" """;

    /// <summary>Profiles by reference, an empty line in front of the declaration, formats both ways.</summary>
    public const string Hp = $"""

        <?xml version="1.0" encoding="UTF-8"?>
        <scan:ScannerCapabilities {Namespaces}xmlns:dest="http://schemas.hp.com/imaging/destination/2011/06/06">
          <pwg:Version>2.63</pwg:Version><pwg:MakeAndModel>HP OfficeJet Pro 9010 series</pwg:MakeAndModel><pwg:SerialNumber>TH00000000</pwg:SerialNumber>
          <scan:SettingProfiles>
            <scan:SettingProfile name="p1">
              <scan:ColorModes><scan:ColorMode>BlackAndWhite1</scan:ColorMode><scan:ColorMode>Grayscale8</scan:ColorMode><scan:ColorMode>RGB24</scan:ColorMode></scan:ColorModes>
              <scan:DocumentFormats>
                <pwg:DocumentFormat>application/octet-stream</pwg:DocumentFormat><pwg:DocumentFormat>image/jpeg</pwg:DocumentFormat><pwg:DocumentFormat>application/pdf</pwg:DocumentFormat>
                <scan:DocumentFormatExt>application/octet-stream</scan:DocumentFormatExt><scan:DocumentFormatExt>image/jpeg</scan:DocumentFormatExt><scan:DocumentFormatExt>application/pdf</scan:DocumentFormatExt>
              </scan:DocumentFormats>
              <scan:SupportedResolutions><scan:DiscreteResolutions>
                <scan:DiscreteResolution><scan:XResolution>75</scan:XResolution><scan:YResolution>75</scan:YResolution></scan:DiscreteResolution>
                <scan:DiscreteResolution><scan:XResolution>200</scan:XResolution><scan:YResolution>200</scan:YResolution></scan:DiscreteResolution>
                <scan:DiscreteResolution><scan:XResolution>300</scan:XResolution><scan:YResolution>300</scan:YResolution></scan:DiscreteResolution>
                <scan:DiscreteResolution><scan:XResolution>600</scan:XResolution><scan:YResolution>600</scan:YResolution></scan:DiscreteResolution>
              </scan:DiscreteResolutions></scan:SupportedResolutions>
            </scan:SettingProfile>
          </scan:SettingProfiles>
          <scan:Platen><scan:PlatenInputCaps>
            <scan:MinWidth>8</scan:MinWidth><scan:MaxWidth>2550</scan:MaxWidth><scan:MinHeight>8</scan:MinHeight><scan:MaxHeight>3508</scan:MaxHeight>
            <scan:SettingProfiles><scan:SettingProfile ref="p1"/></scan:SettingProfiles>
            <scan:SupportedIntents><scan:Intent>Document</scan:Intent><scan:Intent>Photo</scan:Intent></scan:SupportedIntents>
          </scan:PlatenInputCaps></scan:Platen>
          <scan:Adf>
            <scan:AdfSimplexInputCaps>
              <scan:MinWidth>8</scan:MinWidth><scan:MaxWidth>2550</scan:MaxWidth><scan:MinHeight>8</scan:MinHeight><scan:MaxHeight>4200</scan:MaxHeight>
              <scan:SettingProfiles><scan:SettingProfile ref="p1"/></scan:SettingProfiles>
            </scan:AdfSimplexInputCaps>
            <scan:AdfDuplexInputCaps>
              <scan:MinWidth>8</scan:MinWidth><scan:MaxWidth>2550</scan:MaxWidth><scan:MinHeight>8</scan:MinHeight><scan:MaxHeight>3508</scan:MaxHeight>
              <scan:SettingProfiles><scan:SettingProfile ref="p1"/></scan:SettingProfiles>
            </scan:AdfDuplexInputCaps>
            <scan:FeederCapacity>35</scan:FeederCapacity>
            <scan:AdfOptions><scan:AdfOption>DetectPaperLoaded</scan:AdfOption><scan:AdfOption>SelectSinglePage</scan:AdfOption><scan:AdfOption>Duplex</scan:AdfOption></scan:AdfOptions>
          </scan:Adf>
        </scan:ScannerCapabilities>
        """;

    /// <summary>A range of resolutions, glass only, no PDF, namespaces under other prefixes.</summary>
    public const string Epson = """
        <?xml version='1.0' encoding='UTF-8'?>
        <e:ScannerCapabilities xmlns:e="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:p="http://www.pwg.org/schemas/2010/12/sm">
          <p:Version>2.0</p:Version><p:MakeAndModel>EPSON ET-2760 Series</p:MakeAndModel>
          <e:Platen><e:PlatenInputCaps>
            <e:MinWidth>16</e:MinWidth><e:MaxWidth>2550</e:MaxWidth><e:MinHeight>16</e:MinHeight><e:MaxHeight>3507</e:MaxHeight>
            <e:SettingProfiles><e:SettingProfile>
              <e:ColorModes><e:ColorMode>RGB24</e:ColorMode><e:ColorMode>Grayscale8</e:ColorMode></e:ColorModes>
              <e:DocumentFormats><p:DocumentFormat>image/jpeg</p:DocumentFormat></e:DocumentFormats>
              <e:SupportedResolutions><e:ResolutionRange>
                <e:XResolutionRange><e:Min>100</e:Min><e:Max>400</e:Max><e:Normal>200</e:Normal><e:Step>50</e:Step></e:XResolutionRange>
                <e:YResolutionRange><e:Min>100</e:Min><e:Max>400</e:Max><e:Normal>200</e:Normal><e:Step>50</e:Step></e:YResolutionRange>
              </e:ResolutionRange></e:SupportedResolutions>
            </e:SettingProfile></e:SettingProfiles>
          </e:PlatenInputCaps></e:Platen>
        </e:ScannerCapabilities>
        """;

    /// <summary>Two sides by an option of its one feeder; resolutions that differ in both directions; black with PDF only, in a profile of its own.</summary>
    public const string Canon = $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <scan:ScannerCapabilities {Namespaces}>
          <pwg:Version>2.97</pwg:Version><pwg:MakeAndModel>Canon TR7600 series</pwg:MakeAndModel>
          <scan:Adf>
            <scan:AdfSimplexInputCaps>
              <scan:MinWidth>1500</scan:MinWidth><scan:MaxWidth>2550</scan:MaxWidth><scan:MinHeight>1500</scan:MinHeight><scan:MaxHeight>4200</scan:MaxHeight>
              <scan:SettingProfiles>
                <scan:SettingProfile>
                  <scan:ColorModes><scan:ColorMode>RGB24</scan:ColorMode><scan:ColorMode>Grayscale8</scan:ColorMode></scan:ColorModes>
                  <scan:DocumentFormats><scan:DocumentFormatExt>image/jpeg</scan:DocumentFormatExt></scan:DocumentFormats>
                  <scan:SupportedResolutions><scan:DiscreteResolutions>
                    <scan:DiscreteResolution><scan:XResolution>300</scan:XResolution><scan:YResolution>600</scan:YResolution></scan:DiscreteResolution>
                    <scan:DiscreteResolution><scan:XResolution>300</scan:XResolution><scan:YResolution>300</scan:YResolution></scan:DiscreteResolution>
                  </scan:DiscreteResolutions></scan:SupportedResolutions>
                </scan:SettingProfile>
                <scan:SettingProfile>
                  <scan:ColorModes><scan:ColorMode>BlackAndWhite1</scan:ColorMode></scan:ColorModes>
                  <scan:DocumentFormats><scan:DocumentFormatExt>application/pdf</scan:DocumentFormatExt></scan:DocumentFormats>
                  <scan:SupportedResolutions><scan:DiscreteResolutions>
                    <scan:DiscreteResolution><scan:XResolution>600</scan:XResolution><scan:YResolution>600</scan:YResolution></scan:DiscreteResolution>
                  </scan:DiscreteResolutions></scan:SupportedResolutions>
                </scan:SettingProfile>
              </scan:SettingProfiles>
            </scan:AdfSimplexInputCaps>
            <scan:AdfOptions><scan:AdfOption>Duplex</scan:AdfOption></scan:AdfOptions>
          </scan:Adf>
        </scan:ScannerCapabilities>
        """;

    /// <summary>A small sheet-fed one that tells neither colours nor formats.</summary>
    public const string Brother = $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <scan:ScannerCapabilities {Namespaces}>
          <pwg:Version>2.1</pwg:Version><pwg:MakeAndModel>Brother DS-940DW</pwg:MakeAndModel>
          <scan:Adf><scan:AdfSimplexInputCaps>
            <scan:MinWidth>600</scan:MinWidth><scan:MaxWidth>1200</scan:MaxWidth><scan:MinHeight>600</scan:MinHeight><scan:MaxHeight>1800</scan:MaxHeight>
            <scan:SettingProfiles><scan:SettingProfile>
              <scan:SupportedResolutions><scan:DiscreteResolutions>
                <scan:DiscreteResolution><scan:XResolution>100</scan:XResolution><scan:YResolution>100</scan:YResolution></scan:DiscreteResolution>
                <scan:DiscreteResolution><scan:XResolution>400</scan:XResolution><scan:YResolution>400</scan:YResolution></scan:DiscreteResolution>
              </scan:DiscreteResolutions></scan:SupportedResolutions>
            </scan:SettingProfile></scan:SettingProfiles>
          </scan:AdfSimplexInputCaps></scan:Adf>
        </scan:ScannerCapabilities>
        """;

    /// <param name="state">Idle, Processing, …</param>
    /// <param name="feeder">ScannerAdfLoaded, …; empty: it tells nothing.</param>
    /// <param name="job">State of the job; empty: it is forgotten.</param>
    public static string Status(string state, string feeder, string job) => $"""
        <?xml version="1.0" encoding="UTF-8"?>
        <scan:ScannerStatus {Namespaces}>
          <pwg:Version>2.63</pwg:Version><pwg:State>{state}</pwg:State>{(feeder.Length == 0 ? "" : $"<scan:AdfState>{feeder}</scan:AdfState>")}
          <scan:Jobs>
            <scan:JobInfo><pwg:JobUri>/eSCL/ScanJobs/earlier</pwg:JobUri><pwg:JobUuid>earlier</pwg:JobUuid><pwg:JobState>Aborted</pwg:JobState></scan:JobInfo>
            {(job.Length == 0 ? "" : $"<scan:JobInfo><pwg:JobUri>http://scanner.local/eSCL/ScanJobs/41</pwg:JobUri><pwg:JobUuid>41</pwg:JobUuid><pwg:JobState>{job}</pwg:JobState></scan:JobInfo>")}
          </scan:Jobs>
        </scan:ScannerStatus>
        """;
}
