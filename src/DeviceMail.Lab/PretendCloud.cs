using System.Net;
using DeviceMail.Lab.Directory;
using DeviceMail.Lab.Entra;
using DeviceMail.Lab.Exchange;
using DeviceMail.Lab.Graph;
using DeviceMail.Lab.Mailboxes;
using DeviceMail.Lab.Pages;
using DeviceMail.Lab.Printer;
using DeviceMail.Lab.Scanner;
using DeviceMail.Lab.Switches;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace DeviceMail.Lab;

/// <summary>
/// A pretend Microsoft 365 on this machine: Entra, Exchange Online's SMTP front end, Graph, mailboxes to look into,
/// switches that make it misbehave, a pretend printer and a pretend scanner. Every page says PRETEND.
/// </summary>
public sealed class PretendCloud : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = System.IO.Directory.CreateTempSubdirectory("devicemail-lab-");
    private readonly ExchangeFrontEnd _exchange;
    private readonly GraphEndpoints _graph;
    private WebApplication? _web;
    private ScannerAnnouncer? _announcer;
    private bool _closed;

    private PretendCloud(LabOptions options)
    {
        Time = options.Time;
        Certificate = new(options.Time);
        Mailboxes = new(options.Time);
        Tokens = new(Switches, Tenant, options.Time);
        SignIns = new(Switches, Tenant, Tokens, options.Time);
        Registration = new(this);
        Authorizations = new(this);
        _graph = new(this);
        Limits = new(Switches, Counters, options.Time);
        Directory = new(Tenant, Switches, options.Time);
        Printer = new(options.Time) { Gateway = options.Printer };
        ScannerCertificate = new(options.Time);
        Scanner = new(Switches.Scanner, options.Time);
        _exchange = new(this);
    }

    /// <summary>Entra, Graph, mailboxes, switches and the printer's page.</summary>
    public Uri Web { get; private set; } = new("http://127.0.0.1/");

    /// <summary>Exchange Online's front end, with STARTTLS.</summary>
    public IPEndPoint Smtp { get; private set; } = new(IPAddress.Loopback, 0);

    /// <summary>What the gateway must trust for STARTTLS: the server is called localhost, 127.0.0.1 and smtp.lab.test.</summary>
    public string RootCertificatePem => Certificate.RootPem;

    /// <summary>Microsoft Graph; paths such as me/sendMail are added to it.</summary>
    public Uri Graph => new(Web, "graph/v1.0/");

    /// <summary>The issuer of the tenant's tokens, and the start of its sign-in addresses.</summary>
    public Uri Issuer => new(Web, $"{LabTenant.TenantId}/v2.0");

    public LabTenant Tenant { get; } = new();
    public LabSwitches Switches { get; } = new();
    public LabCounters Counters { get; } = new();
    public LabMailboxes Mailboxes { get; }
    public DeviceSignIns SignIns { get; }

    /// <summary>Sign-ins and consents through the browser.</summary>
    public Authorizations Authorizations { get; }
    public PretendPrinter Printer { get; }

    /// <summary>A scanner that speaks eSCL, on the lab's own web address.</summary>
    public PretendScanner Scanner { get; }

    /// <summary>What the scanner shows with TLS.</summary>
    public ScannerCertificate ScannerCertificate { get; }

    /// <summary>Applications, grants and policies, as Microsoft Graph shows them.</summary>
    public LabDirectory Directory { get; }

    internal TimeProvider Time { get; }
    internal TokenIssuer Tokens { get; }
    internal LabRegistration Registration { get; }
    internal MailboxLimits Limits { get; }
    internal LabCertificate Certificate { get; }
    internal string Folder => _folder.FullName;

    /// <summary>Throws <see cref="IOException"/> or a socket exception when a port is taken.</summary>
    public static async Task<PretendCloud> StartAsync(LabOptions options, CancellationToken ct)
    {
        var cloud = new PretendCloud(options);
        try
        {
            cloud.Smtp = cloud._exchange.Start(options.Address, options.SmtpPort);
            await cloud.OpenWebAsync(options, ct);
            return cloud;
        }
        catch
        {
            await cloud.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_closed)
            return;
        _closed = true;
        if (_announcer is not null)
            await _announcer.DisposeAsync();
        if (_web is not null)
            await _web.DisposeAsync();
        await _exchange.DisposeAsync();
        _graph.Close();
        Tokens.Dispose();
        Certificate.Dispose();
        ScannerCertificate.Dispose();
        _folder.Delete(true);
    }

    private async Task OpenWebAsync(LabOptions options, CancellationToken ct)
    {
        // The empty builder reads no environment variables and no settings files: two labs never meet.
        var builder = WebApplication.CreateEmptyBuilder(new());
        // What was written has left: a scanner that is cut off, or slow, in the middle of a page has sent half of it.
        builder.WebHost.UseSockets(sockets => sockets.MaxWriteBufferSize = 1);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(options.Address, options.WebPort);
            if (options.ScannerHttpsPort is { } port)
            {
                kestrel.Listen(options.Address, port, listen =>
                {
                    listen.Protocols = HttpProtocols.Http1;
                    listen.UseHttps(new HttpsConnectionAdapterOptions { ServerCertificateSelector = (_, _) => ScannerCertificate.Current });
                });
            }
        });
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(1));
        _web = builder.Build();
        _web.UseRouting();
        new EntraEndpoints(this).Map(_web);
        new SignInPages(this).Map(_web);
        new VisitPages(this).Map(_web);
        new CertificatePages(Tenant).Map(_web);
        _graph.Map(_web);
        new MailboxCalls(Mailboxes).Map(_web);
        new MailboxPages(Mailboxes).Map(_web);
        new SwitchCalls(Switches).Map(_web);
        new SwitchPages(Switches).Map(_web);
        new PrinterPages(Printer).Map(_web);
        new ScannerEndpoints(Scanner, Time).Map(_web);
        new ScannerCalls(Scanner).Map(_web);
        new ScannerPages(Scanner, Switches).Map(_web);
        new HomePage(this).Map(_web);
        new DirectoryEndpoints(this).Map(_web);
        _web.MapGet("/api/counters", IResult () => Results.Json(Counters, LabJson.Default.LabCounters));
        _web.MapDelete("/api/counters", IResult () =>
        {
            Counters.Reset();
            return Results.NoContent();
        });
        await _web.StartAsync(ct);
        string[] addresses = [.. _web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Select(address => address.TrimEnd('/'))];
        Web = new(addresses.First(address => address.StartsWith("http:", StringComparison.Ordinal)) + "/");
        Scanner.Address = new(Web, "eSCL/");
        if (options.ScannerHttpsPort is not null)
            Scanner.HttpsAddress = new(addresses.First(address => address.StartsWith("https:", StringComparison.Ordinal)) + "/eSCL/");
        if (options.Announces)
            _announcer = ScannerAnnouncer.Start(Scanner, options.Address);
    }
}
