using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace DeviceMail.Tests.Accounts;

/// <summary>One answer of an OAuth endpoint.</summary>
public sealed record ProviderAnswer(int Status, string Body)
{
    public string? RetryAfter { get; init; }

    /// <summary>The connection breaks instead.</summary>
    public static ProviderAnswer Broken { get; } = new(0, "");

    /// <summary>Nothing comes.</summary>
    public static ProviderAnswer Silent { get; } = new(-1, "");

    public static ProviderAnswer Error(string error, string description = "") =>
        new(400, $$"""{"error":"{{error}}","error_description":"{{description}}"}""");
}

/// <summary>
/// The OAuth endpoints of a provider, answering as told: what is queued in <see cref="Script"/> first, then new tokens for ever, numbered
/// access-1/refresh-1, access-2/refresh-2 and so on.
/// </summary>
public sealed class ScriptedProvider : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stop = new();
    private int _given;

    private ScriptedProvider(WebApplication app) => _app = app;

    public ConcurrentQueue<ProviderAnswer> Script { get; } = [];

    /// <summary>The forms that were posted, in their order.</summary>
    public ConcurrentQueue<IReadOnlyDictionary<string, string>> Requests { get; } = [];

    /// <summary>Called when a request is in, before it is answered.</summary>
    public Func<Task> Before { get; set; } = () => Task.CompletedTask;

    public int ExpiresIn { get; set; } = 3_600;

    public string Address => _app.Urls.First();

    public static async Task<ScriptedProvider> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var provider = new ScriptedProvider(builder.Build());
        provider._app.MapPost("/{endpoint}", (RequestDelegate)provider.AnswerAsync);
        await provider._app.StartAsync(TestContext.Current.CancellationToken);
        return provider;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _app.DisposeAsync();
        _stop.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync();
        Requests.Enqueue(form.ToDictionary(field => field.Key, field => field.Value.ToString()));
        await Before();
        var answer = Script.TryDequeue(out var scripted) ? scripted : Tokens(Interlocked.Increment(ref _given));
        if (answer == ProviderAnswer.Broken)
        {
            context.Abort();
            return;
        }
        if (answer == ProviderAnswer.Silent) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, _stop.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        context.Response.StatusCode = Math.Max(answer.Status, 200);
        if (answer.RetryAfter is { } seconds) context.Response.Headers.RetryAfter = seconds;
        await context.Response.WriteAsync(answer.Body);
    }

    private ProviderAnswer Tokens(int number) => new(200, string.Create(CultureInfo.InvariantCulture,
        $$"""{"token_type":"Bearer","access_token":"access-{{number}}","refresh_token":"refresh-{{number}}","expires_in":{{ExpiresIn}}}"""));
}
