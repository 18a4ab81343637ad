using System.CommandLine;
using System.Net;
using DeviceMail.Control;
using DeviceMail.Settings;
using DeviceMail.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DeviceMail.Tests.Kit;

/// <summary>The four things in which a gateway in this process and one in a process of its own differ.</summary>
/// <param name="StartAsync">Starts it on its folder, claimed; answers where it takes mail.</param>
/// <param name="EndAsync">Ends it as an administrator would.</param>
/// <param name="KillAsync">Ends it as a power cut would.</param>
/// <param name="Command">Runs the command line to its end.</param>
public sealed record GatewayDriver(Func<Task<int>> StartAsync, Func<Task> EndAsync, Func<Task> KillAsync, Func<string[], Task<CommandEnd>> Command)
{
    public const string Administrator = "admin@contoso.example", Password = "correct horse battery";

    private static readonly TimeSpan _longestCommand = TimeSpan.FromSeconds(60);

    /// <summary>The id of the process that runs the gateway.</summary>
    public required Func<int> ProcessId { get; init; }

    public static GatewayDriver InThisProcess(string dataPath)
    {
        WebApplication? app = null;
        async Task<int> StartAsync()
        {
            app = DeviceMailHost.Build(new StartOptions
            {
                DataPath = dataPath,
                Smtp = [new SmtpEndpoint(new IPEndPoint(IPAddress.Loopback, 0), TlsMode.StartTls)],
                Web = null,
                Http = null,
                LogLevel = LogLevel.Error,
            });
            await app.Services.GetRequiredService<Claim>().ClaimUnattendedAsync(Administrator, Password);
            await app.StartAsync();
            return app.Services.GetRequiredService<Listeners>().Find("SMTP")!.Port;
        }
        async Task EndAsync()
        {
            if (app is null) return;
            await app.StopAsync();
            await app.DisposeAsync();
            app = null;
        }
        Task KillAsync() => throw new InvalidOperationException("A gateway in this process cannot be killed: start the story with Gateway.StartProcessAsync.");
        return new GatewayDriver(StartAsync, EndAsync, KillAsync, CommandAsync) { ProcessId = () => Environment.ProcessId };
    }

    public static GatewayDriver InItsOwnProcess(string dataPath, string passwordFile)
    {
        File.WriteAllText(passwordFile, Password);
        var environment = new Dictionary<string, string?> { ["DEVICEMAIL_ADMIN_PASSWORD_FILE"] = passwordFile, ["DEVICEMAIL_ADMIN_ADDRESS"] = Administrator };
        RunningProgram? program = null;
        async Task<int> StartAsync()
        {
            program = await RunningProgram.StartAsync(dataPath, environment);
            return program.SmtpPort;
        }
        async Task EndAsync()
        {
            if (program is null) return;
            await using (program) Assert.Equal(0, await program.EndAsync());
            program = null;
        }
        async Task KillAsync()
        {
            await using (program) await program!.KillAsync();
            program = null;
        }
        return new GatewayDriver(StartAsync, EndAsync, KillAsync, ProgramFile.RunAsync) { ProcessId = () => program!.Id };
    }

    /// <summary>The command line in this process: the same code, without its Main.</summary>
    public static async Task<CommandEnd> CommandAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var settings = new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error, ProcessTerminationTimeout = null };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(_longestCommand);
        var code = await CommandLine.RunAsync(arguments, settings, limit.Token);
        return new CommandEnd(code, output.ToString(), error.ToString());
    }
}
