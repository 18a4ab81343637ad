using System.Net;
using System.Security.Cryptography;
using DeviceMail.Accounts;
using DeviceMail.Control;
using DeviceMail.Devices;
using DeviceMail.Lab;
using DeviceMail.Lab.Entra;
using DeviceMail.Messages;
using DeviceMail.Receiving;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Web;

namespace DeviceMail.Demo;

/// <summary>
/// A gateway and a pretend Microsoft 365 in a temporary folder, on free ports of this machine alone: claimed, with an account that has not signed
/// in yet and a printer that is let in. Both go with the process.
/// </summary>
public sealed class DemoStage : IAsyncDisposable
{
    public const string Administrator = "admin@contoso.example", Mailbox = "scan@contoso.example", Recipient = "anna@contoso.example";

    private readonly DirectoryInfo _folder;
    private readonly WebApplication _app;

    private DemoStage(DirectoryInfo folder, PretendCloud lab, WebApplication app) => (_folder, Lab, _app) = (folder, lab, app);

    public PretendCloud Lab { get; }

    public IServiceProvider Gateway => _app.Services;

    /// <summary>Of the administrator; generated for this run.</summary>
    public string Password { get; } = string.Join('-', RandomNumberGenerator.GetString("abcdefghijkmnpqrstuvwxyz23456789", 16).Chunk(4).Select(piece => new string(piece)));

    public string WebConfig => WebAddress.Of(Gateway)!;

    public IPEndPoint Smtp => Gateway.GetRequiredService<Listeners>().Find(ReceivingSetup.Smtp)!;

    public Account Account => Gateway.GetRequiredService<AccountRegister>().Find(MailAddress.Parse(Mailbox))!;

    public static async Task<DemoStage> StartAsync(CancellationToken cancel)
    {
        var folder = Directory.CreateTempSubdirectory("devicemail-demo-");
        PretendCloud? lab = null;
        WebApplication? app = null;
        try
        {
            lab = await PretendCloud.StartAsync(new LabOptions(), cancel);
            var free = new IPEndPoint(IPAddress.Loopback, 0);
            app = DeviceMailHost.Build(new StartOptions { DataPath = folder.FullName, Smtp = [new(free, TlsMode.StartTls)], Web = free, Http = null, LogLevel = LogLevel.Error });
            await File.WriteAllTextAsync(Path.Combine(app.Services.GetRequiredService<DataFolder>().TrustedRoots, "pretend-lab.pem"), lab.RootCertificatePem, cancel);
            await app.StartAsync(cancel);
            var stage = new DemoStage(folder, lab, app);
            await stage.FurnishAsync();
            return stage;
        }
        catch
        {
            if (app is not null) await app.DisposeAsync();
            if (lab is not null) await lab.DisposeAsync();
            folder.Delete(recursive: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using (var late = new CancellationTokenSource(TimeSpan.FromSeconds(5))) await _app.StopAsync(late.Token);
        await _app.DisposeAsync();
        await Lab.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task FurnishAsync()
    {
        await Gateway.GetRequiredService<Claim>().ClaimUnattendedAsync(Administrator, Password);
        await Gateway.GetRequiredService<AccountRegister>().SaveAsync(new Account
        {
            Id = 0,
            Address = MailAddress.Parse(Mailbox),
            Provider = "custom",
            Method = AuthenticationMethod.OAuth2,
            ClientId = LabTenant.ClientId.ToString(),
            TenantId = LabTenant.TenantId.ToString(),
            OAuth = new OAuthEndpoints
            {
                Issuer = $"{Lab.Web}{LabTenant.TenantId}/v2.0",
                Scopes = "https://outlook.office.com/SMTP.Send offline_access openid profile email",
            },
            GraphAddress = Lab.Graph.ToString(),
            Host = Lab.Smtp.Address.ToString(),
            Port = Lab.Smtp.Port,
            Security = ConnectionSecurity.StartTls,
            SizeLimit = 36_700_160,
            Budget = new Budget(3, 25, 10_000),
            IsDefault = true,
        });
        await Gateway.GetRequiredService<DeviceRegister>().SaveAsync(
            new Device { Id = 0, Name = "PRETEND printer", Range = new IPNetwork(IPAddress.Loopback, 32), Habits = HabitWords.Printer });
        Lab.Printer.Gateway = Smtp;
    }
}
