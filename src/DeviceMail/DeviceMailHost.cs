using DeviceMail.Accounts;
using DeviceMail.Control;
using DeviceMail.Devices;
using DeviceMail.Discovery;
using DeviceMail.Doctor;
using DeviceMail.EmailServer;
using DeviceMail.Network;
using DeviceMail.Notices;
using DeviceMail.Panel;
using DeviceMail.People;
using DeviceMail.Printing;
using DeviceMail.Queue;
using DeviceMail.Receiving;
using DeviceMail.Routing;
using DeviceMail.Scanning;
using DeviceMail.Sending;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.ToMyEmail;
using DeviceMail.Web;
using Microsoft.Extensions.Hosting.Systemd;

namespace DeviceMail;

/// <summary>
/// The table of contents: one Add… and one Map… line a folder, in the order in which a folder may use those above it.
/// </summary>
public static class DeviceMailHost
{
    /// <exception cref="StartRefusedException">One sentence that names what is wrong.</exception>
    public static WebApplication Build(StartOptions options)
    {
        // The empty builder: no appsettings.json, no ASPNETCORE_ variables, so that nothing but our own options opens a port.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<ConsoleLifetimeOptions>(lifetime => lifetime.SuppressStatusMessages = true);
        builder.Services.AddSystemd();
        builder.Logging.SetMinimumLevel(options.LogLevel).AddFilter("Microsoft", LogLevel.Warning).AddFilter("System", LogLevel.Warning);
        // Its "Hosting failed to start" is a trace of many lines; the command line says the same in one sentence.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);
        builder.Logging.AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat) = (true, "HH:mm:ss "));
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(options.Time);
        builder.AddStorage(options.DataPath);
        builder.AddSettings();
        builder.Services.AddSingleton<Activity.ActivityLog>();
        builder.Services.AddSingleton<Activity.AuditLog>();
        builder.AddControl();
        builder.AddWeb();
        builder.AddNetwork();
        builder.AddAccounts();
        builder.AddDevices();
        builder.AddPeople();
        builder.AddQueue();
        builder.AddNotices();
        builder.AddSending();
        builder.AddEmailServer();
        builder.AddDiscovery();
        builder.AddPrinting();
        builder.AddScanning();
        builder.AddRouting();
        builder.AddReceiving();
        builder.AddPanel();
        builder.AddToMyEmail();
        builder.AddDoctor();
        if (options.Works) builder.AddWork();

        var app = builder.Build();
        app.UseRouting();
        app.MapControl();
        app.MapWeb();
        app.MapNetwork();
        app.MapAccounts();
        app.MapDevices();
        app.MapPeople();
        app.MapQueue();
        app.MapNotices();
        app.MapEmailServer();
        app.MapPrinting();
        app.MapScanning();
        app.MapReceiving();
        app.MapPanel();
        app.MapToMyEmail();
        app.MapDoctor();
        return app;
    }

    /// <summary>What goes on by itself while the service runs.</summary>
    private static void AddWork(this WebApplicationBuilder builder)
    {
        builder.Services.AddHostedService<KeepAlive>();
        builder.Services.AddHostedService<DeviceWatch>();
        builder.Services.AddHostedService<Housekeeping>();
        builder.Services.AddHostedService(host => host.GetRequiredService<NoticeWorker>());
        builder.Services.AddHostedService<TroubleLog>();
        builder.Services.AddHostedService<SendWorker>();
    }
}
