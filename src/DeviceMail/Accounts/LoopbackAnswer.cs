using System.Net;
using System.Net.Sockets;
using DeviceMail.Control;

namespace DeviceMail.Accounts;

/// <summary>
/// Waits on the command line for a browser's answer to a sign-in: this program listens on a loopback port for the browser to come back (RFC 8252 7.3),
/// and takes the address that it landed on from the keyboard as well, where the browser runs elsewhere. Only an answer with the sign-in's own state is taken.
/// </summary>
internal sealed class LoopbackAnswer : IAsyncDisposable
{
    /// <summary>What a person is told under the steps of a sign-in.</summary>
    public const string Hint = """
        The browser then comes back to this command. When it runs on another machine, it lands on a page that cannot be opened:
        copy that page's address from its address bar, paste it here, and press Enter. Ctrl-C stops waiting.
        """;

    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(15);

    private readonly TaskCompletionSource<string> _landed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _listener;
    private volatile string? _state;

    private LoopbackAnswer(int port)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        _listener = builder.Build();
        _listener.Run(AnswerAsync);
    }

    /// <summary>Where it listens.</summary>
    public int Port => new Uri(_listener.Urls.First()).Port;

    /// <param name="port">0 to 65535; null and 0 take any that is free.</param>
    /// <exception cref="CommandRefusedException">It cannot listen there.</exception>
    public static async Task<LoopbackAnswer> ListenAsync(int? port)
    {
        if (port is < 0 or > 65_535) throw new CommandRefusedException($"--port cannot be {port}: it must be from 0 to 65535.");
        var answer = new LoopbackAnswer(port ?? 0);
        try
        {
            await answer._listener.StartAsync();
            return answer;
        }
        catch (IOException)
        {
            await answer.DisposeAsync();
            throw new CommandRefusedException($"Port {port} of this machine is in use. Choose another one with --port, or none.");
        }
        catch (SocketException fault)
        {
            // Below 1024 the system asks for rights that a person's command does not have.
            await answer.DisposeAsync();
            throw new CommandRefusedException($"Port {port} of this machine cannot be had ({fault.Message}). Choose another one with --port, or none.");
        }
    }

    public ValueTask DisposeAsync() => _listener.DisposeAsync();

    /// <param name="run">Whose command waits.</param>
    /// <param name="opened">The address that the person was given to open; it holds the state that comes back.</param>
    /// <param name="typed">The keyboard; null: nobody types.</param>
    /// <returns>The address on which the browser landed, or its part from the question mark on.</returns>
    /// <exception cref="CommandRefusedException">Nobody came in time.</exception>
    public async Task<string> WaitAsync(CommandRun run, string opened, TypedLines? typed)
    {
        _state = StateIn(opened);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(run.Cancel);
        limit.CancelAfter(_longest);
        var reading = typed is null ? Task.CompletedTask : ReadAsync(run, typed, limit.Token);
        try
        {
            return await _landed.Task.WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!run.Cancel.IsCancellationRequested)
        {
            throw new CommandRefusedException($"Nobody signed in within {_longest.TotalMinutes:0} minutes. Run the command again; nothing else is lost.");
        }
        finally
        {
            // Whoever reads the keyboard next must be the only one.
            await limit.CancelAsync();
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReadAsync(CommandRun run, TypedLines typed, CancellationToken limit)
    {
        while (await typed.NextAsync(limit) is { } line)
        {
            if (line.Trim().Length == 0 || Take(line.Trim())) continue;
            run.Talk.WriteLine(AuthorizationCodes.WrongAddress);
            run.Talk.Flush();
        }
    }

    /// <summary>Answers one address, and tells the person there that it may be closed.</summary>
    private async Task AnswerAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.ContentSecurityPolicy = "default-src 'none'";
        context.Response.ContentType = "text/plain; charset=utf-8";
        var query = context.Request.QueryString.Value ?? "";
        if (!IsAnswer(query))
        {
            // The browser asks for an icon, too.
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        await context.Response.WriteAsync("DeviceMail has your answer. You can close this window; the command line says how it went.\n");
        await context.Response.CompleteAsync();
        Take(query);
    }

    private bool Take(string landed)
    {
        if (!IsAnswer(landed)) return false;
        _landed.TrySetResult(landed);
        return true;
    }

    private bool IsAnswer(string landed) => _state is { } state && StateIn(landed) == state;

    private static string? StateIn(string address) => AuthorizationCodes.Read(address).GetValueOrDefault("state");
}
