using System.CommandLine;
using DeviceMail.Control;
using MimeKit;

namespace DeviceMail.Receiving;

/// <summary><c>devicemail send</c>: a message of this machine into the gateway's own queue.</summary>
public static class SendCommands
{
    public static Command Create(CommandFrame frame)
    {
        var options = new SendOptions(
            new Option<string>("--from") { Description = "Who sends it", HelpName = "ADDRESS", Required = true },
            new Option<string[]>("--to") { Description = "Who gets it; may be given several times", HelpName = "ADDRESS", Required = true },
            new Option<string>("--subject") { Description = "Its subject", DefaultValueFactory = _ => "Test mail of DeviceMail" },
            new Option<string?>("--attach") { Description = "A file to attach", HelpName = "FILE" },
            new Option<string?>("--message") { Description = "A whole message to send as it is, with its header", HelpName = "FILE" });
        var command = new Command("send", "Hand a mail to the gateway, such as a test mail") { options.From, options.To, options.Subject, options.Attach, options.Message };
        frame.Run(command, async run =>
        {
            var message = run.Get(options.Message) is { } file ? await ReadWholeAsync(file, run.Cancel) : await ComposeAsync(run, options);
            var to = string.Concat((run.Get(options.To) ?? []).Select(one => $"&to={Uri.EscapeDataString(one)}"));
            await using (message)
            {
                var taken = await run.Client.PostAsync($"/control/send?from={Uri.EscapeDataString(run.Get(options.From)!)}{to}", message, SendJson.Default.TakenMail);
                run.Print(taken, SendJson.Default.TakenMail, (one, words) =>
                {
                    words.WriteLine($"Kept as job {one.Job}, to be sent by {one.Account}. `devicemail jobs show {one.Job}` says what becomes of it.");
                    run.SayWithoutService(words);
                });
            }
        });
        return command;
    }

    private static async Task<MemoryStream> ComposeAsync(CommandRun run, SendOptions options)
    {
        using var message = new MimeMessage();
        try
        {
            message.From.Add(MailboxAddress.Parse(run.Get(options.From)!));
            message.To.AddRange((run.Get(options.To) ?? []).Select(MailboxAddress.Parse));
        }
        catch (ParseException)
        {
            throw new CommandRefusedException("--from and --to must be mail addresses, name@domain.");
        }
        message.Subject = run.Get(options.Subject)!;
        message.Date = TimeProvider.System.GetLocalNow();
        var body = new BodyBuilder { TextBody = "This mail was handed in by `devicemail send`.\n" };
        if (run.Get(options.Attach) is { } file) body.Attachments.Add(Path.GetFileName(file), await ReadAsync(file, run.Cancel));
        message.Body = body.ToMessageBody();
        message.Prepare(EncodingConstraint.SevenBit);
        var octets = new MemoryStream();
        var format = FormatOptions.Default.Clone();
        format.NewLineFormat = NewLineFormat.Dos;
        await message.WriteToAsync(format, octets, run.Cancel);
        octets.Position = 0;
        return octets;
    }

    /// <summary>The file's octets; lines that end in LF alone end in CRLF afterwards, nothing else changes.</summary>
    private static async Task<MemoryStream> ReadWholeAsync(string file, CancellationToken cancel)
    {
        var octets = new MemoryStream();
        var previous = (byte)0;
        foreach (var octet in await ReadAsync(file, cancel))
        {
            if (octet == '\n' && previous != '\r') octets.WriteByte((byte)'\r');
            octets.WriteByte(octet);
            previous = octet;
        }
        if (previous != '\n') octets.Write("\r\n"u8);
        octets.Position = 0;
        return octets;
    }

    private static async Task<byte[]> ReadAsync(string file, CancellationToken cancel)
    {
        try
        {
            return await File.ReadAllBytesAsync(file, cancel);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandRefusedException($"{file} cannot be read ({fault.Message}).");
        }
    }

    private sealed record SendOptions(Option<string> From, Option<string[]> To, Option<string> Subject, Option<string?> Attach, Option<string?> Message);
}
