using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using DeviceMail.Lab;
using DeviceMail.Lab.Scanner;

namespace DeviceMail.Tests.Cloud;

/// <summary>A client that speaks eSCL to the lab's scanner by hand, without any of the product's code.</summary>
internal sealed partial class ScannerCaller : IAsyncDisposable
{
    private const string Spaces = "xmlns:scan=\"http://schemas.hp.com/imaging/escl/2011/05/03\" xmlns:pwg=\"http://www.pwg.org/schemas/2010/12/sm\"";

    private ScannerCaller(PretendCloud lab) => Lab = lab;

    public PretendCloud Lab { get; }
    public PretendScanner Scanner => Lab.Scanner;
    public HttpClient Http { get; } = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<ScannerCaller> StartAsync(LabOptions? options = null) => new(await PretendCloud.StartAsync(options ?? new LabOptions(), Cancel));

    /// <summary>The settings of a scan in 75 dpi, which cost next to nothing, unless something else is asked for.</summary>
    public static string Settings(string source, string more = "<scan:ColorMode>Grayscale8</scan:ColorMode>", int dpi = 75) =>
        $"<?xml version=\"1.0\" encoding=\"UTF-8\"?><scan:ScanSettings {Spaces}><pwg:Version>2.0</pwg:Version><pwg:ScanRegions><pwg:ScanRegion>" +
        "<pwg:ContentRegionUnits>escl:ThreeHundredthsOfInches</pwg:ContentRegionUnits><pwg:XOffset>0</pwg:XOffset><pwg:YOffset>0</pwg:YOffset>" +
        $"<pwg:Width>2480</pwg:Width><pwg:Height>3508</pwg:Height></pwg:ScanRegion></pwg:ScanRegions><pwg:InputSource>{source}</pwg:InputSource>" +
        $"<scan:XResolution>{dpi}</scan:XResolution><scan:YResolution>{dpi}</scan:YResolution>{more}</scan:ScanSettings>";

    public async Task<HttpResponseMessage> AskAsync(string settings)
    {
        using var content = new StringContent(settings, Encoding.UTF8, "text/xml");
        return await Http.PostAsync(new Uri(Scanner.Address, "ScanJobs"), content, Cancel);
    }

    /// <summary>The new job's address, absolute whatever came.</summary>
    public async Task<Uri> OpenAsync(string settings)
    {
        using var answer = await AskAsync(settings);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return new Uri(Scanner.Address, answer.Headers.Location!);
    }

    public Task<HttpResponseMessage> NextAsync(Uri job) => Http.GetAsync(new Uri($"{job}/NextDocument"), HttpCompletionOption.ResponseHeadersRead, Cancel);

    /// <summary>The texts of all pages until an answer that is none, and its status.</summary>
    public async Task<(IReadOnlyList<string> Texts, HttpStatusCode End)> DrainAsync(Uri job)
    {
        var texts = new List<string>();
        while (true)
        {
            using var answer = await NextAsync(job);
            if (!answer.IsSuccessStatusCode) return (texts, answer.StatusCode);
            texts.Add(TextOf(await answer.Content.ReadAsByteArrayAsync(Cancel)));
        }
    }

    /// <summary>The comment of a JPEG.</summary>
    public static string TextOf(byte[] page) => Comment().Match(Encoding.Latin1.GetString(page)).Value;

    /// <summary>The values of an element of the status, whatever its place.</summary>
    public async Task<IReadOnlyList<string>> StatusAsync(string element)
    {
        var status = XDocument.Parse(await Http.GetStringAsync(new Uri(Scanner.Address, "ScannerStatus"), Cancel));
        return [.. status.Descendants().Where(one => one.Name.LocalName == element).Select(one => one.Value)];
    }

    public static IReadOnlyList<string> Load(int load, params int[] pages) => [.. pages.Select(page => $"PRETEND page {page} of feeder load {load}")];

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await Lab.DisposeAsync();
    }

    [GeneratedRegex("PRETEND page [0-9]+ of (feeder load [0-9]+|the glass)")]
    private static partial Regex Comment();
}
