namespace DeviceMail.Web;

/// <summary>The frame of the HTTP API under /api/v1; each folder maps its own part.</summary>
public static class ApiSetup
{
    internal static void AddApi(this IServiceCollection services)
    {
        services.AddSingleton<ApiKeyRegister>();
        services.AddSingleton<ApiTable>();
        services.AddSingleton(host => new ApiKeyGuesses(new LoginDelay(host.GetRequiredService<TimeProvider>())));
    }

    /// <summary>Where a folder maps what keys with this scope may ask.</summary>
    public static ApiGroup ApiGroup(this WebApplication app, ApiScope scope) => new(app, scope);

    internal static void MapApi(this WebApplication app)
    {
        var document = new Lazy<byte[]>(() => ApiDocument.Write(app.Services.GetRequiredService<ApiTable>()));
        app.ApiGroup(ApiScope.None).Get("/openapi.json", new ApiRoute("This document"), _ => Results.Bytes(document.Value, "application/json"));
    }

    /// <summary>A number of the path, which its constraint has judged: {id:long}.</summary>
    public static long PathNumber(this HttpContext context, string name) => long.Parse((string)context.Request.RouteValues[name]!, System.Globalization.CultureInfo.InvariantCulture);
}
