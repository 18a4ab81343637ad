using System.Globalization;

namespace DeviceMail.Tests.Parts;

/// <summary>How the second provider behaves. The names and their meaning: tests/parts/second-provider/provider.mjs.</summary>
public sealed record SecondProviderKnobs
{
    public int AccessSeconds { get; init; } = 3600;

    public int RefreshSeconds { get; init; } = 86_400;

    public int CodeSeconds { get; init; } = 60;

    /// <summary>False keeps one refresh token for good, and later answers do not repeat it.</summary>
    public bool Rotates { get; init; } = true;

    /// <summary>Serves the document of RFC 8414.</summary>
    public bool Metadata { get; init; } = true;

    /// <summary>Puts the issuer in each answer (RFC 9207).</summary>
    public bool NamesItself { get; init; }

    /// <summary>Where answers may go, beside http://127.0.0.1 and http://localhost with any port and the path / or /answer.</summary>
    public IReadOnlyList<Uri> RedirectAddresses { get; init; } = [];

    /// <summary>The mailbox of a token without a person.</summary>
    public string AppUser { get; init; } = "app@example.test";

    /// <summary>Serves https with this authority's good certificate; null serves http.</summary>
    public TestAuthority? Authority { get; init; }

    /// <summary>Where it listens; null takes a free port.</summary>
    public int? Port { get; init; }

    internal Dictionary<string, string?> Variables(int port)
    {
        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
        static string Flag(bool set) => set ? "1" : "0";
        return new Dictionary<string, string?>
        {
            ["PORT"] = Text(port),
            ["ACCESS_SECONDS"] = Text(AccessSeconds),
            ["REFRESH_SECONDS"] = Text(RefreshSeconds),
            ["CODE_SECONDS"] = Text(CodeSeconds),
            ["ROTATE"] = Flag(Rotates),
            ["METADATA"] = Flag(Metadata),
            ["ISS"] = Flag(NamesItself),
            ["REDIRECT_URIS"] = string.Join(' ', RedirectAddresses.Select(address => address.AbsoluteUri)),
            ["APP_USER"] = AppUser,
            ["TLS_CERTIFICATE"] = Authority?.GoodFile,
            ["TLS_KEY"] = Authority?.GoodKeyFile,
        };
    }
}

/// <summary>
/// npm's @node-oauth/oauth2-server, which shares nothing with <see cref="OidcProvider"/>: OAuth 2.0 without OpenID Connect.
/// Authorization code flow with PKCE, rotating refresh tokens, client credentials with a secret.
/// </summary>
public sealed class SecondProvider : IAsyncDisposable
{
    /// <summary>A public client: authorization codes and refresh tokens.</summary>
    public const string ClientId = "devicemail";

    /// <summary>The same and client credentials, with <see cref="Secret"/> in the request's body.</summary>
    public const string SecretClientId = "devicemail-secret";

    public const string Secret = "a secret for tests only";

    private readonly Part _part;
    private readonly string? _rootFile;

    private SecondProvider(Part part, int port, TestAuthority? authority)
    {
        (_part, Port, _rootFile) = (part, port, authority?.RootFile);
        Scheme = authority is null ? "http" : "https";
    }

    public int Port { get; }

    public string Issuer => $"{Scheme}://localhost:{Port}";

    public Uri AuthorizationEndpoint => new($"{Issuer}/authorize");

    public Uri TokenEndpoint => new($"{Issuer}/token");

    /// <summary>Where a mail server asks about a token (RFC 7662), with its own credentials.</summary>
    public string IntrospectionAddress => $"{Scheme}://mailserver:mailserver-secret@localhost:{Port}/introspect";

    /// <summary>What the provider printed: its own faults.</summary>
    public string Log => _part.Said;

    private string Scheme { get; }

    public static async Task<SecondProvider> StartAsync(SecondProviderKnobs? knobs = null)
    {
        knobs ??= new SecondProviderKnobs();
        var port = knobs.Port ?? FreePort.Next();
        var call = new ToolCall("node", Part.Script("second-provider/provider.mjs")) { Environment = knobs.Variables(port) };
        return new SecondProvider(await Part.StartAsync($"127.0.0.1:{port}", call), port, knobs.Authority);
    }

    /// <summary>A person opens the address, signs in as that account and consents. Returns where the browser was sent, which nobody opened.</summary>
    public Task<Uri> AuthorizeAsync(Uri authorize, string account) => Person.AuthorizeAsync(authorize, account, _rootFile);

    /// <summary>A person opens the address and says no. Returns where the browser was sent, which nobody opened.</summary>
    public Task<Uri> DeclineAsync(Uri authorize) => Person.DeclineAsync(authorize, _rootFile);

    public ValueTask DisposeAsync() => _part.DisposeAsync();
}
