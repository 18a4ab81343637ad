using System.Collections.Concurrent;

namespace DeviceMail.Lab.Entra;

/// <summary>The redirect URIs of a registration. For http://localhost the port counts for nothing, as at Entra; all else must match exactly.</summary>
public sealed class RedirectUris
{
    public const string NativeClient = "https://login.microsoftonline.com/common/oauth2/nativeclient";

    private const string Loopback = "http://localhost";

    private readonly ConcurrentDictionary<string, byte> _exact = new(StringComparer.Ordinal);

    /// <param name="registered">Null: those that Microsoft suggests for a program.</param>
    public RedirectUris(IEnumerable<string>? registered = null)
    {
        foreach (var uri in registered ?? [Loopback, NativeClient])
            _exact[uri] = 0;
    }

    public IReadOnlyList<string> All => [.. _exact.Keys.Order(StringComparer.Ordinal)];

    public void Add(Uri uri) => _exact[uri.OriginalString] = 0;

    public bool Holds(string text)
    {
        if (_exact.ContainsKey(text))
            return true;
        return _exact.ContainsKey(Loopback)
            && Uri.TryCreate(text, UriKind.Absolute, out var uri)
            && uri is { Scheme: "http", Host: "localhost", AbsolutePath: "/", Query: "", Fragment: "" };
    }
}
