using System.Text;
using DeviceMail.Web;

namespace DeviceMail.Network;

/// <param name="Shell">What stands around.</param>
/// <param name="All">What is trusted.</param>
/// <param name="Now">The gateway's time.</param>
public sealed record CaCertificateModel(PageShell Shell, IReadOnlyList<CertificateLine> All, DateTimeOffset Now)
{
    /// <summary>Files in the folder that hold no certificate.</summary>
    public IReadOnlyList<string> Unreadable { get; init; } = [];

    public string? Fault { get; init; }

    /// <summary>What the last press did, or null.</summary>
    public string? Done { get; init; }
}

/// <summary>Network Security > CA Certificate.</summary>
internal static class CaCertificatePage
{
    public const string Address = "/ca-certificate";

    public static void MapCaCertificate(this WebApplication app)
    {
        app.MapGet(Address, IResult (HttpContext context) => Show(context, null));
        app.MapPost(Address, async Task<IResult> (HttpContext context) =>
        {
            var posted = await context.Request.ReadFormAsync();
            var certificates = context.Part<CaCertificates>();
            if (posted["do"] == "remove")
            {
                await certificates.RemoveAsync(posted["fingerprint"].ToString());
                return Redirects.See($"{Address}?removed=1");
            }
            return await certificates.ImportAsync(await UploadedFile.ReadAsync(posted)) switch
            {
                CertificateImport.Imported imported => Redirects.See($"{Address}?imported={imported.Added.Count}&known={imported.Known}"),
                CertificateImport.Refused refused => Show(context, refused.Sentence),
                var other => throw new InvalidOperationException($"{other} is no outcome."),
            };
        }).WithMetadata(new AsksPassword("to change whom the gateway trusts"));
    }

    private static RazorSlices.RazorSlice<CaCertificateModel> Show(HttpContext context, string? fault)
    {
        var certificates = context.Part<CaCertificates>();
        var shell = context.Part<PageShells>().For(context, Menu.CaCertificate, "CA Certificate");
        var page = CaCertificateView.Create(new CaCertificateModel(shell, certificates.All, context.Part<TimeProvider>().GetUtcNow())
        {
            Unreadable = certificates.Unreadable,
            Fault = fault,
            Done = fault is null ? DoneWords(context.Request.Query) : null,
        });
        if (fault is not null) page.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return page;
    }

    private static string? DoneWords(IQueryCollection query)
    {
        if (query["removed"] == "1") return "Removed. Servers that it alone vouches for are no longer trusted.";
        if (!int.TryParse(query["imported"], out var added)) return null;
        return added switch
        {
            0 => "Nothing was imported: this certificate is trusted already.",
            1 => "Imported. Servers that it vouches for are trusted from now on.",
            _ => $"{added} certificates were imported. Servers that they vouch for are trusted from now on.",
        };
    }
}

/// <summary>A certificate file of a form: uploaded in the field “file”, or pasted in the field “text”.</summary>
internal static class UploadedFile
{
    public static async Task<byte[]> ReadAsync(IFormCollection posted)
    {
        if (posted.Files["file"] is not { Length: > 0 } file) return Encoding.UTF8.GetBytes(posted["text"].ToString());
        using var octets = new MemoryStream();
        await file.CopyToAsync(octets);
        return octets.ToArray();
    }
}
