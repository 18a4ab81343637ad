using CsCheck;
using DeviceMail.Documents;
using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Parts;
using UglyToad.PdfPig;
using UglyToad.PdfPig.Content;

namespace DeviceMail.Tests.Documents;

public sealed class SheetWriterTests
{
    private const double LeastMargin = 36;

    public static TheoryData<string> Papers => ["a4", "letter"];

    [Fact]
    public void The_same_facts_make_the_same_octets_and_others_do_not()
    {
        var sheet = Sheet(new SheetRow("Host name", "gateway"));

        Assert.Equal(SheetWriter.Write(sheet, Paper.A4), SheetWriter.Write(sheet, Paper.A4));
        Assert.NotEqual(SheetWriter.Write(sheet, Paper.A4), SheetWriter.Write(sheet with { At = sheet.At.AddSeconds(1) }, Paper.A4));
        Assert.NotEqual(SheetWriter.Write(sheet, Paper.A4), SheetWriter.Write(sheet, Paper.Letter));
    }

    [Theory]
    [MemberData(nameof(Papers))]
    public async Task Programs_that_others_wrote_read_one_page_with_its_text(string paper)
    {
        using var folder = new Folder();
        await File.WriteAllBytesAsync(folder.In("sheet.pdf"), SheetWriter.Write(Sheet(new SheetRow("Host name", "gateway")), Paper.Find(paper)!), TestContext.Current.CancellationToken);

        var check = await Tool.RunAsync("qpdf", "--check", folder.In("sheet.pdf"));
        var facts = (await Tool.RunAsync("pdfinfo", folder.In("sheet.pdf"))).Output;
        var text = (await Tool.RunAsync("pdftotext", "-layout", folder.In("sheet.pdf"), "-")).Output;

        Assert.Equal(0, check.ExitCode);
        Assert.Matches(@"Pages: +1\n", facts);
        Assert.Matches(paper == "a4" ? @"Page size: +595\.28 x 841\.89 pts \(A4\)" : @"Page size: +612 x 792 pts \(letter\)", facts);
        Assert.Matches(@"Title: +A sheet\n", facts);
        Assert.Matches("CreationDate: +Tue Nov 24 ", facts);
        Assert.Matches("Host name +gateway", text);
    }

