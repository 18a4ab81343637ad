using System.Globalization;

namespace DeviceMail.Tests.Parts;

/// <summary>How the provider of a test behaves. The names and their meaning: tests/parts/sign-in/provider.mjs.</summary>
public sealed record OidcKnobs
{
    public int AccessSeconds { get; init; } = 3600;

    public int RefreshSeconds { get; init; } = 86_400;

    public int DeviceSeconds { get; init; } = 600;

    /// <summary>Seconds between polls that the device answer names; null leaves the field out.</summary>
    public int? Interval { get; init; }

    /// <summary>So many token requests are answered slow_down.</summary>
    public int SlowDowns { get; init; }

    /// <summary>So many token requests after those are answered 503.</summary>
    public int Outages { get; init; }

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
            ["INTERVAL"] = Interval is { } seconds ? Text(seconds) : null,
            ["SLOW_DOWN"] = Text(SlowDowns),
            ["OUTAGE"] = Text(Outages),
            ["TLS_CERTIFICATE"] = Authority?.GoodFile,
            ["TLS_KEY"] = Authority?.GoodKeyFile,
        };
    }
}

/// <summary>npm's oidc-provider: device code flow, rotating refresh tokens, reuse detection, introspection, revocation.</summary>
public sealed class OidcProvider : IAsyncDisposable
{
    public const string ClientId = "devicemail";

    private readonly Part _part;
    private readonly string? _rootFile;

    private OidcProvider(Part part, int port, TestAuthority? authority)
    {
        (_part, Port, _rootFile) = (part, port, authority?.RootFile);
        Scheme = authority is null ? "http" : "https";
    }

    public int Port { get; }

    public string Issuer => $"{Scheme}://localhost:{Port}";

    /// <summary>Where a mail server asks about a token (RFC 7662), with its own credentials.</summary>
    public string IntrospectionAddress => $"{Scheme}://mailserver:mailserver-secret@localhost:{Port}/token/introspection";

    /// <summary>What the provider printed: its own faults.</summary>
    public string Log => _part.Said;

    private string Scheme { get; }

    public static async Task<OidcProvider> StartAsync(OidcKnobs? knobs = null)
    {
        knobs ??= new OidcKnobs();
        var port = FreePort.Next();
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

    public ValueTask DisposeAsync() => _part.DisposeAsync();

    private Task<ToolResult> PersonAsync(string[] arguments) =>
        Tool.RunAsync(Part.Script("sign-in/person.py"), _rootFile is null ? arguments : [.. arguments, "--ca", _rootFile]);
}
