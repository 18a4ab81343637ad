using System.Reflection;
using System.Security.Cryptography;

namespace DeviceMail.Web;

/// <summary>Style, script and icon: built into the program, revalidated by their hash.</summary>
internal static class Assets
{
    public static void MapAssets(this WebApplication app)
    {
        Map(app, "app.css", "text/css; charset=utf-8");
        Map(app, "app.js", "text/javascript; charset=utf-8");
        Map(app, "icon.svg", "image/svg+xml");
    }

    private static void Map(WebApplication app, string name, string type)
    {
        var asset = new Lazy<(byte[] Octets, string Tag)>(() => Read(name));
        app.MapGet("/" + name, IResult (HttpContext context) =>
        {
            var (octets, tag) = asset.Value;
            context.Response.Headers.CacheControl = "no-cache";
            context.Response.Headers.ETag = tag;
            return context.Request.Headers.IfNoneMatch == tag ? Results.StatusCode(StatusCodes.Status304NotModified) : Results.Bytes(octets, type);
        }).WithMetadata(new OpenPage());
    }

    private static (byte[] Octets, string Tag) Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"DeviceMail.Web.{name}")!;
        var octets = new byte[stream.Length];
        stream.ReadExactly(octets);
        return (octets, $"\"{Convert.ToHexStringLower(SHA256.HashData(octets).AsSpan(0, 12))}\"");
    }
}
