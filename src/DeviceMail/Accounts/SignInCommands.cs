using System.CommandLine;
using DeviceMail.Control;
using DeviceMail.Settings;
using QRCoder;

namespace DeviceMail.Accounts;

/// <summary><c>devicemail signin</c> and <c>signout</c>.</summary>
public static class SignInCommands
{
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(1);

    public static Command CreateSignIn(CommandFrame frame)
    {
        var address = Address();
        var anyway = new Option<bool>("--anyway") { Description = "Save the sign-in even when another mailbox than the account's signed in" };
        var browser = new Option<bool>("--browser") { Description = "Sign in in a browser on this machine, in place of a code; where the browser is elsewhere, paste the address it landed on" };
        var port = new Option<int?>("--port") { Description = "With --browser: the port of this machine to come back to, such as one that is forwarded to you [any that is free]" };
        var command = new Command("signin", "Sign an account in: by a code, in a browser, or as the application; saves") { address, anyway, browser, port };
        frame.Run(command, async run =>
        {
            if (!run.Client.IsService) throw new CommandRefusedException("The gateway is not running on this data folder. Start it first with `devicemail run`.");
            if (run.Get(port) is not null && !run.Get(browser)) throw new WrongUseException("--port belongs to --browser.");
            var whose = WhichAccount(run, address);
            AccountView done;
            try
            {
                done = run.Get(browser) ? await new BrowserVisit(run, whose).RunAsync(run.Get(port)) : await ByCodeAsync(run, whose);
            }
            catch (OperationCanceledException)
            {
                await DiscardAsync(run, whose);
                throw;
            }
            if (done.SignsInAsApplication)
            {
                run.Print(new Done($"{done.Address} is signed in by its application. Whether it may send for the mailbox shows with the first mail: `devicemail send` hands in a test."));
                return;
            }
            if (!run.Get(anyway) && WrongMailbox(done) is { } sentence)
            {
                await DiscardAsync(run, whose);
                throw new CommandRefusedException(sentence);
            }
            run.Print(await run.Client.PostAsync($"/control/accounts/confirm{whose}"));
        });
        return command;
    }

    private static async Task<AccountView> ByCodeAsync(CommandRun run, string whose)
    {
        var shown = await run.Client.PostAsync($"/control/accounts/signin{whose}", new AccountRequest(""), AccountsJson.Default.AccountRequest, AccountsJson.Default.AccountView);
        if (shown.SignsInAsApplication) return shown;
        Show(shown, run.Talk);
        return await WaitAsync(run, whose);
    }

    /// <summary>Nobody is left who could save what the command began: no page shows a code of it, or asks for OK.</summary>
    private static async Task DiscardAsync(CommandRun run, string whose) => await run.Client.PostAsync($"/control/accounts/discard{whose}");

    /// <returns>A sentence; null where the account's own mailbox signed in.</returns>
    private static string? WrongMailbox(AccountView done)
    {
        if (done.Address.Equals(done.SignedInAs, StringComparison.OrdinalIgnoreCase)) return null;
        return string.IsNullOrEmpty(done.SignedInAs)
            ? $"The service did not say who signed in; it does when `openid` is among the scopes of {done.Address}. Add it and sign in again, "
                + "or run the command with --anyway when you are sure who it was. The former sign-in, if any, goes on sending."
            : $"Signed in as {done.SignedInAs}, but the account is {done.Address}: this sign-in is not kept. Sign in again in a private window of the browser, "
                + "or run the command with --anyway. The former sign-in, if any, goes on sending.";
    }

    public static Command CreateSignOut(CommandFrame frame)
    {
        var address = Address();
        var command = new Command("signout", "Delete an account's sign-in; its mail is held") { address };
        frame.Run(command, async run => run.Print(await run.Client.PostAsync($"/control/accounts/signout{WhichAccount(run, address)}")));
        return command;
    }

    private static string WhichAccount(CommandRun run, Argument<string?> address) => $"?address={Uri.EscapeDataString(run.Get(address) ?? "-")}";

    private static Argument<string?> Address() => new("address") { Description = "The account [the default one]", Arity = ArgumentArity.ZeroOrOne };

    private static async Task<AccountView> WaitAsync(CommandRun run, string whose)
    {
        while (true)
        {
            var now = await run.Client.GetAsync($"/control/accounts/signin{whose}", AccountsJson.Default.AccountView, run.Cancel);
            if (now.Status == nameof(AccountStatus.SignedInNotSaved)) return now;
            await Task.Delay(_look, TimeProvider.System, run.Cancel);
        }
    }

    private static void Show(AccountView account, TextWriter to)
    {
        to.WriteLine($"Sign in the mailbox {account.Address}:");
        to.WriteLine();
        to.WriteLine($"  1. Open  {account.VerificationAddress}");
        to.WriteLine($"  2. Enter {account.UserCode}");
        to.WriteLine("  3. Sign in with that mailbox, and accept.");
        to.WriteLine();
        using var generator = new QRCodeGenerator();
        using var code = generator.CreateQrCode(account.VerificationAddress!, QRCodeGenerator.ECCLevel.L);
        using var text = new AsciiQRCode(code);
        to.WriteLine(text.GetGraphicSmall());
        to.WriteLine("If the page says AADSTS53003, a policy blocks sign-ins by code: run the command again with --browser.");
        to.WriteLine("Waiting for you to finish in the browser. Ctrl-C stops waiting.");
        to.Flush();
    }
}
