using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using DeviceMail.Accounts;
using DeviceMail.Control;
using DeviceMail.Devices;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Receiving;
using DeviceMail.Settings;
using DeviceMail.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace DeviceMail.Tests.Kit;

/// <summary>
/// The gateway as it ships, in this process, with nobody signed in: what it takes stays in its queue, to be looked at. 127.0.0.1 is an allowed printer;
/// other loopback addresses are strangers until <see cref="AllowAsync"/> lets them in.
/// </summary>
public sealed partial class ReceivingGateway : IAsyncLifetime
{
    private readonly Folder _folder = new();
    private readonly Lines _lines = new();
    private WebApplication? _app;

    /// <summary>The clock; the machine's by default.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Puts files into the data folder before the start.</summary>
    public Action<string> Prepare { get; init; } = _ => { };

    /// <summary>Whether somebody claimed it, and set it up.</summary>
    public bool IsClaimed { get; init; } = true;

    public LogLevel LogLevel { get; init; } = LogLevel.Error;

    public IServiceProvider Services => _app!.Services;

    public MailQueue Queue => Services.GetRequiredService<MailQueue>();

    public DeviceRegister Devices => Services.GetRequiredService<DeviceRegister>();

    public IPEndPoint Smtp => Services.GetRequiredService<Listeners>().Find(ReceivingSetup.Smtp)!;

    public IPEndPoint SmtpOverTls => Services.GetRequiredService<Listeners>().Find(ReceivingSetup.SmtpOverTls)!;

    /// <summary>The certificate that clients are shown, as a file.</summary>
    public string CertificateFile => _folder.In("tls/server.pem");

    public string Spool => _folder.In("spool");

    /// <summary>What was logged so far.</summary>
    public IReadOnlyCollection<string> Log => _lines.Written;

    /// <summary>What the account takes at most, in octets: SIZE of RFC 1870.</summary>
    public const long SizeLimit = 2_000_000;

    public static async Task<ReceivingGateway> StartAsync(TimeProvider time)
    {
        var gateway = new ReceivingGateway { Time = time };
        await gateway.InitializeAsync();
        return gateway;
    }

    public async ValueTask InitializeAsync()
    {
        Prepare(_folder.Path);
        _app = DeviceMailHost.Build(new StartOptions
        {
            DataPath = _folder.Path,
            Smtp = [new SmtpEndpoint(new IPEndPoint(IPAddress.Loopback, 0), TlsMode.StartTls), new SmtpEndpoint(new IPEndPoint(IPAddress.Loopback, 0), TlsMode.Implicit)],
            Web = null,
            Http = null,
            LogLevel = LogLevel,
            Time = Time,
        });
        Services.GetRequiredService<ILoggerFactory>().AddProvider(_lines);
        await _app.StartAsync(TestContext.Current.CancellationToken);
        if (!IsClaimed) return;
        await Services.GetRequiredService<Claim>().ClaimUnattendedAsync("admin@contoso.example", "correct horse battery");
        await AddAccountAsync("scan@contoso.example", SizeLimit);
        await AllowAsync("127.0.0.1", HabitWords.Printer);
    }

    /// <summary>Sets an account up, the first as the default; nobody signs it in.</summary>
    public async Task<Account> AddAccountAsync(string address, long sizeLimit) => Assert.IsType<AccountSave.Saved>(
        await Services.GetRequiredService<AccountRegister>().SaveAsync(new Account
        {
            Id = 0,
            Address = MailAddress.Parse(address),
            Provider = "custom",
            Method = AuthenticationMethod.OAuth2,
            ClientId = "client",
            TenantId = "tenant",
            OAuth = new OAuthEndpoints { DeviceAuthorization = "https://login.invalid/device", Token = "https://login.invalid/token", Scopes = "SMTP.Send" },
            Host = "smtp.invalid",
            Port = 587,
            Security = ConnectionSecurity.StartTls,
            SizeLimit = sizeLimit,
            Budget = new Budget(3, 0, 0),
            IsDefault = Services.GetRequiredService<AccountRegister>().Default is null,
        })).Account;

    /// <summary>Lets a device in by its address, named after it.</summary>
    public async Task AllowAsync(string address, Habits habits, long? account = null) => Assert.IsType<DeviceSave.Saved>(await Devices.SaveAsync(
        new Device { Id = 0, Name = $"at {address}", Range = new IPNetwork(IPAddress.Parse(address), 32), Habits = habits, AccountId = account }));

    /// <summary>Makes a device that signs in.</summary>
    public async Task AddAsync(string user, string password, Habits habits = Habits.None) => Assert.IsType<DeviceSave.Saved>(await Devices.SaveAsync(
        new Device { Id = 0, Name = $"device {user}", UserName = user, Habits = habits },
        habits.HasFlag(Habits.CramMd5) ? DeviceCredential.ForCramMd5(new(password)) : DeviceCredential.ForTyped(new(password))));

    public async Task SetAsync(Setting setting, string value) => Assert.IsType<SettingsSave.Saved>(
        await Services.GetRequiredService<SettingsStore>().SaveAsync(new Dictionary<string, string> { [setting.Name] = value }));

    public Task<RawSmtp> ConnectAsync(string from = "127.0.0.1") => RawSmtp.ConnectAsync(Smtp, from);

    /// <summary>The job that a "250 Kept as job" names.</summary>
    public Job JobOf(string reply)
    {
        var id = KeptAs().Match(reply);
        Assert.True(id.Success, $"Not kept: “{reply}”");
        return Queue.Find(long.Parse(id.Groups[1].Value))!;
    }

    /// <summary>The message as it is kept, one character an octet.</summary>
    public string StoredFor(string reply)
    {
        using var body = Queue.OpenBody(JobOf(reply));
        using var octets = new MemoryStream();
        body.CopyTo(octets);
        return Encoding.Latin1.GetString(octets.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
        _folder.Dispose();
    }

    [GeneratedRegex("^250 2.0.0 Kept as job ([0-9]+)$")]
    private static partial Regex KeptAs();

    /// <summary>Keeps log lines as text.</summary>
    private sealed class Lines : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Written { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Written.Enqueue($"{formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
