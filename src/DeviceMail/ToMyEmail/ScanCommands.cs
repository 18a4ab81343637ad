using System.CommandLine;
using DeviceMail.Control;
using DeviceMail.Web;

namespace DeviceMail.ToMyEmail;

/// <summary><c>devicemail scan</c>: from a scanner of the list to a registered person's mailbox.</summary>
public static class ScanCommands
{
    public static Command Create(CommandFrame frame)
    {
        var person = new Argument<string>("user") { Description = "The user ID of who gets the scan" };
        var scanner = new Option<string?>("--scanner") { Description = "A scanner of `devicemail scanners` [the only one]" };
        var source = new Option<string>("--source") { Description = "feeder or glass [feeder]", DefaultValueFactory = _ => "feeder" };
        var bothSides = new Option<bool>("--both-sides") { Description = "Scan both sides of each sheet" };
        var colour = new Option<string>("--colour") { Description = "colour, grey or black [colour]", DefaultValueFactory = _ => "colour" };
        var dpi = new Option<int>("--dpi") { Description = "Dots an inch, 75 to 1200 [300]", DefaultValueFactory = _ => 300 };
        var size = new Option<string>("--size") { Description = "A4, Letter, A5 or Legal [A4]", DefaultValueFactory = _ => "A4" };
        var command = new Command("scan", "Scan to the mailbox of a registered user, as one PDF, from the email server's account") { person, scanner, source, bothSides, colour, dpi, size };
        frame.Run(command, async run =>
        {
            var wish = new ScanWish(run.Get(person), run.Get(scanner))
            {
                Source = run.Get(source)!,
                BothSides = run.Get(bothSides),
                Colour = run.Get(colour)!,
                Dpi = run.Get(dpi),
                Size = run.Get(size)!,
            };
            run.Print(await run.Client.PostAsync("/control/scan", wish, ToMyEmailJson.Default.ScanWish, ToMyEmailJson.Default.ScannedMail), ToMyEmailJson.Default.ScannedMail, (mail, words) =>
            {
                Write(mail, words);
                run.SayWithoutService(words);
            });
        });
        return command;
    }

    private static void Write(ScannedMail mail, TextWriter to)
    {
        foreach (var change in mail.Changes) to.WriteLine(change);
        to.WriteLine($"{(mail.Pages == 1 ? "1 page is" : $"{mail.Pages} pages are")} on the way to {mail.To} as one PDF of {Words.Size(mail.Octets)}: job {mail.Job}. `devicemail jobs {mail.Job}` shows what becomes of it.");
    }
}
