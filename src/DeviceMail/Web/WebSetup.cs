using System.Net;
using System.Security.Authentication;
using DeviceMail.Control;
using DeviceMail.Settings;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace DeviceMail.Web;

public static class WebSetup
{
    public const string ListenerName = "Web Config (https)";

    private const long LargestForm = 1 << 20;

    public static void AddWeb(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton<ServerCertificate>();
        services.AddSingleton<Administrator>();
        services.AddSingleton<Claim>();
        services.AddSingleton<Sessions>();
        services.AddSingleton<LoginDelay>();
        services.AddSingleton<LoginLog>();
        services.AddSingleton<HostNames>();
        services.AddSingleton<PageShells>();
        services.AddSingleton<PendingForms>();
        services.AddApi();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            var start = kestrel.ApplicationServices.GetRequiredService<StartOptions>();
            var listeners = kestrel.ApplicationServices.GetRequiredService<Listeners>();
            if (start.Web is { } web) kestrel.Listen(web, listen =>
            {
                var certificate = kestrel.ApplicationServices.GetRequiredService<ServerCertificate>();
                listen.UseHttps(new HttpsConnectionAdapterOptions
                {
                    ServerCertificate = certificate.Certificate,
                    ServerCertificateChain = certificate.Chain,
                    SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                });
                listeners.Add(ListenerName, listen);
            });
            if (start.Http is { } http && start.Web is not null) kestrel.Listen(http, listen =>
            {
                listen.Use(next => connection =>
                {
                    connection.Features.Set(new ClearConnection());
                    return next(connection);
                });
                listeners.Add("Redirect to Web Config (http)", listen);
            });
        });
    }

    public static void MapWeb(this WebApplication app)
    {
        app.Use(RedirectClear);
        app.Use(KeepRules);
        app.MapAssets();
        app.MapClaim();
        app.MapLogin();
        app.MapConfirm();
        app.MapPassword();
        app.MapSettings();
        app.MapAudit();
        app.MapApi();
        app.MapApiKeys();
        app.MapFallback(IResult (HttpContext context) =>
        {
            var page = MissingView.Create(context.Part<PageShells>().For(context, Menu.Home, "There is no such page"));
            page.StatusCode = StatusCodes.Status404NotFound;
            return page;
        });
    }

    /// <summary>What a page needs of the host.</summary>
    internal static T Part<T>(this HttpContext context) where T : notnull => context.RequestServices.GetRequiredService<T>();

    internal static IPAddress Client(this HttpContext context) => context.Connection.RemoteIpAddress ?? IPAddress.None;

    /// <summary>The browser's address as people write it.</summary>
    internal static string ClientName(this HttpContext context) => context.Client() is { IsIPv4MappedToIPv6: true } mapped ? $"{mapped.MapToIPv4()}" : $"{context.Client()}";

    /// <summary>The http port knows one answer.</summary>
    private static Task RedirectClear(HttpContext context, RequestDelegate next)
    {
        if (context.Features.Get<ClearConnection>() is null) return next(context);
        var port = context.Part<Listeners>().Find(ListenerName)?.Port ?? 443;
        var host = context.Request.Host.Host is { Length: > 0 } asked && context.Part<HostNames>().Allow(asked) ? asked : "localhost";
        context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
        context.Response.Headers.Location = $"https://{host}{(port == 443 ? "" : $":{port}")}{context.Request.Path}{context.Request.QueryString}";
        return Task.CompletedTask;
    }

    /// <summary>What holds for every page: its headers, who may ask, and from where a form may come.</summary>
    private static async Task KeepRules(HttpContext context, RequestDelegate next)
    {
        if (ControlSetup.IsControl(context))
        {
            await AuditTrail.RunAsync(context, next);
            return;
        }
        PageHeaders.Add(context.Response.Headers);
        if (ApiGuard.IsApi(context))
        {
            await ApiGuard.RunAsync(context, next);
            return;
        }
        if (context.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = LargestForm;
        if (await PageGuard.CheckAsync(context) is { } refusal) await refusal.ExecuteAsync(context);
        else await AuditTrail.RunAsync(context, next);
    }

    /// <summary>Lies on each connection of the http port.</summary>
    private sealed class ClearConnection;
}
