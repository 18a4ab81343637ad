using System.Text.Json;
using DeviceMail.Lab;
using DeviceMail.Lab.Entra;
using DeviceMail.Lab.Mailboxes;

namespace DeviceMail.Tests.Kit;

/// <summary>
/// A gateway in front of the pretend Microsoft 365, as a story needs it: a story is written once and asks the gateway by nothing but SMTP and the
/// command line. It runs in this process, or, when DEVICEMAIL_BINARY names one, against the published program. The account
/// scan@contoso.example is set up and this machine is an allowed device; nobody is signed in.
/// </summary>
public sealed class Gateway : IAsyncDisposable
{
    public const string Mailbox = "scan@contoso.example";

    private readonly Folder _folder;
    private readonly GatewayDriver _driver;

    private Gateway(PretendCloud lab, Folder folder, string dataPath, GatewayDriver driver) => (Lab, _folder, DataPath, _driver) = (lab, folder, dataPath, driver);

    public PretendCloud Lab { get; }

    public string DataPath { get; }

    /// <summary>Where it takes mail; another port after each start.</summary>
    public int SmtpPort { get; private set; }

    public int ProcessId => _driver.ProcessId();

    public static Task<Gateway> StartAsync() => ProgramFile.IsPublished ? StartProcessAsync() : StartAsync(new Folder(), null, GatewayDriver.InThisProcess);

    /// <summary>For stories that kill the gateway or look at it from outside: always in a process of its own.</summary>
    /// <param name="dataPath">Where its data lies; null is a folder of the test's own.</param>
    public static Task<Gateway> StartProcessAsync(string? dataPath = null)
    {
        var folder = new Folder();
        return StartAsync(folder, dataPath, path => GatewayDriver.InItsOwnProcess(path, folder.In("password")));
    }

    /// <summary>Runs the command line on the gateway's folder.</summary>
    public Task<CommandEnd> RunAsync(params string[] arguments) => _driver.Command([.. arguments, "--data", DataPath]);

    /// <summary>Runs a command that must succeed, and returns what it says.</summary>
    public async Task<string> DoAsync(params string[] arguments)
    {
        var end = await RunAsync(arguments);
        Assert.True(end.Code == 0, $"devicemail {string.Join(' ', arguments)}: {end}");
        return end.Output;
    }

    /// <summary>The facts that a command prints with --json.</summary>
    public async Task<JsonElement> AskAsync(params string[] arguments) => JsonElement.Parse(await DoAsync([.. arguments, "--json"]));

    /// <summary>The jobs in a state, newest first.</summary>
    public async Task<IReadOnlyList<JsonElement>> JobsAsync(string state) => [.. (await AskAsync("jobs", "--state", state, "--count", "500")).EnumerateArray()];

    /// <summary>The account's line of <c>devicemail accounts</c>.</summary>
    public async Task<JsonElement> AccountAsync() => (await AskAsync("accounts")).GetProperty("accounts").EnumerateArray().Single();

    public async Task RestartAsync()
    {
        await _driver.EndAsync();
        await StartAgainAsync();
    }

    public Task KillAsync() => _driver.KillAsync();

    public async Task StartAgainAsync()
    {
        SmtpPort = await _driver.StartAsync();
        Lab.Printer.Gateway = new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, SmtpPort);
    }

    /// <summary>Signs the account in as a person would: code, approval at the lab, saved by the command.</summary>
    /// <returns>How the command ended.</returns>
    public async Task<CommandEnd> TrySignInAsync(string who = Mailbox)
    {
        var command = RunAsync("signin");
        await LabGateway.EventuallyAsync(() => command.IsCompleted || Lab.SignIns.Waiting.Count > 0);
        if (!command.IsCompleted) Lab.SignIns.Approve(Lab.SignIns.Waiting[0].UserCode, who);
        return await command;
    }

    public async Task SignInAsync()
    {
        var end = await TrySignInAsync();
        Assert.True(end.Code == 0, $"{end}");
    }

    /// <summary>Hands in one message by SMTP and returns the reply to its end.</summary>
    public Task<string> HandInAsync(string subject, params string[] recipients) => MailDevice.HandInAsync(SmtpPort, subject, recipients);

    /// <summary>The first mail in the mailbox, once it is there.</summary>
    public Task<LabMessage> ArrivesAsync(string mailbox) => ArrivesAsync(mailbox, _ => true);

    public Task<LabMessage> ArrivesAsync(string mailbox, Func<LabMessage, bool> fits) =>
        Lab.Mailboxes.WaitForAsync(mailbox, fits, TestContext.Current.CancellationToken);

    /// <summary>Returns the first job in a state, once there is one.</summary>
    public async Task<JsonElement> JobAsync(string state)
    {
        IReadOnlyList<JsonElement> found = [];
        await EventuallyAsync(async () => (found = await JobsAsync(state)).Count > 0);
        return found[0];
    }

    /// <summary>Asks until something holds; the test's own time limit bounds it.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> holds)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!await holds()) await timer.WaitForNextTickAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _driver.EndAsync();
        await Lab.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<Gateway> StartAsync(Folder folder, string? dataPath, Func<string, GatewayDriver> drive)
    {
        dataPath ??= folder.In("data");
        var lab = await PretendCloud.StartAsync(new LabOptions(), TestContext.Current.CancellationToken);
        lab.Switches.PollIntervalSeconds = 1;
        var roots = Directory.CreateDirectory(Path.Combine(dataPath, "trusted-roots"));
        await File.WriteAllTextAsync(Path.Combine(roots.FullName, "lab.pem"), lab.RootCertificatePem, TestContext.Current.CancellationToken);
        var gateway = new Gateway(lab, folder, dataPath, drive(dataPath));
        try
        {
            await gateway.StartAgainAsync();
            await gateway.SetUpAsync();
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    private async Task SetUpAsync()
    {
        await DoAsync("accounts", "add", Mailbox, "--provider", "custom", "--client-id", $"{LabTenant.ClientId}", "--tenant-id", $"{LabTenant.TenantId}",
            "--device-endpoint", $"{Lab.Web}{LabTenant.TenantId}/oauth2/v2.0/devicecode", "--token-endpoint", $"{Lab.Web}{LabTenant.TenantId}/oauth2/v2.0/token",
            "--scopes", "https://outlook.office.com/SMTP.Send offline_access openid profile email",
            "--host", "127.0.0.1", "--port", $"{Lab.Smtp.Port}", "--security", "starttls", "--size-limit", "36700160", "--per-minute", "0", "--per-day", "0");
        await DoAsync("devices", "allow", "127.0.0.1", "--name", "printer", "--habit", "+no-tls", "+no-auth");
    }
}
