using System.IO.Pipelines;
using DeviceMail.Accounts;
using DeviceMail.Documents;
using DeviceMail.People;
using DeviceMail.Queue;
using DeviceMail.Scanning;
using DeviceMail.Storage;
using DeviceMail.Web;

namespace DeviceMail.ToMyEmail;

/// <summary>What became of a scan.</summary>
public abstract record ScanToMailOutcome
{
    public sealed record Taken(ScannedMail Mail) : ScanToMailOutcome;

    /// <summary>Nothing is sent; the sentence says why, and what to do.</summary>
    public sealed record Refused(string Sentence) : ScanToMailOutcome;
}

/// <summary>A scan that the queue has promised to deliver.</summary>
/// <param name="Job">The number under which Job Status shows it.</param>
/// <param name="To">Whose mailbox it goes to.</param>
/// <param name="Octets">Size of the PDF.</param>
public sealed record ScannedMail(long Job, string To, int Pages, long Octets)
{
    /// <summary>What the scanner did otherwise than it was asked, a sentence each.</summary>
    public IReadOnlyList<string> Changes { get; init; } = [];
}

/// <summary>Scans at one scanner, and mails what came to a registered person from the email server's account.</summary>
public sealed class ScanToMail(ScanToMailParts parts, DataFolder data)
{
    /// <exception cref="OperationCanceledException">Given up; nothing is sent.</exception>
    public async Task<ScanToMailOutcome> ScanAsync(ScanWish wish, CancellationToken cancel)
    {
        var (settings, fault) = wish.Read();
        if (settings is null) return new ScanToMailOutcome.Refused(fault);
        if (parts.People.FindByUserId(wish.Person) is not { } person) return new ScanToMailOutcome.Refused($"There is no registered user “{wish.Person}”. `devicemail people` lists them.");
        if (parts.Accounts.Default is not { } account) return new ScanToMailOutcome.Refused("No account sends the scan. The gateway's administrator sets one up under Network > Email Server > Basic.");
        if (Find(wish.Scanner) is not { } scanner)
            return new ScanToMailOutcome.Refused(wish.Scanner is { } name ? $"There is no scanner “{name}”. `devicemail scanners` lists them."
                : parts.Scanners.All.Count == 0 ? "No scanner is known yet. `devicemail scanners add ADDRESS` adds one." : "There are several scanners: name one with --scanner.");
        var look = await parts.Desk.LookAsync(scanner, cancel);
        if (look is not ScannerLook.Answered answered) return new ScanToMailOutcome.Refused(((ScannerLook.Trouble)look).Why.Sentence);
        var folder = Path.Combine(data.Scans, $"{Guid.NewGuid():N}");
        try
        {
            DataFolder.MakeFolder(folder);
            var (pages, stopped) = await PagesAsync(scanner, settings, folder, cancel);
            if (stopped is not null) return new ScanToMailOutcome.Refused($"{stopped.Sentence}{(pages.Count == 0 ? "" : $" {Count(pages.Count)} had come. Nothing is sent: put all sheets back, and scan again.")}");
            if (pages.Count == 0) return new ScanToMailOutcome.Refused("The scanner sent no page. Put the sheets in, and scan again.");
            var pdf = await DocumentAsync(pages, folder, cancel);
            if (ScanMail.SizeOf(pdf.Length) is var size && size > account.LargestMail)
                return new ScanToMailOutcome.Refused($"The scan makes a mail of {Words.Size(size)}, and {account.Address} sends {Words.Size(account.LargestMail)} at most. Scan fewer pages, or with a lower resolution (--dpi).");
            return await MailAsync(new ScanMail(account, person, parts.Time.GetLocalNow()), pdf.FullName, cancel) switch
            {
                AcceptOutcome.Accepted accepted => new ScanToMailOutcome.Taken(new ScannedMail(accepted.JobId, person.Address.ToString(), pages.Count, pdf.Length)
                {
                    Changes = ScanFit.Of(answered.Capabilities, settings).Changes,
                }),
                AcceptOutcome.Refused refused => new ScanToMailOutcome.Refused($"The mail with the scan cannot be taken ({refused.Why}). Nothing is sent."),
                var other => throw new InvalidOperationException($"{other} is no outcome."),
            };
        }
        catch (InvalidDataException torn)
        {
            return new ScanToMailOutcome.Refused($"A page of the scanner cannot be made a PDF: {torn.Message} Nothing is sent. Scan again with another resolution or colour.");
        }
        catch (Exception lost) when (lost is IOException or UnauthorizedAccessException)
        {
            return new ScanToMailOutcome.Refused($"The gateway's disk does not take the scan ({lost.Message.TrimEnd('.')}). Nothing is sent. The gateway's administrator makes room on it; then scan again.");
        }
        finally
        {
            Forget(folder);
        }
    }

    private static void Forget(string folder)
    {
        try
        {
            if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // The next start clears it; the mail is promised, or its refusal is told.
        }
    }

    private Scanner? Find(string? name) => name is not null ? parts.Scanners.Find(name) : parts.Scanners.All is [var only] ? only : null;

    private async Task<(List<ScannedFile> Pages, ScanTrouble? Stopped)> PagesAsync(Scanner scanner, ScanSettings settings, string folder, CancellationToken cancel)
    {
        var pages = new List<ScannedFile>();
        await foreach (var step in parts.Desk.ScanAsync(scanner, settings, folder, cancel))
        {
            if (step is ScanStep.Page page) pages.Add(page.File);
            if (step is ScanStep.Stopped stopped) return (pages, stopped.Trouble);
        }
        return (pages, null);
    }

    /// <summary>The scanner's own PDF as it is, or one of its JPEG pages.</summary>
    private static async Task<FileInfo> DocumentAsync(List<ScannedFile> pages, string folder, CancellationToken cancel)
    {
        if (pages is [{ MediaType: "application/pdf", Path: var own }]) return new FileInfo(own);
        var path = Path.Combine(folder, "scan.pdf");
        await using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16, useAsync: true))
            await PicturePdf.WriteAsync(file, [.. pages.Select(page => page.Path)], cancel);
        return new FileInfo(path);
    }

    /// <exception cref="StorageFailedException">The disk does not keep it; nothing is promised.</exception>
    private async Task<AcceptOutcome> MailAsync(ScanMail mail, string pdf, CancellationToken cancel)
    {
        var pipe = new Pipe();
        var writing = WriteAsync(mail, pdf, pipe.Writer, cancel);
        try
        {
            return await parts.Accept(mail.Envelope, pipe.Reader, cancel);
        }
        finally
        {
            // Its faults reach the reader; here it only has to be over before the file goes.
            await writing;
        }
    }

    /// <summary>A reader must not take what broke off for a whole mail.</summary>
    private static async Task WriteAsync(ScanMail mail, string pdf, PipeWriter writer, CancellationToken cancel)
    {
        try
        {
            await mail.WriteAsync(writer.AsStream(leaveOpen: true), pdf, cancel);
            await writer.CompleteAsync();
        }
        catch (Exception broken)
        {
            await writer.CompleteAsync(broken);
        }
    }

    private static string Count(int pages) => pages == 1 ? "1 page" : $"{pages} pages";
}

/// <summary>What a scan to a mailbox works with.</summary>
public sealed record ScanToMailParts(PersonRegister People, ScannerRegister Scanners, ScanDesk Desk, AccountRegister Accounts, AcceptMail Accept)
{
    public required TimeProvider Time { get; init; }
}