    [Fact]
    public void Letters_of_Western_Europe_stay_and_others_are_replaced_and_explained()
    {
        var western = TextOf(Sheet(new SheetRow("Büro", "Škoda – “1. Étage”, 5 €")));
        var mixed = TextOf(Sheet(new SheetRow("Name", "Жанна 🖨")));

        Assert.Contains("Büro", western, StringComparison.Ordinal);
        Assert.Contains("Škoda – “1. Étage”, 5 €", western, StringComparison.Ordinal);
        Assert.DoesNotContain("¿", western, StringComparison.Ordinal);
        Assert.Contains("¿¿¿¿¿ ¿", mixed, StringComparison.Ordinal);
        Assert.Contains("¿ stands for a character that this sheet’s font lacks.", mixed, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Papers))]
    public void What_finds_no_room_is_counted_and_later_sections_are_not_starved(string paper)
    {
        var many = new SheetSection("Many", [.. Enumerable.Range(1, 60).Select(i => new SheetBlock($"Block no. {i}.", [new("a", "b"), new("c", "d")]))], rest => $"{rest.Count} left out");
        var sheet = Sheet(new SheetRow("x", "y")) with { Sections = [many, many with { Title = "More" }, Section(new SheetRow("The last", "fact"))] };

        var text = TextOf(sheet, Paper.Find(paper)!);

        var shown = System.Text.RegularExpressions.Regex.Count(text, @"Block no\.");
        var leftOut = System.Text.RegularExpressions.Regex.Matches(text, @"(\d+) left out").Sum(match => int.Parse(match.Groups[1].Value));
        Assert.Equal(120, shown + leftOut);
        Assert.InRange(shown, 6, 20);
        Assert.Contains("The last", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_leaves_the_page_or_lies_on_other_text() => Gen.Select(Gen.String[Gen.Char["aW .,@é"], 0, 300], Gen.String[Gen.Char["iM "], 0, 60], Gen.Int[1, 40], Gen.Bool)
        .Sample((value, label, count, box) =>
        {
            var rows = Enumerable.Range(0, count).Select(i => new SheetBlock(i % 3 == 0 ? "Title" : "", [new(label, value) { Letters = (SheetLetters)(i % 3) }])).ToList();
            var sheet = Sheet(new SheetRow("x", "y")) with
            {
                Sections = [new("Rows", rows, rest => $"{rest.Count} more"), .. Enumerable.Repeat(Section(new SheetRow(label, value + value)), 6)],
                Answer = new SheetAnswer("An answer.", value) { NeedsPerson = box },
            };
            foreach (var paper in Paper.All)
            {
                using var document = PdfDocument.Open(SheetWriter.Write(sheet, paper));
                var page = Assert.Single(document.GetPages());
                Assert.All(page.Letters, letter =>
                {
                    Assert.InRange(letter.StartBaseLine.X, LeastMargin, paper.Width - LeastMargin);
                    Assert.InRange(letter.EndBaseLine.X, LeastMargin, paper.Width - LeastMargin + 0.01);
                    Assert.InRange(letter.StartBaseLine.Y, LeastMargin, paper.Height - LeastMargin);
                });
                Assert.True(LeastGap(page) >= 7, "Two lines of text are closer than letters are high.");
            }
        }, iter: 40);

    [Fact]
    public async Task The_code_is_printed_square_for_square()
    {
        using var folder = new Folder();
        const string address = "https://192.0.2.7:8443/";
        await File.WriteAllBytesAsync(folder.In("sheet.pdf"), SheetWriter.Write(Sheet(new SheetRow("x", "y")), Paper.A4), TestContext.Current.CancellationToken);
        // 720 dots an inch: ten a point.
        Assert.Equal(0, (await Tool.RunAsync("pdftoppm", "-r", "720", "-gray", "-singlefile", folder.In("sheet.pdf"), folder.In("sheet"))).ExitCode);
        var (width, dots) = ReadGrey(await File.ReadAllBytesAsync(folder.In("sheet.pgm"), TestContext.Current.CancellationToken));

        using var code = QRCoder.QRCodeGenerator.GenerateQrCode(address, QRCoder.QRCodeGenerator.ECCLevel.M);
        var size = code.ModuleMatrix.Count - 8;
        for (var row = 0; row < size; row++)
        {
            for (var column = 0; column < size; column++)
            {
                var (x, y) = (595.28 - 54 - 88 + (column + 0.5) * 88 / size, 56 + (row + 0.5) * 88 / size);
                Assert.Equal(code.ModuleMatrix[row + 4][column + 4], dots[(int)(y * 10) * width + (int)(x * 10)] < 128);
            }
        }
    }

    /// <summary>Between lines that share a column, in points.</summary>
    private static double LeastGap(Page page)
    {
        var lines = page.Letters.Where(letter => letter.Value != " ").GroupBy(letter => Math.Round(letter.StartBaseLine.Y, 1))
            .Select(line => (Y: line.Key, Left: line.Min(letter => letter.StartBaseLine.X), Right: line.Max(letter => letter.EndBaseLine.X))).OrderBy(line => line.Y).ToList();
        return lines.Zip(lines.Skip(1)).Where(pair => pair.First.Left < pair.Second.Right && pair.Second.Left < pair.First.Right)
            .Select(pair => pair.Second.Y - pair.First.Y).DefaultIfEmpty(100).Min();
    }

    private static (int Width, byte[] Dots) ReadGrey(byte[] octets)
    {
        var head = System.Text.Encoding.ASCII.GetString(octets, 0, 40).Split((char[])['\n', ' ']);
        Assert.Equal("P5", head[0]);
        var (width, height) = (int.Parse(head[1]), int.Parse(head[2]));
        return (width, octets[^(width * height)..]);
    }

    private static string TextOf(PrintedSheet sheet, Paper? paper = null)
    {
        using var document = PdfDocument.Open(SheetWriter.Write(sheet, paper ?? Paper.A4));
        var lines = Assert.Single(document.GetPages()).Letters.GroupBy(letter => letter.StartBaseLine.Y).OrderByDescending(line => line.Key)
            .Select(line => string.Concat(line.Select(letter => letter.Value)));
        return string.Join('\n', lines);
    }

    private static PrintedSheet Sheet(SheetRow row) => new("A sheet", new SheetAnswer("All is well.", "Nothing is to do."))
    {
        Head = [new("Gateway", "office")],
        Code = ("https://192.0.2.7:8443/", "Opens Web Config"),
        Sections = [Section(row)],
        At = new DateTimeOffset(2026, 11, 24, 9, 42, 0, TimeSpan.FromHours(1)),
        Foot = "The foot.",
    };

    private static SheetSection Section(SheetRow row) => new("A section", [new SheetBlock("", [row])], rest => $"{rest.Count} left out");
}
