namespace DeviceMail.Bench;

/// <summary>The project's private Postfix (tests/parts/postfix), on the same disk; with Dovecot's sign-in service where a case signs in.</summary>
public sealed class Baseline : IMailServer
{
    private readonly string _folder;
    private readonly List<ChildProcess> _parts = [];

    private Baseline(string folder, int port) => (_folder, Port) = (folder, port);

    public int Port { get; }

    public Credentials? Device { get; private set; }

    public static async Task<Baseline> StartAsync(BenchOptions options, Case what, int sinkPort, CancellationToken cancel)
    {
        var parts = Path.Combine(options.Root, "tests", "parts");
        var postfix = new Baseline(Path.Combine(options.Work, "postfix"), ChildProcess.FreePort());
        try
        {
            var socket = Path.Combine(options.Work, "auth", "run", "postfix-auth");
            if (what.SignIn == SignIn.Password)
            {
                postfix.Device = new Credentials("printer", "a password of a printer");
                var auth = ChildProcess.Start(Path.Combine(parts, "guard"),
                    ["--", Path.Combine(parts, "dovecot", "passwords"), Path.Combine(options.Work, "auth"), postfix.Device.User, postfix.Device.Password]);
                postfix._parts.Add(auth);
                for (var tries = 0; !File.Exists(socket) && tries < 500; tries++) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, cancel);
                if (!File.Exists(socket)) throw new BenchFailedException($"Dovecot's sign-in service does not start: {auth.Said}");
            }
            List<string> arguments = ["--ready", $"127.0.0.1:{postfix.Port}", "--", Path.Combine(parts, "postfix", "server"),
                postfix._folder, $"{postfix.Port}", what.Flow == Flow.Held ? "held" : "relay", $"{sinkPort}"];
            if (postfix.Device is not null) arguments.Add(socket);
            var server = ChildProcess.Start(Path.Combine(parts, "guard"), arguments, new Dictionary<string, string> { ["LOG_PREFIX"] = options.Work });
            postfix._parts.Add(server);
            await server.WaitForAsync("ready ", cancel);
            return postfix;
        }
        catch
        {
            await postfix.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        for (var at = _parts.Count - 1; at >= 0; at--) await _parts[at].DisposeAsync();
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }
}
