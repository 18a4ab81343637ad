using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace DeviceMail.Bench;

/// <summary>Where DeviceMail sends to, as the options of <c>accounts add</c>.</summary>
public sealed record Upstream(string Host, int Port, IReadOnlyList<string> Options)
{
    /// <summary>No sign-in and no TLS.</summary>
    public static Upstream Clear(int port) => new("127.0.0.1", port, ["--method", "off", "--security", "none"]);

    /// <summary>What to do once the service runs: the person's part of a sign-in.</summary>
    public IReadOnlyList<string>? Then { get; init; }

    /// <summary>An authority that the account's server is trusted by, in PEM.</summary>
    public string? RootPem { get; init; }
}

/// <summary>DeviceMail as it is shipped, in a data folder of its own, claimed, with one account and this machine's addresses allowed.</summary>
public sealed class Gateway : IMailServer
{
    public const string Account = "gateway@example.test";

    private static readonly string[] Listening = ["--smtps", "off", "--http", "off", "--log", "warning"];

    private readonly BenchOptions _options;
    private readonly string _folder;
    private ChildProcess? _service;

    private Gateway(BenchOptions options)
    {
        (_options, _folder) = (options, Path.Combine(options.Work, "devicemail"));
        (Port, WebPort) = (ChildProcess.FreePort(), ChildProcess.FreePort());
    }

    public int Port { get; }

    public Credentials? Device { get; private set; }

    public string Folder => _folder;

    public int WebPort { get; }

    public string AdministratorPassword { get; } = $"bench {Guid.NewGuid():N}";

    public static async Task<Gateway> StartAsync(BenchOptions options, Case what, Upstream upstream, CancellationToken cancel)
    {
        var gateway = new Gateway(options);
        try
        {
            await gateway.SetUpAsync(what, upstream, cancel);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the service and starts it again on its folder.</summary>
    /// <returns>The time from the start of the program to the first octets of its SMTP banner.</returns>
    public async Task<TimeSpan> RestartAsync(CancellationToken cancel)
    {
        await EndAsync();
        var start = TimeProvider.System.GetTimestamp();
        _service = Run();
        await BannerAsync(cancel);
        return TimeProvider.System.GetElapsedTime(start);
    }

    public async Task EndAsync()
    {
        if (_service is not null) await _service.DisposeAsync();
        _service = null;
    }

    /// <summary>VmHWM or VmRSS of the service, in MB.</summary>
    public Task<double> MegabytesAsync(string line) => _service!.MegabytesAsync(line);

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private async Task SetUpAsync(Case what, Upstream upstream, CancellationToken cancel)
    {
        var roots = Directory.CreateDirectory(Path.Combine(_folder, "trusted-roots"));
        if (upstream.RootPem is { } pem) await File.WriteAllTextAsync(Path.Combine(roots.FullName, "bench.pem"), pem, cancel);
        var password = Path.Combine(_options.Work, "administrator");
        await File.WriteAllTextAsync(password, AdministratorPassword, cancel);
        _service = Run(new Dictionary<string, string> { ["DEVICEMAIL_ADMIN_PASSWORD_FILE"] = password, ["DEVICEMAIL_ADMIN_ADDRESS"] = "admin@example.test" });
        await _service.WaitForAsync("DeviceMail is ready", cancel);
        await CallAsync(["accounts", "add", Account, "--provider", "custom", "--host", upstream.Host, "--port", $"{upstream.Port}", .. upstream.Options, "--default"], cancel);
        if (what.Flow == Flow.Held) await CallAsync(["accounts", "pause", Account], cancel);
        // smtp-source opens its next connection before the server has noticed that the last one is gone.
        await CallAsync(["settings", "set", "receiving.max-connections-per-address", "500"], cancel);
        if (what.SignIn == SignIn.Password) Device = await AddDeviceAsync(cancel);
        else await CallAsync(["devices", "allow", "127.0.0.0/8", "--name", "bench"], cancel);
        if (upstream.Then is { } then) await CallAsync(then, cancel);
    }

    private async Task<Credentials> AddDeviceAsync(CancellationToken cancel)
    {
        using var made = JsonDocument.Parse(await CallAsync(["devices", "add", "bench", "--range", "127.0.0.0/8", "--habit", "+no-tls", "--json"], cancel));
        return new Credentials(made.RootElement.GetProperty("userName").GetString()!, made.RootElement.GetProperty("password").GetString()!);
    }

    private ChildProcess Run(IReadOnlyDictionary<string, string>? environment = null) => ChildProcess.Start(_options.Program,
        ["run", "--data", _folder, "--smtp", $"127.0.0.1:{Port}", "--web", $"127.0.0.1:{WebPort}", .. Listening], environment);

    private Task<string> CallAsync(IEnumerable<string> arguments, CancellationToken cancel) =>
        ChildProcess.RunAsync(_options.Program, ["--data", _folder, .. arguments], cancel);

    /// <summary>Connects as soon as that is possible, and waits for the first octets.</summary>
    private async Task BannerAsync(CancellationToken cancel)
    {
        var octets = new byte[512];
        for (var patience = Stopwatch.StartNew(); patience.Elapsed < TimeSpan.FromSeconds(20);)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            try
            {
                await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), cancel);
            }
            catch (SocketException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, cancel);
                continue;
            }
            var count = await socket.ReceiveAsync(octets, cancel);
            if (count > 3 && octets.AsSpan().StartsWith("220"u8)) return;
            throw new BenchFailedException($"The gateway greets with “{System.Text.Encoding.ASCII.GetString(octets, 0, count).Trim()}”.");
        }
        throw new BenchFailedException($"The gateway does not listen: {_service!.Said}");
    }
}
