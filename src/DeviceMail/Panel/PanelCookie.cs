using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using DeviceMail.Web;

namespace DeviceMail.Panel;

/// <summary>
/// What makes a browser a panel: a key of 256 bits that no script and no other site can use. A browser that asks to be paired has a key of another
/// name, so that it never loses the one it has.
/// </summary>
internal static class PanelCookie
{
    public const string Paired = "__Host-devicemail-panel";
    public const string Asking = "__Host-devicemail-pairing";

    /// <summary>Browsers keep no cookie longer (RFC 6265bis 5.5); it is renewed while the panel is used.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(400);

    private const int KeyOctets = 32;

    public static string MakeKey() => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(KeyOctets));

    public static string HashOf(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <summary>The key that the browser shows under this name, or null.</summary>
    public static string? KeyIn(HttpContext context, string name) => context.Request.Cookies[name] is { Length: > 0 and < 100 } key ? key : null;

    public static void Set(HttpContext context, string name, string key) =>
        context.Response.Cookies.Append(name, key, new CookieOptions(Options) { MaxAge = name == Paired ? Life : PairingDesk.Life });

    public static void Delete(HttpContext context, string name) => context.Response.Cookies.Delete(name, Options);

    /// <summary>The address of the browser, as people write it.</summary>
    public static string ClientOf(HttpContext context) => $"{Plain(context.Client())}";

    private static IPAddress Plain(IPAddress client) => client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;

    private static CookieOptions Options => new() { Secure = true, HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/" };
}
