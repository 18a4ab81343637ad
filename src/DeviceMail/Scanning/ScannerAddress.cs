using System.Diagnostics.CodeAnalysis;

namespace DeviceMail.Scanning;

/// <summary>Where a scanner's eSCL service answers, by http or https. The path is /eSCL unless another is named; a host alone is an address too.</summary>
/// <param name="Root">Ends with a slash: what is asked for lies below it.</param>
public sealed record ScannerAddress(Uri Root)
{
    /// <summary>Where nearly every scanner has it (Mopria eSCL, the TXT record's rs).</summary>
    internal const string UsualPath = "/eSCL/";

    private const int LongestAddress = 1_023;

    public bool IsEncrypted => Root.Scheme == Uri.UriSchemeHttps;

    /// <summary>As certificates name it.</summary>
    public string Host => Root.IdnHost;

    /// <summary>The same by https, at its usual port.</summary>
    internal ScannerAddress Encrypted => new(new UriBuilder(Root) { Scheme = Uri.UriSchemeHttps, Port = -1 }.Uri);

    public override string ToString() => Root.AbsoluteUri;

    public static bool TryParse(string? text, [NotNullWhen(true)] out ScannerAddress? address)
    {
        address = null;
        var typed = text?.Trim() ?? "";
        if (typed.Length is 0 or > LongestAddress || typed.Any(one => one <= ' ' || one is '\\' or '"' or '<' or '>')) return false;
        if (!typed.Contains("://", StringComparison.Ordinal)) typed = $"http://{(typed.Count(one => one == ':') > 1 && typed[0] != '[' ? $"[{typed}]" : typed)}";
        if (!Uri.TryCreate(typed, UriKind.Absolute, out var given) || given.Scheme is not ("http" or "https")) return false;
        if (given.Host.Length == 0 || given.UserInfo.Length > 0 || given.Fragment.Length > 0 || given.Query.Length > 0 || given.Port <= 0) return false;
        var path = given.AbsolutePath is "" or "/" ? UsualPath : $"{given.AbsolutePath.TrimEnd('/')}/";
        var host = given.HostNameType == UriHostNameType.IPv6 ? $"[{given.IdnHost.Trim('[', ']')}]" : given.IdnHost.ToLowerInvariant();
        address = new ScannerAddress(new Uri($"{given.Scheme}://{host}{(given.IsDefaultPort ? "" : $":{given.Port}")}{path}"));
        return true;
    }
}
