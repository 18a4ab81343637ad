using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Control;
using DeviceMail.Devices;
using DeviceMail.Messages;
using DeviceMail.Network;
using DeviceMail.Queue;
using DeviceMail.Receiving;
using DeviceMail.Routing;
using DeviceMail.Sending;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Web;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace DeviceMail.Bench;

/// <summary>
/// DeviceMail without storage: the same receiver in a process of its own, which reads each message to its end and forgets it.
/// What this reaches is what the machine can do; the difference to DeviceMail is the price of the promise.
/// </summary>
public sealed class NoStorageGateway : IMailServer
{
    private readonly Gateway _prepared;
    private readonly ChildProcess _service;

    private NoStorageGateway(Gateway prepared, ChildProcess service, int port) => (_prepared, _service, Port) = (prepared, service, port);

    public int Port { get; }

    public Credentials? Device => _prepared.Device;

    /// <summary>Prepares a data folder by the shipped program, ends that, and runs the receiver on the folder.</summary>
    public static async Task<NoStorageGateway> StartAsync(BenchOptions options, Case what, CancellationToken cancel)
    {
        var prepared = await Gateway.StartAsync(options, what, Upstream.Clear(9), cancel);
        await prepared.EndAsync();
        var port = ChildProcess.FreePort();
        var service = ChildProcess.Start(Environment.ProcessPath!, ["no-storage", prepared.Folder, $"{port}"]);
        try
        {
            await service.WaitForAsync("ready", cancel);
            return new NoStorageGateway(prepared, service, port);
        }
        catch
        {
            await service.DisposeAsync();
            await prepared.DisposeAsync();
            throw;
        }
    }

    /// <summary>The process itself: <c>devicemail-bench no-storage FOLDER PORT</c>.</summary>
    public static async Task RunAsync(string folder, ushort port, CancellationToken cancel)
    {
        var options = new StartOptions { DataPath = folder, Smtp = [new SmtpEndpoint(new IPEndPoint(IPAddress.Loopback, port), TlsMode.StartTls)], Web = null, Http = null };
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(options.Time);
        builder.AddStorage(folder);
        builder.AddSettings();
        builder.Services.AddSingleton<ActivityLog>();
        builder.AddControl();
        builder.AddWeb();
        builder.AddNetwork();
        builder.AddAccounts();
        builder.AddDevices();
        builder.AddQueue();
        builder.AddSending();
        builder.AddRouting();
        builder.AddReceiving();
        builder.Services.AddSingleton<AcceptMail>(ForgetAsync);
        builder.Services.AddSingleton<HasRoom>(_ => true);
        await using var app = builder.Build();
        await app.StartAsync(cancel);
        Console.WriteLine("ready");
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
        }
        catch (OperationCanceledException)
        {
            // Asked to end.
        }
        await app.StopAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await _service.DisposeAsync();
        await _prepared.DisposeAsync();
    }

    private static async ValueTask<AcceptOutcome> ForgetAsync(Envelope envelope, PipeReader body, CancellationToken cancel)
    {
        while (true)
        {
            var read = await body.ReadAsync(cancel);
            body.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return new AcceptOutcome.Accepted(1);
        }
    }
}
