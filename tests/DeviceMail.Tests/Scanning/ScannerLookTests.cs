using System.Text;
using DeviceMail.Discovery;
using DeviceMail.Scanning;

namespace DeviceMail.Tests.Scanning;

/// <summary>Whatever answers at a scanner's address is explained in a sentence; a certificate is kept at first use.</summary>
public sealed class ScannerLookTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, ScanTroubleKind, string> Misbehaviours => new()
    {
        { "redirect", ScanTroubleKind.Refused, "sends us elsewhere" },
        { "401", ScanTroubleKind.Refused, "demands a password" },
        { "404", ScanTroubleKind.Refused, "has no eSCL at /eSCL/" },
        { "500", ScanTroubleKind.Refused, "answered with HTTP 500" },
        { "503", ScanTroubleKind.Busy, "is busy" },
        { "html", ScanTroubleKind.Unreadable, "no eSCL" },
        { "external entity", ScanTroubleKind.Unreadable, "no eSCL" },
        { "bomb", ScanTroubleKind.Unreadable, "no eSCL" },
        { "large", ScanTroubleKind.Unreadable, "more than 1 MB" },
        { "no sources", ScanTroubleKind.Unreadable, "neither of a feeder nor of a glass" },
        { "noise", ScanTroubleKind.Unreadable, "does not speak HTTP" },
        { "reset", ScanTroubleKind.CutOff, "broke off" },
    };

    [Theory]
    [MemberData(nameof(Misbehaviours))]
    public async Task Whatever_answers_there_is_explained(string how, ScanTroubleKind kind, string words)
    {
        await using var elsewhere = new ScriptedScanner();
        await using var scanner = new ScriptedScanner();
        await using var folder = new ScanningFolder();
        scanner.Misbehave = _ => how switch
        {
            "redirect" => RawAnswer.Of(302, $"Location: {elsewhere.Address}ScannerCapabilities"),
            "html" => RawAnswer.Of(200, "", "<html><body>Copier</body></html>"),
            "external entity" => RawAnswer.Of(200, "", $"<!DOCTYPE s [<!ENTITY e SYSTEM \"{elsewhere.Address}\">]><ScannerCapabilities><Version>&e;</Version><PlatenInputCaps/></ScannerCapabilities>"),
            "bomb" => RawAnswer.Of(200, "", "<!DOCTYPE s [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><ScannerCapabilities>&b;<PlatenInputCaps/></ScannerCapabilities>"),
            "large" => RawAnswer.Of(200, "", $"<ScannerCapabilities>{new string(' ', 1 << 20)}</ScannerCapabilities>"),
            "no sources" => RawAnswer.Of(200, "", "<ScannerCapabilities/>"),
            "noise" => RawAnswer.Raw("220 mail.example ESMTP\r\n") with { Ends = true },
            "reset" => RawAnswer.Raw("") with { Resets = true },
            _ => RawAnswer.Of(int.Parse(how)),
        };

        var trouble = Assert.IsType<ScannerLook.Trouble>(await folder.LookAsync(scanner)).Why;

        Assert.Equal(kind, trouble.Kind);
        Assert.Contains(words, trouble.Sentence, StringComparison.Ordinal);
        Assert.Empty(elsewhere.Asked);
    }

    [Fact]
    public void Text_in_deep_elements_is_read_without_harm()
    {
        var deep = $"<ScannerStatus>{string.Concat(Enumerable.Repeat("<a>", 50_000))}{string.Concat(Enumerable.Repeat("</a>", 50_000))}<State>Idle</State></ScannerStatus>";

        Assert.True(EsclXml.TryRead(Encoding.UTF8.GetBytes(deep), "ScannerStatus", out var root));
        Assert.Equal("ready", ScannerStatus.Read(root).Words);
    }

    [Fact]
    public async Task A_certificate_is_kept_at_first_use_and_another_is_refused()
    {
        using var first = ScriptedScanner.Certificate();
        using var second = ScriptedScanner.Certificate();
        await using var folder = new ScanningFolder();
        int port;
        Scanner copier;
        await using (var scanner = new ScriptedScanner(first).With(ScriptedScanner.Jpeg))
        {
            port = scanner.Port;
            copier = Assert.IsType<ScannerSave.Saved>(await folder.List.AddAsync(new NewScanner(scanner.Address, null), "a test", Cancel)).Scanner;
            Assert.Equal(("HP OfficeJet Pro 9010 series", first.GetCertHashString(System.Security.Cryptography.HashAlgorithmName.SHA256)), (copier.Name, copier.Certificate));
            Assert.IsType<ScannerLook.Answered>(await folder.Desk.LookAsync(copier, Cancel));
            Assert.Equal([copier], folder.Reread().All);
        }
        await using var other = new ScriptedScanner(second, port);

        var trouble = Assert.IsType<ScannerLook.Trouble>(await folder.Desk.LookAsync(copier, Cancel)).Why;

        Assert.Equal(ScanTroubleKind.OtherCertificate, trouble.Kind);
        Assert.Empty(other.Asked);
        Assert.Equal(copier.Certificate, Assert.Single(folder.Scanners.All).Certificate);
    }

    [Fact]
    public async Task The_list_keeps_one_line_a_name_and_a_scanner()
    {
        await using var scanner = new ScriptedScanner();
        await using var folder = new ScanningFolder();

        var saved = Assert.IsType<ScannerSave.Saved>(await folder.List.AddAsync(new NewScanner(scanner.Address, "Copier"), "a test", Cancel)).Scanner;
        Assert.Contains("“Copier” already", Refusal(await folder.Scanners.SaveAsync(new Scanner(0, "copier", ScanningFolder.Parse("192.0.2.7")))), StringComparison.Ordinal);
        Assert.Contains("as “Copier”", Refusal(await folder.List.AddAsync(new NewScanner(scanner.Address, "Second"), "a test", Cancel)), StringComparison.Ordinal);
        Assert.StartsWith("Nothing was added: Nothing listens at", Refusal(await folder.List.AddAsync(new NewScanner($"http://127.0.0.1:{Parts.FreePort.Next()}", null), "a test", Cancel)), StringComparison.Ordinal);
        Assert.Contains("is no address of a scanner", Refusal(await folder.List.AddAsync(new NewScanner("ftp://scanner", null), "a test", Cancel)), StringComparison.Ordinal);

        Assert.Equal([saved], folder.Reread().All);
        await folder.List.RemoveAsync(saved, "a test");
        Assert.Empty(folder.Reread().All);
        Assert.Contains("no longer in the list", Refusal(await folder.Scanners.SaveAsync(saved with { Certificate = "AA" })), StringComparison.Ordinal);
        Assert.Empty(folder.Scanners.All);
    }

    [Fact]
    public async Task A_scanner_that_announces_itself_is_known_by_either_of_its_addresses()
    {
        await using var folder = new ScanningFolder();
        await folder.Scanners.SaveAsync(new Scanner(0, "Copier", ScanningFolder.Parse("http://192.0.2.7")));
        Dictionary<string, string> text = new() { ["rs"] = "/eSCL", ["note"] = "2nd floor" };
        FoundService[] services =
        [
            new("MFP", "_uscan._tcp", "mfp.local", 80, [System.Net.IPAddress.Parse("fe80::7"), System.Net.IPAddress.Parse("192.0.2.7")], text),
            new("MFP", "_uscans._tcp", "mfp.local", 443, [System.Net.IPAddress.Parse("192.0.2.7")], text),
            new("Far", "_uscan._tcp", "far.local", 8080, [System.Net.IPAddress.Parse("2001:db8::7")], text),
            new("Nowhere", "_uscan._tcp", "nowhere.local", 80, [], text),
        ];

        var found = FoundScanner.Of(services);

        Assert.Equal(["http://[2001:db8::7]:8080/eSCL/", "https://192.0.2.7/eSCL/"], found.Select(one => one.Address.ToString()));
        Assert.Equal([null, "Copier"], found.Select(one => folder.Scanners.Find(one)?.Name));
    }

    private static string Refusal(ScannerSave save) => Assert.IsType<ScannerSave.Refused>(save).Sentence;
}
