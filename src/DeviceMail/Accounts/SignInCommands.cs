using System.CommandLine;
using DeviceMail.Control;
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
        var command = new Command("signin", "Sign an account in: shows a code, waits for the person, saves") { address, anyway };
        frame.Run(command, async run =>
        {
            if (!run.Client.IsService) throw new CommandRefusedException("The gateway is not running on this data folder. Start it first with `devicemail run`.");
            var whose = WhichAccount(run, address);
            var shown = await run.Client.PostAsync($"/control/accounts/signin{whose}", new AccountRequest(""), AccountsJson.Default.AccountRequest, AccountsJson.Default.AccountView);
            if (!run.Json) Show(shown, run.Out);
            var done = await WaitAsync(run, whose);
            var isRight = done.Address.Equals(done.SignedInAs, StringComparison.OrdinalIgnoreCase);
            if (string.IsNullOrEmpty(done.SignedInAs) && !run.Get(anyway))
            {
                throw new CommandRefusedException($"The service did not say who signed in; it does when `openid` is among the scopes of {done.Address}. Add it and sign in again, "
                    + "or run the command with --anyway when you are sure who it was. The former sign-in, if any, goes on sending.");
            }
            if (!isRight && !run.Get(anyway))
            {
                throw new CommandRefusedException($"Signed in as {done.SignedInAs}, but the account is {done.Address}. Sign in again in a private window of the browser, "
                    + "or run the command with --anyway. The former sign-in, if any, goes on sending.");
            }
            run.Print(await run.Client.PostAsync($"/control/accounts/confirm{whose}"));
        });
        return command;
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
        to.WriteLine("Waiting for you to finish in the browser. Ctrl-C stops waiting.");
        to.Flush();
    }
}
