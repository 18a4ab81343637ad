using DeviceMail.Documents;
using DeviceMail.Tests.Kit;
using DeviceMail.Tests.Parts;

namespace DeviceMail.Tests.Documents;

/// <summary>What a PDF of pictures must not do: change a picture, or hold one whose size nobody knows.</summary>
public sealed class PicturePdfTests
{
    // Without pixels: only what stands before them counts here.
    private static readonly byte[] _jfif =
        [0xff, 0xd8, 0xff, 0xe0, 0, 16, (byte)'J', (byte)'F', (byte)'I', (byte)'F', 0, 1, 1, 1, 0x01, 0x2c, 0x00, 0x96, 0, 0, 0xff, 0xff, 0xc0, 0, 11, 8, 0x0d, 0xb4, 0x09, 0xb0, 1, 1, 0x11, 0, 0xff, 0xd9];

    [Fact]
    public async Task A_picture_tells_its_size_and_density_behind_fill_octets()
    {
        using var folder = new Folder();
        await File.WriteAllBytesAsync(folder.In("page.jpg"), _jfif, TestContext.Current.CancellationToken);
        var picture = await JpegPicture.ReadAsync(folder.In("page.jpg"), TestContext.Current.CancellationToken);
        Assert.Equal(new JpegPicture(2_480, 3_508, 1) { DpiX = 300, DpiY = 150 }, picture);
    }

    [Theory]
    [InlineData(26, 27, 0)]
    [InlineData(2, 3, 0x00)]
    [InlineData(0, 1, 0x42)]
    public async Task What_is_no_picture_with_a_size_makes_no_pdf(int from, int to, byte octet)
    {
        using var folder = new Folder();
        var torn = _jfif.ToArray();
        Array.Fill(torn, octet, from, to - from + 1);
        await File.WriteAllBytesAsync(folder.In("page.jpg"), torn, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<InvalidDataException>(() => PicturePdf.WriteAsync(Stream.Null, [folder.In("page.jpg")], TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Any_beginning_of_a_picture_is_refused_and_never_a_fault()
    {
        using var folder = new Folder();
        for (var length = 0; length < _jfif.Length - 11; length++)
        {
            await File.WriteAllBytesAsync(folder.In("page.jpg"), _jfif[..length], TestContext.Current.CancellationToken);
            Assert.Null(await JpegPicture.ReadAsync(folder.In("page.jpg"), TestContext.Current.CancellationToken));
        }
    }

    [Fact]
    public async Task A_page_is_as_large_as_its_picture_was_scanned()
    {
        using var folder = new Folder();
        await File.WriteAllBytesAsync(folder.In("page.jpg"), _jfif, TestContext.Current.CancellationToken);
        await using (var file = File.Create(folder.In("scan.pdf"))) await PicturePdf.WriteAsync(file, [folder.In("page.jpg"), folder.In("page.jpg")], TestContext.Current.CancellationToken);
        var text = await Tool.RunAsync("pdfinfo", "-l", "2", folder.In("scan.pdf"));
        Assert.Contains("Pages:           2", text.Output, StringComparison.Ordinal);
        Assert.Contains("595.2 x 1683.84", text.Output, StringComparison.Ordinal);
        var images = await Tool.RunAsync("pdfimages", "-list", folder.In("scan.pdf"));
        Assert.Contains("2480  3508  gray", images.Output, StringComparison.Ordinal);
    }
}
