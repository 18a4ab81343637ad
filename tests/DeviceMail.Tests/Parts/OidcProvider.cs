using System.Globalization;

namespace DeviceMail.Tests.Parts;

/// <summary>How the provider of a test behaves. The names and their meaning: tests/parts/sign-in/provider.mjs.</summary>
public sealed record OidcKnobs
{
    public int AccessSeconds { get; init; } = 3600;

    public int RefreshSeconds { get; init; } = 86_400;

    public int DeviceSeconds { get; init; } = 600;

    public int CodeSeconds { get; init; } = 60;

    /// <summary>Seconds between polls that the device answer names; null leaves the field out.</summary>
    public int? Interval { get; init; }

    /// <summary>So many token requests are answered slow_down.</summary>
    public int SlowDowns { get; init; }

    /// <summary>So many token requests after those are answered 503.</summary>
    public int Outages { get; init; }

    /// <summary>Where answers may go, beside http://127.0.0.1 and http://localhost with any port and the path / or /answer.</summary>
    public IReadOnlyList<Uri> RedirectAddresses { get; init; } = [];

    /// <summary>PEM file with the certificate of <see cref="OidcProvider.AppClientId"/>, as an administrator uploads it.</summary>
    public string? AppCertificateFile { get; init; }

    /// <summary>Its public keys as a JWK set, instead of a certificate. Without either there is no such client.</summary>
    public string? AppKeys { get; init; }

    /// <summary>The one aud that its assertion may have; null takes the issuer and the token endpoint.</summary>
    public AssertionAudience? AssertionAudience { get; init; }

    /// <summary>Its assertion must name the registered certificate (x5t#S256), as at Microsoft.</summary>
    public bool AssertionThumbprint { get; init; }

    /// <summary>The mailbox that a mail server is told for a token without a person.</summary>
    public string? AppUser { get; init; }

    /// <summary>Where it listens; null takes a free port. For a provider that is to come back at the same address.</summary>
    public int? Port { get; init; }

    /// <summary>Others of its variables, for example FORMAT = jwt or ROTATE = 0.</summary>
    public IReadOnlyDictionary<string, string?> More { get; init; } = new Dictionary<string, string?>();

    /// <summary>Serves https with this authority's good certificate; null serves http.</summary>
    public TestAuthority? Authority { get; init; }

    internal Dictionary<string, string?> Variables(int port)
    {
        static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
        return new Dictionary<string, string?>(More)
        {
            ["PORT"] = Text(port),
            ["ACCESS_SECONDS"] = Text(AccessSeconds),
            ["REFRESH_SECONDS"] = Text(RefreshSeconds),
            ["DEVICE_SECONDS"] = Text(DeviceSeconds),
            ["CODE_SECONDS"] = Text(CodeSeconds),
            ["REDIRECT_URIS"] = string.Join(' ', RedirectAddresses.Select(address => address.AbsoluteUri)),
            ["APP_CERTIFICATE"] = AppCertificateFile,
            ["JWKS"] = AppKeys,
            ["ASSERTION_AUDIENCE"] = AssertionAudience switch { Parts.AssertionAudience.Issuer => "issuer", Parts.AssertionAudience.TokenEndpoint => "token", _ => null },
            ["ASSERTION_THUMBPRINT"] = AssertionThumbprint ? "1" : null,
            ["APP_USER"] = AppUser,
            ["INTERVAL"] = Interval is { } seconds ? Text(seconds) : null,
            ["SLOW_DOWN"] = Text(SlowDowns),
            ["OUTAGE"] = Text(Outages),
            ["TLS_CERTIFICATE"] = Authority?.GoodFile,
            ["TLS_KEY"] = Authority?.GoodKeyFile,
        };
    }
}

public enum AssertionAudience
{
    Issuer,
    TokenEndpoint,
}

/// <summary>
/// npm's oidc-provider: device code flow, authorization code flow with PKCE, client credentials, rotating refresh tokens, reuse
/// detection, introspection, revocation.
/// </summary>
public sealed class OidcProvider : IAsyncDisposable
{
    /// <summary>A public client: codes of both kinds, refresh tokens.</summary>
    public const string ClientId = "devicemail";

    /// <summary>Client credentials, proved with a key (private_key_jwt, PS256).</summary>
    public const string AppClientId = "devicemail-app";

    /// <summary>Client credentials, proved with <see cref="Secret"/> in the request's body.</summary>
    public const string SecretClientId = "devicemail-secret";

    public const string Secret = "a secret for tests only";

    private readonly Part _part;
    private readonly string? _rootFile;

    private OidcProvider(Part part, int port, TestAuthority? authority)
    {
        (_part, Port, _rootFile) = (part, port, authority?.RootFile);
        Scheme = authority is null ? "http" : "https";
    }

    public int Port { get; }

    public string Issuer => $"{Scheme}://localhost:{Port}";

    public Uri AuthorizationEndpoint => new($"{Issuer}/auth");

    public Uri TokenEndpoint => new($"{Issuer}/token");

    /// <summary>Where a mail server asks about a token (RFC 7662), with its own credentials.</summary>
    public string IntrospectionAddress => $"{Scheme}://mailserver:mailserver-secret@localhost:{Port}/token/introspection";

    /// <summary>What the provider printed: its own faults.</summary>
    public string Log => _part.Said;

    private string Scheme { get; }

    public static async Task<OidcProvider> StartAsync(OidcKnobs? knobs = null)
    {
        knobs ??= new OidcKnobs();
        var port = knobs.Port ?? FreePort.Next();
        var call = new ToolCall("node", Part.Script("sign-in/provider.mjs")) { Environment = knobs.Variables(port) };
        return new OidcProvider(await Part.StartAsync($"127.0.0.1:{port}", call), port, knobs.Authority);
    }

    /// <summary>A person enters the code, signs in as that account and consents.</summary>
    public async Task ApproveAsync(string verificationAddress, string userCode, string account)
    {
        var result = await PersonAsync([verificationAddress, userCode, account]);
        if (result.ExitCode != 0) throw new InvalidOperationException($"The person could not sign in: {result}");
    }

    /// <summary>A person enters the code and says no.</summary>
    public async Task DeclineAsync(string verificationAddress, string userCode)
    {
        var result = await PersonAsync([verificationAddress, userCode, "nobody", "--decline"]);
        if (result.ExitCode != 0) throw new InvalidOperationException($"The person could not decline: {result}");
    }

    /// <summary>A person opens the address, signs in as that account and consents. Returns where the browser was sent, which nobody opened.</summary>
    public Task<Uri> AuthorizeAsync(Uri authorize, string account) => Person.AuthorizeAsync(authorize, account, _rootFile);

    /// <summary>A person opens the address and cancels. Returns where the browser was sent, which nobody opened.</summary>
    public Task<Uri> DeclineAsync(Uri authorize) => Person.DeclineAsync(authorize, _rootFile);

    public ValueTask DisposeAsync() => _part.DisposeAsync();

    private Task<ToolResult> PersonAsync(string[] arguments) =>
        Tool.RunAsync(Part.Script("sign-in/person.py"), _rootFile is null ? arguments : [.. arguments, "--ca", _rootFile]);
}
