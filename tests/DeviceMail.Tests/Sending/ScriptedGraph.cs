using System.Collections.Concurrent;
using System.Net;
using DeviceMail.Tests.Accounts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DeviceMail.Tests.Sending;

/// <summary>A Microsoft Graph that answers as told; 202 to everything when the script is over.</summary>
public sealed class ScriptedGraph : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ScriptedGraph(WebApplication app) => _app = app;

    public ConcurrentQueue<ProviderAnswer> Script { get; } = [];

    /// <summary>What was asked: method, path, token.</summary>
    public ConcurrentQueue<(string Method, string Path, string Token)> Asked { get; } = [];

    public string Address => $"{_app.Urls.First()}/v1.0";

    public static async Task<ScriptedGraph> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var graph = new ScriptedGraph(builder.Build());
        graph._app.MapFallback((RequestDelegate)graph.AnswerAsync);
        await graph._app.StartAsync(TestContext.Current.CancellationToken);
        return graph;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task AnswerAsync(HttpContext context)
    {
        Asked.Enqueue((context.Request.Method, context.Request.Path.Value!, context.Request.Headers.Authorization.ToString()));
        await context.Request.Body.CopyToAsync(Stream.Null);
        var answer = Script.TryDequeue(out var scripted) ? scripted : new ProviderAnswer(202, "");
        if (answer == ProviderAnswer.Broken)
        {
            context.Abort();
            return;
        }
        context.Response.StatusCode = answer.Status;
        context.Response.Headers["request-id"] = "5c3f";
        if (answer.RetryAfter is { } seconds) context.Response.Headers.RetryAfter = seconds;
        if (answer.Body.Length > 0) await context.Response.WriteAsync(answer.Body);
    }
}
