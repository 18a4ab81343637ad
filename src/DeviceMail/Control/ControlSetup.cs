using DeviceMail.Storage;
using Microsoft.AspNetCore.Connections;

namespace DeviceMail.Control;

public static class ControlSetup
{
    private const string Prefix = "/control";

    public static void AddControl(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Listeners>();
        builder.Services.AddHostedService<ControlSocketRights>();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            var folder = kestrel.ApplicationServices.GetRequiredService<DataFolder>();
            if (OperatingSystem.IsWindows()) kestrel.ListenNamedPipe(ControlChannel.PipeName(folder.Path), Mark);
            else kestrel.ListenUnixSocket(ControlChannel.Prepare(folder), Mark);
        });
        if (OperatingSystem.IsWindows()) builder.WebHost.UseNamedPipes();
    }

    /// <summary>
    /// Keeps the local channel and the network apart: who comes by the channel reaches routes under /control and nothing else, and
    /// nobody else reaches those. Stands before everything that answers.
    /// </summary>
    public static RouteGroupBuilder MapControl(this WebApplication app)
    {
        app.Use(async (HttpContext context, RequestDelegate next) =>
        {
            var isControl = context.Request.Path.StartsWithSegments(Prefix, StringComparison.OrdinalIgnoreCase)
                || context.GetEndpoint()?.Metadata.GetMetadata<ControlRoute>() is not null;
            if (isControl != IsControl(context)) context.Response.StatusCode = StatusCodes.Status404NotFound;
            else if (isControl) await AnswerAsync(context, next);
            else await next(context);
        });
        var group = app.ControlGroup();
        VersionControl.Map(group);
        SettingsControl.Map(group);
        return group;
    }

    /// <summary>Where a folder maps what the command line may ask of it.</summary>
    public static RouteGroupBuilder ControlGroup(this WebApplication app) => app.MapGroup(Prefix).WithMetadata(new ControlRoute());

    /// <summary>Whether the request came by the local channel.</summary>
    public static bool IsControl(HttpContext context) => context.Features.Get<ControlConnection>() is not null;

    /// <summary>A disk that fails is no bug of the command that met it: who asked learns what stands in the way.</summary>
    private static async Task AnswerAsync(HttpContext context, RequestDelegate next)
    {
        try
        {
            await next(context);
        }
        catch (StorageFailedException fault) when (!context.Response.HasStarted)
        {
            await ControlAnswers.Refused($"The gateway's disk did not do it ({fault.Message}). Look at its free space and at the gateway's log, then try again.").ExecuteAsync(context);
        }
    }

    private static void Mark(Microsoft.AspNetCore.Server.Kestrel.Core.ListenOptions listen) => listen.Use(next => connection =>
    {
        connection.Features.Set(new ControlConnection());
        return next(connection);
    });

    /// <summary>Lies on each connection of the local channel, and on no other.</summary>
    private sealed class ControlConnection;

    private sealed class ControlRoute;
}
