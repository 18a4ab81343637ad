using System.Net;
using System.Net.Sockets;
using DeviceMail.Control;

namespace DeviceMail.Accounts;

/// <summary>
/// A sign-in in a browser from the command line: this program listens on a loopback port for the browser to come back (RFC 8252 7.3), and takes the
/// address that it landed on from the keyboard as well, where the browser runs elsewhere.
/// </summary>
internal sealed class BrowserVisit(CommandRun run, string whose)
{
    private static readonly TimeSpan _longest = TimeSpan.FromMinutes(15);

    private readonly TaskCompletionSource<string> _landed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>From the address to open to the account that is signed in and not saved yet.</summary>
    /// <param name="port">0 to 65535; null and 0 take any that is free.</param>
    public async Task<AccountView> RunAsync(int? port)
    {
        await using var listener = Listen(port ?? 0);
        await StartAsync(listener, port);
        var bound = new Uri(listener.Urls.First()).Port;
        var shown = await run.Client.PostAsync($"/control/accounts/signin/browser{whose}&port={bound}", AccountsJson.Default.AccountView);
        if (!run.Json) Show(shown);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(run.Cancel);
        limit.CancelAfter(_longest);
        // Never awaited to its end, and on a thread of its own: the console's reader waits in place, although it is called asynchronous, until somebody presses Enter.
        if (!run.Json) _ = Task.Run(() => ReadAsync(limit.Token), CancellationToken.None);
        var landed = await LandedAsync(limit.Token);
        return await run.Client.PostAsync("/control/accounts/signin/answer", new LandedAddress(landed), AccountsJson.Default.LandedAddress, AccountsJson.Default.AccountView);
    }

    private async Task<string> LandedAsync(CancellationToken limit)
    {
        try
        {
            return await _landed.Task.WaitAsync(limit);
        }
        catch (OperationCanceledException) when (!run.Cancel.IsCancellationRequested)
        {
            throw new CommandRefusedException($"Nobody signed in within {_longest.TotalMinutes:0} minutes. Run the command again; nothing else is lost.");
        }
    }

    private static async Task StartAsync(WebApplication listener, int? port)
    {
        try
        {
            await listener.StartAsync();
        }
        catch (IOException)
        {
            throw new CommandRefusedException($"Port {port} of this machine is in use. Choose another one with --port, or none.");
        }
        catch (SocketException fault)
        {
            // Below 1024 the system asks for rights that a person's command does not have.
            throw new CommandRefusedException($"Port {port} of this machine cannot be had ({fault.Message}). Choose another one with --port, or none.");
        }
    }

    /// <summary>Answers one address, and tells the person there that it may be closed.</summary>
    private WebApplication Listen(int port)
    {
        if (port is < 0 or > 65_535) throw new CommandRefusedException($"--port cannot be {port}: it must be from 0 to 65535.");
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        var listener = builder.Build();
        listener.Run(async context =>
        {
            var query = context.Request.Query;
            context.Response.Headers.CacheControl = "no-store";
            context.Response.Headers.ContentSecurityPolicy = "default-src 'none'";
            context.Response.ContentType = "text/plain; charset=utf-8";
            if (!query.ContainsKey("state"))
            {
                // The browser asks for an icon, too.
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return;
            }
            await context.Response.WriteAsync("DeviceMail has your answer. You can close this window; the command line says how it went.\n");
            await context.Response.CompleteAsync();
            _landed.TrySetResult(context.Request.QueryString.Value ?? "");
        });
        return listener;
    }

    private async Task ReadAsync(CancellationToken limit)
    {
        while (!limit.IsCancellationRequested && await Console.In.ReadLineAsync(limit) is { } line)
            if (line.Contains('?', StringComparison.Ordinal)) _landed.TrySetResult(line.Trim());
    }

    private void Show(AccountView account)
    {
        run.Out.WriteLine($"Sign in the mailbox {account.Address} in a browser:");
        run.Out.WriteLine();
        run.Out.WriteLine($"  1. Open  {account.SignInAddress}");
        run.Out.WriteLine("  2. Sign in with that mailbox, and accept.");
        run.Out.WriteLine();
        run.Out.WriteLine("The browser then comes back to this command. When it runs on another machine, it lands on a page that cannot be opened:");
        run.Out.WriteLine("copy that page's address from its address bar, paste it here, and press Enter. Ctrl-C stops waiting.");
        run.Out.Flush();
    }
}
