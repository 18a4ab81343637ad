using System.Net;
using DeviceMail.Accounts;
using DeviceMail.Control;
using DeviceMail.Devices;
using DeviceMail.Lab;
using DeviceMail.Lab.Entra;
using DeviceMail.Lab.Mailboxes;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DeviceMail.Tests.Kit;

/// <summary>
/// The gateway as it ships, in this process, in front of the pretend Microsoft 365: real sockets, real database. The account scan@contoso.example is
/// set up and the machine itself is an allowed device; nobody is signed in.
/// </summary>
public sealed class LabGateway : IAsyncDisposable
{
    /// <summary>The administrator's.</summary>
    public const string Password = "correct horse battery";

    private readonly Folder _folder;
    private WebApplication _app;

    private readonly IPEndPoint? _web;

    private LabGateway(PretendCloud lab, Folder folder, IPEndPoint? web) => (Lab, _folder, _web, _app) = (lab, folder, web, Build(folder, web));

    public PretendCloud Lab { get; }

    public IServiceProvider Services => _app.Services;

    public MailQueue Queue => Services.GetRequiredService<MailQueue>();

    public Account Account => Services.GetRequiredService<AccountRegister>().Default!;

    public AccountStatusBoard Status => Services.GetRequiredService<AccountStatusBoard>();

    public IPEndPoint Smtp => Services.GetRequiredService<Listeners>().Find("SMTP")!;

    public IPEndPoint SmtpOverTls => Services.GetRequiredService<Listeners>().Find("SMTP over TLS")!;

    public string DataPath => _folder.Path;

    /// <summary>Web Config, where the gateway was started with it.</summary>
    public Uri Web => new(WebAddress.Of(Services)!);

    public static Task<LabGateway> StartAsync() => StartAsync(web: null);

    /// <summary>The same with Web Config on a free port of this machine.</summary>
    public static Task<LabGateway> StartWithWebAsync() => StartAsync(new IPEndPoint(IPAddress.Loopback, 0));

    private static async Task<LabGateway> StartAsync(IPEndPoint? web)
    {
        var cancel = TestContext.Current.CancellationToken;
        var lab = await PretendCloud.StartAsync(new LabOptions(), cancel);
        lab.Switches.PollIntervalSeconds = 1;
        var folder = new Folder();
        Directory.CreateDirectory(folder.In("trusted-roots"));
        await File.WriteAllTextAsync(folder.In("trusted-roots/lab.pem"), lab.RootCertificatePem, cancel);
        var gateway = new LabGateway(lab, folder, web);
        await gateway._app.StartAsync(cancel);
        await gateway.SetUpAsync();
        lab.Printer.Gateway = gateway.Smtp;
        return gateway;
    }

    /// <summary>Ends the program and starts it anew on the same folder.</summary>
    public async Task RestartAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _app = Build(_folder, _web);
        await _app.StartAsync();
        Lab.Printer.Gateway = Smtp;
    }

    /// <summary>Saves the account as it is changed.</summary>
    public async Task<Account> ChangeAsync(Func<Account, Account> change) =>
        Assert.IsType<AccountSave.Saved>(await Services.GetRequiredService<AccountRegister>().SaveAsync(change(Account))).Account;

    /// <summary>Puts the lab's Graph beside SMTP, agreed to by the organisation, and whatever else is changed.</summary>
    public Task<Account> UseGraphAsync(Func<Account, Account>? change = null)
    {
        Lab.Tenant.ConsentForOrganisation("graph/Mail.Send");
        return ChangeAsync(account => (change ?? (one => one))(account with { GraphAddress = SendingAccount.WithGraphAt(Lab).GraphAddress }));
    }

    /// <summary>Signs the account in as a person would: code, approval at the lab, OK.</summary>
    public async Task SignInAsync(string who = "scan@contoso.example")
    {
        var signIn = Services.GetRequiredService<AccountSignIn>();
        var started = Assert.IsType<SignInStart.Started>(await signIn.StartAsync(Account, TestContext.Current.CancellationToken));
        Lab.SignIns.Approve(started.Code.UserCode, who);
        await EventuallyAsync(() => signIn.StepOf(Account.Id) is not SignInStep.Waiting);
        Assert.IsType<SignInStep.SignedIn>(signIn.StepOf(Account.Id));
        Assert.Null(await signIn.ConfirmAsync(Account));
    }

    /// <summary>Hands in one message by SMTP and returns the reply to its end.</summary>
    public Task<string> HandInAsync(string subject, params string[] recipients) => Kit.MailDevice.HandInAsync(Smtp.Port, subject, recipients);

    /// <summary>The first mail in the mailbox, once it is there.</summary>
    public async Task<LabMessage> ArrivesAsync(string mailbox)
    {
        await EventuallyAsync(() => Lab.Mailboxes[mailbox].Count > 0);
        return Lab.Mailboxes[mailbox][0];
    }

    /// <summary>Waits until something holds; the test's own time limit bounds it.</summary>
    public static async Task EventuallyAsync(Func<bool> holds)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!holds()) await timer.WaitForNextTickAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Lab.DisposeAsync();
        _folder.Dispose();
    }

    private static WebApplication Build(Folder folder, IPEndPoint? web) => DeviceMailHost.Build(new StartOptions
    {
        DataPath = folder.Path,
        Smtp = [new SmtpEndpoint(new IPEndPoint(IPAddress.Loopback, 0), TlsMode.StartTls), new SmtpEndpoint(new IPEndPoint(IPAddress.Loopback, 0), TlsMode.Implicit)],
        Web = web,
        Http = null,
        LogLevel = LogLevel.Error,
    });

    private async Task SetUpAsync()
    {
        await Services.GetRequiredService<Claim>().ClaimUnattendedAsync("admin@contoso.example", Password);
        var accounts = Services.GetRequiredService<AccountRegister>();
        Assert.IsType<AccountSave.Saved>(await accounts.SaveAsync(SendingAccount.At(Lab)));
        Assert.IsType<DeviceSave.Saved>(await Services.GetRequiredService<DeviceRegister>().SaveAsync(new DeviceMail.Devices.Device
        {
            Id = 0,
            Name = "printer",
            Range = new IPNetwork(IPAddress.Loopback, 32),
            Habits = HabitWords.Printer,
        }));
    }
}
