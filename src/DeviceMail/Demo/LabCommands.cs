using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using DeviceMail.Lab;
using DeviceMail.Settings;
using DeviceMail.Storage;

namespace DeviceMail.Demo;

/// <summary><c>devicemail lab</c>: the pretend Microsoft 365 alone, to try a gateway or a device against.</summary>
public static class LabCommands
{
    public static Command Create()
    {
        var web = new Option<string>("--web") { Description = "Where its pages and its sign-in service are", HelpName = "[ADDRESS:]PORT", DefaultValueFactory = _ => "127.0.0.1:8081" };
        var smtp = new Option<string>("--smtp") { Description = "Where its mail server is, on the same address", HelpName = "PORT", DefaultValueFactory = _ => "1587" };
        var root = new Option<string?>("--root") { Description = "Write the certificate authority of its mail server to this file", HelpName = "FILE" };
        var https = new Option<string?>("--scanner-https") { Description = "Where its scanner speaks with TLS too, on the same address", HelpName = "PORT" };
        var announce = new Option<bool>("--announce") { Description = "Let its scanner be found in the network (mDNS)" };
        var command = new Command("lab", "Run a pretend Microsoft 365 until it is told to end (Ctrl-C)") { web, smtp, root, https, announce };
        command.SetAction(async (arguments, cancel) =>
        {
            var address = AddressOf(arguments.GetRequiredValue(web));
            if (!ushort.TryParse(arguments.GetValue(smtp), out var smtpPort)) throw new WrongUseException($"--smtp cannot be “{arguments.GetValue(smtp)}”: it must be a port.");
            var options = new LabOptions
            {
                Address = address.Address,
                WebPort = address.Port,
                SmtpPort = smtpPort,
                ScannerHttpsPort = HttpsPortOf(arguments.GetValue(https)),
                Announces = arguments.GetValue(announce),
            };
            await using var cloud = await StartAsync(options, cancel);
            if (arguments.GetValue(root) is { } file) await WriteRootAsync(file, cloud.RootCertificatePem, cancel);
            var to = arguments.InvocationConfiguration.Output;
            to.WriteLine($"The PRETEND Microsoft 365 is at {cloud.Web}, its mail server at {cloud.Smtp} (STARTTLS). Its first page says what to enter.");
            to.WriteLine($"A PRETEND scanner (eSCL) is at {cloud.Scanner.Address}{(cloud.Scanner.HttpsAddress is { } encrypted ? $" and {encrypted}" : "")}; what lies in its feeder and what goes wrong is set at {new Uri(cloud.Web, "scanner")}.");
            to.Flush();
            await EndOf(cancel);
            return 0;
        });
        return command;
    }

    private static async Task WriteRootAsync(string file, string pem, CancellationToken cancel)
    {
        try
        {
            await File.WriteAllTextAsync(file, pem, cancel);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new WrongUseException($"--root cannot be “{file}” ({fault.Message}).");
        }
    }

    private static int? HttpsPortOf(string? text) =>
        text is null ? null : ushort.TryParse(text, out var port) ? port : throw new WrongUseException($"--scanner-https cannot be “{text}”: it must be a port.");

    private static IPEndPoint AddressOf(string text)
    {
        if (ushort.TryParse(text, out var port)) return new IPEndPoint(IPAddress.Loopback, port);
        return StartConfiguration.TryReadAddress(text, out var address) ? address : throw new WrongUseException($"--web cannot be “{text}”: it must be ADDRESS:PORT or PORT.");
    }

    private static async Task<PretendCloud> StartAsync(LabOptions options, CancellationToken cancel)
    {
        try
        {
            return await PretendCloud.StartAsync(options, cancel);
        }
        catch (Exception fault) when (fault is IOException or SocketException)
        {
            throw new StartRefusedException($"The lab cannot listen on {options.Address} ports {options.WebPort} and {options.SmtpPort} ({fault.Message}); choose others with --web and --smtp.");
        }
    }

    private static async Task EndOf(CancellationToken cancel)
    {
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
        }
        catch (OperationCanceledException)
        {
            // Told to end.
        }
    }
}
