using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using DeviceMail.Control;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Web;

namespace DeviceMail;

/// <summary><c>devicemail run</c>: the service itself, in the foreground until it is told to end.</summary>
public static class RunCommand
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(10);

    public static Command Create(CommandFrame frame)
    {
        var command = new Command("run", "Run the gateway until it is told to end (Ctrl-C, SIGTERM)");
        List<Option<string>> options =
        [
            Address("--smtp", "Where devices hand in mail, STARTTLS offered [2525]"),
            Address("--smtps", "The same with TLS from the first octet [2465]"),
            Address("--web", "Web Config, by https [8443]"),
            Address("--http", "Redirects to Web Config [8080]"),
            new("--log") { Description = "The least level of log lines [information]", HelpName = "debug|information|warning|error" },
        ];
        foreach (var option in options) command.Add(option);
        command.SetAction(async (arguments, cancel) =>
        {
            var given = options.Select(option => KeyValuePair.Create(option.Name.TrimStart('-'), arguments.GetValue(option)));
            await ServeAsync(StartConfiguration.Load(given), frame.DataPath(arguments), arguments.InvocationConfiguration.Output, cancel);
            return 0;
        });
        return command;
    }

    private static Option<string> Address(string name, string description) => new(name) { Description = description, HelpName = "[ADDRESS:]PORT|off" };

    private static async Task ServeAsync(StartConfiguration configuration, string dataPath, TextWriter to, CancellationToken cancel)
    {
        var start = configuration.ToOptions(dataPath);
        await using var app = DeviceMailHost.Build(start);
        var claim = app.Services.GetRequiredService<Claim>();
        // Files that are wrong are told of now: before anything has begun, and not when the first device comes.
        _ = app.Services.GetRequiredService<ServerCertificate>();
        _ = app.Services.GetServices<IHostedService>();
        if (configuration.AdministratorPasswordFile is { } file)
            await claim.ClaimUnattendedAsync(configuration.AdministratorAddress ?? "", await ReadPasswordAsync(file, cancel));
        try
        {
            await StartAsync(app, start, cancel);
            foreach (var listener in app.Services.GetRequiredService<Listeners>().All) to.WriteLine($"{listener.Name} at {listener.Address}");
            if (!claim.IsClaimed) ClaimCommands.Print(ClaimControl.Offer(app.Services, claim.Code ?? claim.MakeCode()), to);
            to.WriteLine("DeviceMail is ready");
            to.Flush();
            await app.WaitForShutdownAsync(cancel);
        }
        finally
        {
            // A start that failed half-way has begun things too.
            using var late = new CancellationTokenSource(LongestEnd);
            await app.StopAsync(late.Token);
        }
    }

    private static async Task<string> ReadPasswordAsync(string file, CancellationToken cancel)
    {
        try
        {
            return (await File.ReadAllTextAsync(file, cancel)).TrimEnd('\r', '\n');
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"DEVICEMAIL_ADMIN_PASSWORD_FILE names {file}, which cannot be read ({fault.Message}).");
        }
    }

    /// <exception cref="StartRefusedException">An address cannot be listened on; the sentence names its option.</exception>
    private static async Task StartAsync(WebApplication app, StartOptions start, CancellationToken cancel)
    {
        try
        {
            await app.StartAsync(cancel);
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            throw new StartRefusedException(Explain(start) ?? $"The gateway cannot listen: {fault.Message}");
        }
    }

    private static string? Explain(StartOptions start)
    {
        var asked = start.Smtp.Select(one => (Option: one.Tls == TlsMode.Implicit ? "--smtps" : "--smtp", Address: (IPEndPoint?)one.Address))
            .Append(("--web", start.Web)).Append(("--http", start.Http));
        foreach (var (option, address) in asked)
        {
            if (address is null) continue;
            switch (TryToListen(address))
            {
                case null: continue;
                case SocketError.AddressAlreadyInUse: return $"Another program listens on {address} already; choose another port with {option}.";
                case SocketError.AccessDenied: return $"This user may not listen on {address}; choose a port from 1024 on with {option}, or give the program the right (CAP_NET_BIND_SERVICE).";
                case SocketError.AddressNotAvailable: return $"This machine has no address {address.Address}; choose another with {option}.";
                case var other: return $"{address} of {option} cannot be listened on ({other}).";
            }
        }
        return null;
    }

    private static SocketError? TryToListen(IPEndPoint address)
    {
        try
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            if (address.AddressFamily == AddressFamily.InterNetworkV6) socket.DualMode = address.Address.Equals(IPAddress.IPv6Any);
            socket.Bind(address);
            socket.Listen();
            return null;
        }
        catch (SocketException fault)
        {
            return fault.SocketErrorCode;
        }
    }
}
