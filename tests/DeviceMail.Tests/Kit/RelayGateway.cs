using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using DeviceMail.Accounts;
using DeviceMail.Devices;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace DeviceMail.Tests.Kit;

/// <summary>
/// The gateway as it ships, in this process, with a clock that the test moves and a plain relay that does what the test says. One account,
/// scan@contoso.example, needs no sign-in; one device, Copier 2nd floor, is let in.
/// </summary>
public sealed class RelayGateway : IAsyncDisposable
{
    public const string Password = "correct horse battery";

    private readonly Folder _folder = new();
    private readonly WebApplication _app;

    private RelayGateway() => _app = DeviceMailHost.Build(new StartOptions
    {
        DataPath = _folder.Path,
        Smtp = [new SmtpEndpoint(new IPEndPoint(IPAddress.Loopback, 0), TlsMode.StartTls)],
        Web = new IPEndPoint(IPAddress.Loopback, 0),
        Http = null,
        Time = Time,
        LogLevel = LogLevel.Error,
    });

    public FakeTimeProvider Time { get; } = new(new DateTimeOffset(2026, 11, 24, 9, 30, 0, TimeSpan.Zero));

    public ScriptedServer Relay { get; } = new();

    /// <summary>What the command line is told with --data.</summary>
    public string DataPath => _folder.Path;

    public Uri Web => new(WebAddress.Of(_app.Services)!);

    public MailQueue Queue => Part<MailQueue>();

    public Account Account => Part<AccountRegister>().Default!;

    public Device Copier => Part<DeviceRegister>().Find("Copier 2nd floor")!;

    public T Part<T>() where T : notnull => _app.Services.GetRequiredService<T>();

    public static Task<RelayGateway> StartAsync() => StartAsync(new Budget(1, 0, 0));

    public static async Task<RelayGateway> StartAsync(Budget budget)
    {
        var gateway = new RelayGateway();
        await gateway._app.StartAsync(TestContext.Current.CancellationToken);
        await gateway.Part<Claim>().ClaimUnattendedAsync("admin@contoso.example", Password);
        await gateway.AddAccountAsync("scan@contoso.example", budget);
        Assert.IsType<DeviceSave.Saved>(await gateway.Part<DeviceRegister>().SaveAsync(
            new Device { Id = 0, Name = "Copier 2nd floor", Range = new IPNetwork(IPAddress.Parse("192.0.2.41"), 32), Habits = Habits.NoAuth | Habits.NoTls }));
        return gateway;
    }

    public async Task<Account> AddAccountAsync(string address, Budget budget) => Assert.IsType<AccountSave.Saved>(await Part<AccountRegister>().SaveAsync(new Account
    {
        Id = 0,
        Address = MailAddress.Parse(address),
        Provider = "custom",
        Method = AuthenticationMethod.Off,
        Host = "127.0.0.1",
        Port = Relay.Port,
        Security = ConnectionSecurity.None,
        SizeLimit = 36_700_160,
        Budget = budget,
        IsDefault = Part<AccountRegister>().All.Count == 0,
    })).Account;

    /// <summary>Stops an account as an administrator does: its mail is kept, none is sent.</summary>
    public async Task PauseAsync(Account account) => Assert.IsType<AccountSave.Saved>(await Part<AccountRegister>().SaveAsync(account with { IsPaused = true }));

    /// <summary>A mail of the copier.</summary>
    /// <returns>Its job's number.</returns>
    public async Task<long> AcceptAsync(string subject, params string[] recipients)
    {
        var envelope = new Envelope
        {
            Sender = MailAddress.Parse("copier@contoso.example"),
            Recipients = [.. (recipients.Length == 0 ? ["anna@contoso.example"] : recipients).Select(MailAddress.Parse)],
            AccountId = Account.Id,
            Origin = new Origin { DeviceId = Copier.Id, ClientAddress = "192.0.2.41", Greeting = "copier", Protocol = "ESMTP" },
        };
        var body = new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes($"Subject: {subject}\r\n\r\na scan\r\n"));
        return Assert.IsType<AcceptOutcome.Accepted>(await Queue.Accept(envelope, PipeReader.Create(body), TestContext.Current.CancellationToken)).JobId;
    }

    public Task StateAsync(long job, JobState state) => LabGateway.EventuallyAsync(() => Queue.Find(job)?.State == state);

    /// <summary>Where the relay does not answer: it closes each connection before a word.</summary>
    public void Unplug() => Relay.Say("", [.. Enumerable.Repeat("drop", 1_000)]);

    public void PlugIn() => Relay.Script.Clear();

    public async Task<Browser> LogInAsync()
    {
        var browser = await Browser.OpenAsync(Web);
        await browser.LogInAsync(Password);
        return browser;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Relay.DisposeAsync();
        _folder.Dispose();
    }
}
