using System.Net;
using System.Text;
using DeviceMail.Accounts;
using DeviceMail.Control;
using DeviceMail.Devices;
using DeviceMail.Lab;
using DeviceMail.Lab.Entra;
using DeviceMail.Messages;
using DeviceMail.Notices;
using DeviceMail.Queue;
using DeviceMail.Settings;
using DeviceMail.Tests.Kit;
using DeviceMail.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DeviceMail.Tests.Notices;

/// <summary>
/// The gateway in this process on a clock that the test moves, with the pretend Microsoft 365 behind its only signed-in account and a plain SMTP
/// server that can be its second route. Real sockets, real database.
/// </summary>
public sealed class NoticeGateway : IAsyncDisposable
{
    public const string Administrator = "admin@contoso.example";
    public const string Scan = "scan@contoso.example";
    public const string RelayAddress = "gateway@relay.example";

    private readonly Folder _folder = new();
    private WebApplication _app;

    private NoticeGateway(PretendCloud lab, JumpingTime time)
    {
        (Lab, Time) = (lab, time);
        Directory.CreateDirectory(_folder.In("trusted-roots"));
        File.WriteAllText(_folder.In("trusted-roots/lab.pem"), lab.RootCertificatePem);
        _app = Build();
    }

    public PretendCloud Lab { get; }

    public JumpingTime Time { get; }

    /// <summary>The server behind the second route.</summary>
    public ScriptedServer Relay { get; } = new();

    public IServiceProvider Services => _app.Services;

    public MailQueue Queue => Part<MailQueue>();

    public AccountStatusBoard Status => Part<AccountStatusBoard>();

    public Account Account => Part<AccountRegister>().Default!;

    /// <summary>Null where Web Config is off.</summary>
    public string? WebConfig => WebAddress.Of(Services);

    /// <summary>With Web Config on a free port, the account and nobody signed in.</summary>
    public static async Task<NoticeGateway> StartAsync()
    {
        var time = new JumpingTime();
        var lab = await PretendCloud.StartAsync(new LabOptions { Time = time }, TestContext.Current.CancellationToken);
        lab.Switches.PollIntervalSeconds = 1;
        var gateway = new NoticeGateway(lab, time);
        await gateway._app.StartAsync(TestContext.Current.CancellationToken);
        await gateway.Part<Claim>().ClaimUnattendedAsync(Administrator, "correct horse battery");
        await gateway.SaveAsync(SendingAccount.At(gateway.Lab));
        Assert.IsType<DeviceSave.Saved>(await gateway.Part<DeviceRegister>().SaveAsync(new Device { Id = 0, Name = "printer", Range = new IPNetwork(IPAddress.Loopback, 32), Habits = HabitWords.Printer }));
        return gateway;
    }

    public T Part<T>() where T : notnull => Services.GetRequiredService<T>();

    public async Task RestartAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        _app = Build();
        await _app.StartAsync();
    }

    /// <summary>The relay becomes the second route.</summary>
    public Task RemoveAccountAsync() => Part<AccountRegister>().RemoveAsync(Account.Id);

    public async Task AddSecondRouteAsync()
    {
        await SaveAsync(new Account
        {
            Id = 0,
            Address = MailAddress.Parse(RelayAddress),
            Provider = "custom",
            Method = AuthenticationMethod.Off,
            Host = "127.0.0.1",
            Port = Relay.Port,
            Security = ConnectionSecurity.None,
            SizeLimit = 36_700_160,
            Budget = new Budget(3, 0, 0),
        });
        await SetAsync("notices.second-route", RelayAddress);
    }

    public async Task SetAsync(string name, string value) =>
        Assert.IsType<SettingsSave.Saved>(await Part<SettingsStore>().SaveAsync(new Dictionary<string, string> { [name] = value }));

    public async Task<Account> SaveAsync(Account account) => Assert.IsType<AccountSave.Saved>(await Part<AccountRegister>().SaveAsync(account)).Account;

    public async Task SignInAsync()
    {
        var signIn = Part<AccountSignIn>();
        var started = Assert.IsType<SignInStart.Started>(await signIn.StartAsync(Account, TestContext.Current.CancellationToken));
        Lab.SignIns.Approve(started.Code.UserCode, Scan);
        await StepUntilAsync(TimeSpan.FromMilliseconds(100), () => signIn.StepOf(Account.Id) is not SignInStep.Waiting);
        Assert.IsType<SignInStep.SignedIn>(signIn.StepOf(Account.Id));
        Assert.Null(await signIn.ConfirmAsync(Account));
    }

    /// <summary>Hands in one message as the printer does.</summary>
    public async Task HandInAsync(string recipient, string fields = "")
    {
        var text = $"From: printer@contoso.example\r\nTo: {recipient}\r\nSubject: a scan\r\n{fields}\r\nbody\r\n";
        var envelope = new Envelope
        {
            Sender = MailAddress.Parse("printer@contoso.example"),
            Recipients = [MailAddress.Parse(recipient)],
            AccountId = Account.Id,
            Origin = new Origin { DeviceId = Part<DeviceRegister>().Find("printer")!.Id, ClientAddress = "192.0.2.7", Greeting = "printer", Protocol = "ESMTP" },
        };
        Assert.IsType<AcceptOutcome.Accepted>(await Queue.Accept(envelope, System.IO.Pipelines.PipeReader.Create(new MemoryStream(Encoding.UTF8.GetBytes(text))), TestContext.Current.CancellationToken));
    }

    /// <summary>Moves the clock on, step by step, until something holds.</summary>
    public Task StepUntilAsync(TimeSpan step, Func<bool> holds) => LabGateway.EventuallyAsync(() =>
    {
        if (holds()) return true;
        Time.Advance(step);
        return false;
    });

    /// <summary>Lets time pass in steps, each when nothing is being sent any more, with a look at everything after each.</summary>
    public async Task PassAsync(TimeSpan time, TimeSpan step)
    {
        for (var left = time; left > TimeSpan.Zero; left -= step)
        {
            await LabGateway.EventuallyAsync(() => Queue.List(new JobFilter(JobState.Sending)).Count == 0 && !Queue.List(new JobFilter(JobState.Waiting)).Any(job => job.NextTryAt <= Time.GetUtcNow()));
            // What a probe hid from the last look stands here again.
            await LookAsync();
            Time.Advance(left < step ? left : step);
            await LookAsync();
        }
    }

    /// <summary>One look at everything, beside those of the gateway itself.</summary>
    public Task LookAsync() => Part<NoticeWorker>().LookAsync();

    /// <summary>The subjects of the gateway's own mail in its queue, oldest first.</summary>
    public IReadOnlyList<string> Told => [.. Queue.List(new JobFilter(Count: 500)).Where(job => job.Origin.Protocol == "local" && job.State != JobState.Cancelled).OrderBy(job => job.Id).Select(job => job.Traits.Subject)];

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Lab.DisposeAsync();
        await Relay.DisposeAsync();
        _folder.Dispose();
    }

    private WebApplication Build() => DeviceMailHost.Build(new StartOptions
    {
        DataPath = _folder.Path,
        Smtp = [],
        Web = new IPEndPoint(IPAddress.Loopback, 0),
        Http = null,
        Time = Time,
        LogLevel = LogLevel.Error,
    });
}
