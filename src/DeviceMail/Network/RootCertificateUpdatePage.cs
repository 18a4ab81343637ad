using DeviceMail.Web;

namespace DeviceMail.Network;

/// <param name="Shell">What stands around.</param>
/// <param name="InUse">The roots that vouch now.</param>
/// <param name="Own">CA certificates beside them.</param>
public sealed record RootCertificateUpdateModel(PageShell Shell, RootsInUse InUse, int Own)
{
    public required RootsInUse OfSystem { get; init; }

    public string? Fault { get; init; }

    public bool IsUpdated { get; init; }
}

/// <summary>Network Security > Root Certificate Update.</summary>
internal static class RootCertificateUpdatePage
{
    public const string Address = "/root-certificate-update";

    public static void MapRootCertificateUpdate(this WebApplication app)
    {
        app.MapGet(Address, IResult (HttpContext context) => Show(context, null));
        app.MapPost(Address, async Task<IResult> (HttpContext context) =>
        {
            var posted = await context.Request.ReadFormAsync();
            var roots = context.Part<RootCertificates>();
            if (posted["do"] == "system") await roots.UseSystemAsync();
            else if (await roots.UseFileAsync(await UploadedFile.ReadAsync(posted)) is { } fault) return Show(context, fault);
            return Redirects.See($"{Address}?updated=1");
        }).WithMetadata(new AsksPassword("to change whom the gateway trusts"));
    }

    private static RazorSlices.RazorSlice<RootCertificateUpdateModel> Show(HttpContext context, string? fault)
    {
        var shell = context.Part<PageShells>().For(context, Menu.RootCertificateUpdate, "Root Certificate Update");
        var page = RootCertificateUpdateView.Create(new RootCertificateUpdateModel(shell, context.Part<RootCertificates>().InUse, context.Part<CaCertificates>().All.Count)
        {
            OfSystem = RootCertificates.OfSystem,
            Fault = fault,
            IsUpdated = fault is null && context.Request.Query["updated"] == "1",
        });
        if (fault is not null) page.StatusCode = StatusCodes.Status422UnprocessableEntity;
        return page;
    }
}
