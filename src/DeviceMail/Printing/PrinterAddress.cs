using System.Diagnostics.CodeAnalysis;

namespace DeviceMail.Printing;

/// <summary>Where a printer answers: ipp (RFC 8010) in the clear, ipps (RFC 7472) with TLS; port 631 unless another is named.</summary>
/// <param name="Ipp">As people write it and as the printer reads it.</param>
/// <param name="Http">Where the requests go.</param>
public sealed record PrinterAddress(Uri Ipp, Uri Http)
{
    private const int RegisteredPort = 631;

    /// <summary>The path of IPP Everywhere's printers (PWG 5100.14), where none is given.</summary>
    private const string UsualPath = "/ipp/print";

    public bool IsEncrypted => Http.Scheme == Uri.UriSchemeHttps;

    public string Host => Ipp.IdnHost;

    public override string ToString() => Ipp.AbsoluteUri;

    public static bool TryParse(string? text, [NotNullWhen(true)] out PrinterAddress? address)
    {
        address = null;
        if (!Uri.TryCreate(text?.Trim(), UriKind.Absolute, out var given) || given.Scheme is not ("ipp" or "ipps")) return false;
        if (given.Host.Length == 0 || given.UserInfo.Length > 0 || given.Fragment.Length > 0 || given.AbsoluteUri.Length > 1023) return false;
        var path = given.AbsolutePath is "" or "/" ? UsualPath : given.AbsolutePath;
        var port = given.Port <= 0 ? RegisteredPort : given.Port;
        var host = given.HostNameType == UriHostNameType.IPv6 ? $"[{given.IdnHost.Trim('[', ']')}]" : given.IdnHost.ToLowerInvariant();
        var shown = new Uri($"{given.Scheme}://{host}{(port == RegisteredPort ? "" : $":{port}")}{path}{given.Query}");
        address = new PrinterAddress(shown, new Uri($"{(given.Scheme == "ipps" ? "https" : "http")}://{host}:{port}{path}{given.Query}"));
        return true;
    }
}
