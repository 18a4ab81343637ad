using System.Globalization;
using System.Text.RegularExpressions;
using DeviceMail.Lab;
using DeviceMail.Lab.Scanner;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Parts;

/// <summary>Debian's two eSCL clients, sane-airscan and libsane's own escl, scan from the lab's scanner: so it is true to the protocol.</summary>
public sealed partial class SaneTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("airscan", "Color", ScanColour.RGB24)]
    [InlineData("airscan", "Gray", ScanColour.Grayscale8)]
    [InlineData("escl", "Color", ScanColour.RGB24)]
    [InlineData("escl", "Gray", ScanColour.Grayscale8)]
    public async Task Glass_and_feeder_are_scanned_in_order(string backend, string mode, ScanColour colour)
    {
        using var folder = new Folder();
        await using var lab = await PretendCloud.StartAsync(new LabOptions(), Cancel);
        var device = Configure(folder, backend, lab.Scanner.Address);

        await ScanAsync(folder, device, mode, "Flatbed", "--output-file=glass.pnm");
        await ScanAsync(folder, device, mode, "ADF", "--batch=sheet%d.pnm");
        lab.Scanner.Load(6);
        await ScanAsync(folder, device, mode, "ADF Duplex", "--batch=side%d.pnm");

        Assert.Equal(18, lab.Scanner.Scanned.Count);
        Assert.All(lab.Scanner.Scanned, page => Assert.Equal(colour, page.Ticket.Colour));
        Assert.Equal(1, NumberOn(folder.In("glass.pnm"), colour));
        Assert.Equal([1, 2, 3, 4, 5], Numbers(folder, "sheet", colour));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], Numbers(folder, "side", colour));
    }

    [Fact]
    public async Task Sane_airscan_waits_for_a_busy_scanner_and_names_a_jam()
    {
        using var folder = new Folder();
        await using var lab = await PretendCloud.StartAsync(new LabOptions(), Cancel);
        var device = Configure(folder, "airscan", lab.Scanner.Address);
        (lab.Scanner.Switches.BusyNextPages, lab.Scanner.Switches.JamAtSheet) = (1, 3);

        var jammed = await RunAsync(folder, device, "Gray", "ADF", "--batch=sheet%d.pnm");
        Assert.Contains("jammed", jammed.Errors, StringComparison.OrdinalIgnoreCase);
        Assert.Equal([1, 2], Numbers(folder, "sheet", ScanColour.Grayscale8));
        lab.Scanner.ClearJam();
        await ScanAsync(folder, device, "Gray", "ADF", "--batch=sheet%d.pnm", "--batch-start=3");
        Assert.Equal([1, 2, 3, 4, 5], Numbers(folder, "sheet", ScanColour.Grayscale8));
    }

    [Fact]
    [Trait(ProgramFile.Trait, ProgramFile.Value)]
    public async Task A_scanner_that_announces_itself_is_found_by_Avahi_and_by_both_clients()
    {
        using var folder = new Folder();
        Configure(folder, "airscan", null);
        await File.WriteAllTextAsync(folder.In("dll.conf"), "airscan\nescl\n", Cancel);

        var found = await Tool.RunAsync(Part.Script("scanner/network"), folder.Path, Part.Script("scanner/found"), folder.Path, ProgramFile.Path);

        Assert.Equal(0, found.ExitCode);
        foreach (var (type, port) in ((string, int)[])[("_uscan._tcp", 8081), ("_uscans._tcp", 8443)])
        {
            var line = Assert.Single(found.Output.Split('\n'), line => line.StartsWith('=') && line.Contains($";{type};", StringComparison.Ordinal));
            Assert.Contains($";127.0.0.1;{port};", line, StringComparison.Ordinal);
            foreach (var text in (string[])["txtvers=1", "rs=eSCL", "ty=PRETEND Scanner", "pdl=application/pdf,image/jpeg", "is=platen,adf", "cs=color,grayscale,binary", "duplex=T"])
                Assert.Contains($"\"{text}\"", line, StringComparison.Ordinal);
        }
        Assert.Contains("device `airscan:", found.Output, StringComparison.Ordinal);
        Assert.Contains("device `escl:", found.Output, StringComparison.Ordinal);
    }

    /// <summary>A configuration that knows one scanner, and searches only where none is given. Answers the device's name.</summary>
    private static string Configure(Folder folder, string backend, Uri? scanner)
    {
        Directory.CreateDirectory(folder.Path);
        File.WriteAllText(folder.In("dll.conf"), $"{backend}\n");
        File.WriteAllText(folder.In("airscan.conf"), scanner is null ? "" : $"[devices]\n\"Pretend\" = {scanner.AbsoluteUri.TrimEnd('/')}, eSCL\n[options]\ndiscovery = disable\n");
        var root = scanner?.GetLeftPart(UriPartial.Authority);
        File.WriteAllText(folder.In("escl.conf"), root is null ? "" : $"device {root} Pretend\n");
        return backend == "airscan" ? "airscan:e0:Pretend" : $"escl:{root}";
    }

    private static async Task ScanAsync(Folder folder, string device, string mode, string source, params string[] more)
    {
        var result = await RunAsync(folder, device, mode, source, more);
        Assert.True(result.ExitCode == 0, result.ToString());
    }

    private static Task<ToolResult> RunAsync(Folder folder, string device, string mode, string source, params string[] more) => Tool.RunAsync(new ToolCall(
        "scanimage", [$"--device-name={device}", $"--mode={mode}", $"--source={source}", "--resolution=75", "--format=pnm", .. more])
        {
            Folder = folder.Path,
            Environment = new Dictionary<string, string?> { ["SANE_CONFIG_DIR"] = folder.Path },
        });

    private static IEnumerable<int> Numbers(Folder folder, string name, ScanColour colour) =>
        Enumerable.Range(1, Directory.GetFiles(folder.Path, $"{name}*.pnm").Length).Select(at => NumberOn(folder.In($"{name}{at}.pnm"), colour));

    /// <summary>Reads the large digits of a page as a person would: where its dark strokes are.</summary>
    private static int NumberOn(string file, ScanColour colour)
    {
        var (wide, high, dark) = Read(file);
        // The digits stand alone in the second band of the page, about a twelfth of it that is whole units of the JPEG; at its sides are lines of the frame.
        var unit = colour == ScanColour.RGB24 ? 16 : 8;
        var band = (high + unit - 1) / unit / 12 * unit;
        var (top, bottom) = (band, 2 * band);
        bool DarkColumn(int x) => Enumerable.Range(top + 4, bottom - top - 8).Any(y => dark(x, y));
        var number = 0;
        for (var x = wide / 10; x < wide * 9 / 10; x++)
        {
            if (!DarkColumn(x)) continue;
            var left = x;
            while (DarkColumn(x)) x++;
            number = 10 * number + Digit(left, x);
        }
        return number;

        int Digit(int left, int right)
        {
            int[] rows = [.. Enumerable.Range(top, bottom - top).Where(y => Enumerable.Range(left, right - left).Any(x => dark(x, y)))];
            var (first, last, middle) = (rows[0], rows[^1], (left + right) / 2);
            if (right - left < (last - first) / 4) return 1;
            bool At(int x, double part) => Enumerable.Range(-1, 3).Any(shift => dark(x, first + (int)((last - first) * part) + shift));
            bool[] strokes = [At(middle, 0.05), At(right - 3, 0.27), At(right - 3, 0.73), At(middle, 0.95), At(left + 2, 0.73), At(left + 2, 0.27), At(middle, 0.5)];
            return string.Concat(strokes.Select(stroke => stroke ? '1' : '0')) switch
            {
                "1111110" => 0, "1101101" => 2, "1111001" => 3, "0110011" => 4, "1011011" => 5, "1011111" => 6, "1110000" => 7, "1111111" => 8, "1111011" => 9,
                var other => throw new InvalidOperationException($"{file}: no digit has the strokes {other}"),
            };
        }
    }

    private static (int Wide, int High, Func<int, int, bool> Dark) Read(string file)
    {
        var bytes = File.ReadAllBytes(file);
        var head = Head().Match(System.Text.Encoding.Latin1.GetString(bytes, 0, 200));
        int Group(int at) => int.Parse(head.Groups[at].ValueSpan, CultureInfo.InvariantCulture);
        var (samples, wide, high) = (Group(1) == 6 ? 3 : 1, Group(2), Group(3));
        return (wide, high, (x, y) => bytes[head.Length + samples * (y * wide + x)] < 128);
    }

    [GeneratedRegex(@"\AP([56])\s+(?:#[^\n]*\n)*([0-9]+)\s+([0-9]+)\s+255\s")]
    private static partial Regex Head();
}
