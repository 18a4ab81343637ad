using DeviceMail.Control;
using DeviceMail.Devices;
using DeviceMail.Queue;
using DeviceMail.Routing;
using DeviceMail.Settings;
using DeviceMail.Web;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace DeviceMail.Receiving;

public static class ReceivingSetup
{
    /// <summary>Names in <see cref="Listeners"/>.</summary>
    public const string Smtp = "SMTP", SmtpOverTls = "SMTP over TLS";

    public static void AddReceiving(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<TlsChoice>();
        services.AddSingleton<HabitRefusals>();
        services.AddSingleton<ConnectionLimits>();
        services.AddHostedService(provider => provider.GetRequiredService<ConnectionLimits>());
        services.AddSingleton(provider => new ReceivingParts(
            provider.GetRequiredService<AcceptMail>(), provider.GetRequiredService<HasRoom>(),
            provider.GetRequiredService<Router>().Route, provider.GetRequiredService<Router>().SizeLimitFor)
        {
            IsClaimed = () => provider.GetRequiredService<Claim>().IsClaimed,
            Devices = provider.GetRequiredService<DeviceRegister>(),
            Settings = provider.GetRequiredService<SettingsStore>(),
            Tls = provider.GetRequiredService<TlsChoice>(),
            Limits = provider.GetRequiredService<ConnectionLimits>(),
            Time = provider.GetRequiredService<TimeProvider>(),
            NoteRefusal = provider.GetRequiredService<HabitRefusals>().NoteAsync,
        });
        // The default of 1 MB a connection would let 50 scans of 25 MB fill the memory.
        services.Configure<SocketTransportOptions>(options =>
        {
            options.MaxReadBufferSize = 64 << 10;
            // A session goes on where its octets arrived, without a queue in between; .NET's sockets engine has another thread look after the others.
            options.UnsafePreferInlineScheduling = true;
        });
        services.AddSingleton<IMemoryPoolFactory<byte>, WideBlocks>();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenForSmtp(kestrel.ApplicationServices.GetRequiredService<StartOptions>().Smtp));
    }

    public static void MapReceiving(this WebApplication app) => SendControl.Map(app.ControlGroup());

    /// <summary>Opens the SMTP listeners beside Kestrel's others.</summary>
    public static void ListenForSmtp(this KestrelServerOptions kestrel, IReadOnlyList<SmtpEndpoint> endpoints)
    {
        foreach (var endpoint in endpoints)
        {
            kestrel.Listen(endpoint.Address, listen =>
            {
                kestrel.ApplicationServices.GetService<Listeners>()?.Add(endpoint.Tls == TlsMode.Implicit ? SmtpOverTls : Smtp, listen);
                var listener = new SmtpListener(endpoint.Tls, kestrel.ApplicationServices.GetRequiredService<ReceivingParts>(),
                    kestrel.ApplicationServices.GetRequiredService<ILogger<SmtpListener>>());
                listen.Run(listener.OnConnectedAsync);
            });
        }
    }
}
