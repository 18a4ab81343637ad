using DeviceMail.Control;

namespace DeviceMail.Accounts;

/// <summary>A mailbox's sign-in in a browser from the command line.</summary>
internal sealed class BrowserVisit(CommandRun run, string whose)
{
    /// <summary>From the address to open to the account that is signed in and not saved yet.</summary>
    /// <param name="port">0 to 65535; null and 0 take any that is free.</param>
    public async Task<AccountView> RunAsync(int? port)
    {
        await using var answer = await LoopbackAnswer.ListenAsync(port);
        var shown = await run.Client.PostAsync($"/control/accounts/signin/browser{whose}&port={answer.Port}", AccountsJson.Default.AccountView);
        Show(shown, run.Talk);
        var landed = await answer.WaitAsync(run, $"{shown.SignInAddress}", run.Json ? null : new TypedLines(Console.In));
        return await run.Client.PostAsync("/control/accounts/signin/answer", new LandedAddress(landed), AccountsJson.Default.LandedAddress, AccountsJson.Default.AccountView);
    }

    private static void Show(AccountView account, TextWriter to)
    {
        to.WriteLine($"Sign in the mailbox {account.Address} in a browser:");
        to.WriteLine();
        to.WriteLine($"  1. Open  {account.SignInAddress}");
        to.WriteLine("  2. Sign in with that mailbox, and accept.");
        to.WriteLine();
        to.WriteLine(LoopbackAnswer.Hint);
        to.Flush();
    }
}
