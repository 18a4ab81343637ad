using DeviceMail.Network;
using DeviceMail.Accounts;
using DeviceMail.Documents;

namespace DeviceMail.Printing;

/// <summary>How a printer was found.</summary>
public abstract record PrinterLook
{
    public sealed record Answered(PrinterStatus Status) : PrinterLook;

    /// <summary>It cannot be used; the sentence says why and what to do.</summary>
    public sealed record Trouble(string Sentence) : PrinterLook;
}

/// <summary>What became of a sheet that was to be printed.</summary>
public abstract record PrintOutcome(string Sentence)
{
    public sealed record Printed(string Sentence) : PrintOutcome(Sentence);

    /// <summary>The printer has it, and prints it once something is done at the printer.</summary>
    public sealed record Waits(string Sentence) : PrintOutcome(Sentence);

    public sealed record NotPrinted(string Sentence) : PrintOutcome(Sentence);
}

/// <summary>Something to print that is made for a paper.</summary>
/// <param name="Name">As the printer's panel shows it.</param>
/// <param name="Make">Makes its PDF.</param>
public sealed record PrintWork(string Name, Func<Paper, byte[]> Make)
{
    /// <summary>Null: the paper that is in the printer.</summary>
    public Paper? Paper { get; init; }
}

/// <summary>Looks at printers and prints on them, and follows a job until it is printed.</summary>
public sealed partial class PrintDesk(PrinterRegister printers, TrustedRoots roots, TimeProvider time, ILogger<PrintDesk> log)
{
    /// <summary>Formats we can make, best first.</summary>
    private static readonly string[] _formats = ["application/pdf"];

    private static readonly TimeSpan _requestLimit = TimeSpan.FromSeconds(30), _lookLimit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _askAgain = TimeSpan.FromSeconds(1), _followLimit = TimeSpan.FromMinutes(2);

    private readonly ILogger<PrintDesk> _log = log;

    /// <summary>Asks a printer how it is. A printer of the list gets its certificate kept, where it had none yet.</summary>
    public async Task<PrinterLook> LookAsync(Printer printer, CancellationToken cancel)
    {
        var pin = new CertificatePin(roots, printer.Address.Host, printer.Certificate);
        using var channel = new IppChannel(printer.Address, pin, time, _lookLimit);
        var look = await LookAsync(new IppClient(channel, printer.Address), cancel);
        if (look is PrinterLook.Answered && printer.Id != 0) await KeepAsync(printer, pin);
        return look;
    }

    /// <summary>Adds a printer to the list once it has answered; its certificate is the one that it must show from then on.</summary>
    public async Task<PrinterSave> AddAsync(string name, PrinterAddress address, CancellationToken cancel)
    {
        var pin = new CertificatePin(roots, address.Host, null);
        using var channel = new IppChannel(address, pin, time, _lookLimit);
        return await LookAsync(new IppClient(channel, address), cancel) switch
        {
            PrinterLook.Answered => await printers.SaveAsync(new Printer(0, name, address) { Certificate = pin.Kept }),
            PrinterLook.Trouble trouble => new PrinterSave.Refused($"Nothing was added: {trouble.Sentence}"),
            _ => throw new InvalidOperationException("A printer answers or is in trouble."),
        };
    }

    /// <summary>
    /// Prints, and returns when the paper is out, the printer cannot go on, or 2 minutes are over. A call that is given up takes its job back from the printer.
    /// An encrypted printer that is not in the list enters it, so that its certificate is kept.
    /// </summary>
    /// <exception cref="OperationCanceledException">The call was given up.</exception>
    public async Task<PrintOutcome> PrintAsync(PrinterAddress address, PrintWork work, CancellationToken cancel)
    {
        var printer = printers.Find(address) ?? new Printer(0, address.Host, address);
        var pin = new CertificatePin(roots, address.Host, printer.Certificate);
        using var channel = new IppChannel(address, pin, time, _requestLimit);
        var client = new IppClient(channel, address);
        var look = await LookAsync(client, cancel);
        if (look is not PrinterLook.Answered { Status: var status }) return new PrintOutcome.NotPrinted(((PrinterLook.Trouble)look).Sentence);
        await KeepAsync(printer, pin);
        if (Array.Find(_formats, status.Formats.Contains) is not { } format) return new PrintOutcome.NotPrinted(WrongFormat(printer, status));
        if (!status.AcceptsJobs) return new PrintOutcome.NotPrinted($"{printer.Name} accepts no jobs now ({status.Words}). Let it accept jobs again at its panel or in its settings.");
        var paper = work.Paper ?? Paper.All.FirstOrDefault(one => status.Loaded.Contains(one.Media)) ?? Paper.A4;
        var ticket = new PrintTicket(work.Name, format, status.Media.Contains(paper.Media) ? paper : null);
        if (Refusal(await client.ValidateJobAsync(ticket, cancel), printer) is { } refused) return new PrintOutcome.NotPrinted(refused);
        var reply = await client.PrintJobAsync(ticket, work.Make(paper), cancel);
        if (Refusal(reply, printer) is { } unprinted) return new PrintOutcome.NotPrinted(unprinted);
        var outcome = ((IppReply.Answered)reply).Message.Number("job-id") is { } job
            ? await FollowAsync(client, printer, job, cancel)
            : new PrintOutcome.Printed($"{printer.Name} has taken the sheet.");
        return printer.Id == 0 && pin.Kept is not null
            ? outcome with { Sentence = $"{outcome.Sentence} It is in the list of printers now, with the certificate that it must show from now on." }
            : outcome;
    }

