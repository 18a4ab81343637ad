using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DeviceMail.Bench;

/// <summary>The least a provider's sign-in must do (RFC 8628): every code is approved at once.</summary>
public sealed class CloudSignIn : IAsyncDisposable
{
    private readonly WebApplication _app;

    private CloudSignIn(WebApplication app) => _app = app;

    /// <summary>As long as the access tokens of a large provider.</summary>
    public string Token { get; } = Convert.ToHexString(RandomNumberGenerator.GetBytes(800));

    public string Address { get; private set; } = "";

    public static async Task<CloudSignIn> StartAsync(CancellationToken cancel)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var signIn = new CloudSignIn(builder.Build());
        var address = () => signIn.Address;
        signIn._app.MapPost("/device", IResult () => Json($$"""{"device_code":"bench","user_code":"BENCH","verification_uri":"{{address()}}/","expires_in":900,"interval":1}"""));
        signIn._app.MapPost("/token", IResult () => Json($$"""{"token_type":"Bearer","access_token":"{{signIn.Token}}","refresh_token":"bench","expires_in":86400}"""));
        await signIn._app.StartAsync(cancel);
        signIn.Address = signIn._app.Urls.First();
        return signIn;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private static IResult Json(string text) => Results.Text(text, "application/json");
}
