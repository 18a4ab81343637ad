using System.CommandLine;

namespace DeviceMail.Demo;

/// <summary><c>devicemail demo</c>: the main job, with no account anywhere.</summary>
public static class DemoCommands
{
    public static Command Create()
    {
        var auto = new Option<bool>("--auto") { Description = "Play it through without a person" };
        var command = new Command("demo", "Show the main job on this machine, with a pretend Microsoft 365 and printer") { auto };
        command.SetAction(async (arguments, cancel) =>
        {
            var to = arguments.InvocationConfiguration.Output;
            if (arguments.GetValue(auto)) await new DemoStory(to, TimeProvider.System).PlayAsync(cancel);
            else await ShowAsync(to, cancel);
            return 0;
        });
        return command;
    }

    private static async Task ShowAsync(TextWriter to, CancellationToken cancel)
    {
        await using var stage = await DemoStage.StartAsync(cancel);
        to.WriteLine($"""
            DeviceMail demo. Everything is PRETEND and on this machine; nothing is sent anywhere.

              1. Open {stage.WebConfig}
                 The browser warns of the gateway's own certificate; go on.
                 Log in with the password {stage.Password} (administrator: {DemoStage.Administrator})
              2. The first page says that mail is held. Press Sign in, then Sign In under Current Status, then Sign in with Microsoft.
              3. Copy the code, open the page that is named there ({stage.Lab.Web}device), enter it,
                 sign in as {DemoStage.Mailbox} with any password, and accept.
              4. The gateway's page goes on by itself. Press OK to save the sign-in.
              5. Open the printer, {stage.Lab.Web}printer, and press Scan.
              6. Open the mailbox, {stage.Lab.Web}mailboxes/{DemoStage.Recipient}: the scan is there.
              7. Turn a switch at {stage.Lab.Web}switches, scan again, and see what the gateway says.
                 With “A policy blocks device code” and “Security defaults” on, the page Sign In leads to the browser, and mail goes by Microsoft Graph.

            Any device on this machine can hand in mail at {stage.Smtp}.
            Ctrl-C ends the demo and removes all of it.
            """);
        to.Flush();
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancel);
        }
        catch (OperationCanceledException)
        {
            to.WriteLine("The demo has ended; nothing of it is left.");
        }
    }
}