    private static async Task<PrinterLook> LookAsync(IppClient client, CancellationToken cancel) => await client.GetPrinterAttributesAsync(cancel) switch
    {
        IppReply.NoAnswer none => new PrinterLook.Trouble(none.Sentence),
        IppReply.Answered { Message: { IsSuccess: true } answer } => new PrinterLook.Answered(PrinterStatus.Read(answer)),
        IppReply.Answered refused => new PrinterLook.Trouble($"The printer does not tell how it is. {IppStatus.Of(refused.Message)}"),
        _ => throw new InvalidOperationException("A printer answers or does not."),
    };

    private async Task<PrintOutcome> FollowAsync(IppClient client, Printer printer, int job, CancellationToken cancel)
    {
        var end = time.GetUtcNow() + _followLimit;
        try
        {
            while (true)
            {
                var reply = await client.GetJobAttributesAsync(job, cancel);
                // Some printers forget a job as soon as its paper is out.
                if (reply is IppReply.Answered { Message.Code: IppStatus.NotFound }) return new PrintOutcome.Printed($"{printer.Name} has printed the sheet, and forgot the job.");
                if (Refusal(reply, printer) is { } sentence) return new PrintOutcome.Waits($"{printer.Name} has the sheet as its job {job}, but does not tell what becomes of it. {sentence}");
                if (Outcome(((IppReply.Answered)reply).Message, printer, job) is { } outcome) return outcome;
                if (time.GetUtcNow() >= end) return new PrintOutcome.Waits($"{printer.Name} has the sheet as its job {job} and has not printed it yet{await ReasonAsync(client, cancel)}.");
                await Task.Delay(_askAgain, time, cancel);
            }
        }
        catch (OperationCanceledException)
        {
            var reply = await client.CancelJobAsync(job, CancellationToken.None);
            LogCancelled(job, printer.Address.ToString(), Refusal(reply, printer) ?? "it did so");
            throw;
        }
    }

    /// <summary>RFC 8011 5.3.7: job-state. Null: it goes on.</summary>
    private static PrintOutcome? Outcome(IppMessage answer, Printer printer, int job) => answer.Number("job-state") switch
    {
        7 => new PrintOutcome.NotPrinted($"Job {job} was cancelled at {printer.Name}. Print again when the printer is free."),
        8 => new PrintOutcome.NotPrinted($"{printer.Name} gave up job {job}{Because(answer.Texts("job-state-reasons"))}. Look at its panel, then print again."),
        9 => new PrintOutcome.Printed($"{printer.Name} has printed the sheet."),
        _ => null,
    };

    private static async Task<string> ReasonAsync(IppClient client, CancellationToken cancel) =>
        await LookAsync(client, cancel) is PrinterLook.Answered { Status.Reasons: { Count: > 0 } reasons } ? $": {string.Join(", ", reasons)}" : "";

    private static string Because(IReadOnlyList<string> reasons) => reasons.Where(reason => reason != "none").ToList() is { Count: > 0 } known ? $" ({string.Join(", ", known)})" : "";

    private static string? Refusal(IppReply reply, Printer printer) => reply switch
    {
        IppReply.NoAnswer none => none.Sentence,
        IppReply.Answered { Message.IsSuccess: true } => null,
        IppReply.Answered refused => $"{printer.Name} does not take the sheet. {IppStatus.Of(refused.Message)}",
        _ => throw new InvalidOperationException("A printer answers or does not."),
    };

    private static string WrongFormat(Printer printer, PrinterStatus status) =>
        $"{printer.Name} takes no PDF, and DeviceMail makes nothing else. It takes {(status.Formats.Count == 0 ? "no format that it names" : string.Join(", ", status.Formats))}. "
        + "Write the sheet to a file with --out, and print it from a computer.";

    private async Task KeepAsync(Printer printer, CertificatePin pin)
    {
        if (pin.Kept == printer.Certificate) return;
        var save = await printers.SaveAsync(printer with { Certificate = pin.Kept });
        if (save is PrinterSave.Refused) await printers.SaveAsync(printer with { Name = printer.Address.ToString(), Certificate = pin.Kept });
        LogKept(pin.Kept!, printer.Address.ToString());
    }

    [LoggerMessage(LogLevel.Information, "Job {Job} was taken back from {Printer}: {Answer}")]
    private partial void LogCancelled(int job, string printer, string answer);

    [LoggerMessage(LogLevel.Information, "The certificate {Certificate} of {Printer} is kept; from now on it must show the same")]
    private partial void LogKept(string certificate, string printer);
}
