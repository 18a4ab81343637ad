using System.Net;
using System.Xml.Linq;

namespace DeviceMail.Scanning;

/// <summary>The questions of eSCL that need no job, asked of one scanner.</summary>
internal sealed class EsclClient(EsclChannel channel)
{
    public EsclChannel Channel => channel;

    /// <param name="limit">For each of its two questions.</param>
    public async Task<ScannerLook> LookAsync(TimeSpan limit, CancellationToken cancel)
    {
        var (told, trouble) = await ReadAsync("ScannerCapabilities", limit, cancel);
        if (told is null) return new ScannerLook.Trouble(trouble!);
        if (ScannerCapabilities.Read(told) is not { } capabilities)
            return new ScannerLook.Trouble(new ScanTrouble(ScanTroubleKind.Unreadable, $"{channel.Scanner} tells neither of a feeder nor of a glass to scan from. The gateway's administrator checks its address."));
        var (status, why) = await StatusAsync(limit, cancel);
        return status is null ? new ScannerLook.Trouble(why!) : new ScannerLook.Answered(capabilities, status);
    }

    public async Task<(ScannerStatus? Status, ScanTrouble? Trouble)> StatusAsync(TimeSpan limit, CancellationToken cancel)
    {
        var (told, trouble) = await ReadAsync("ScannerStatus", limit, cancel);
        return (told is null ? null : ScannerStatus.Read(told), trouble);
    }

    private async Task<(XElement? Told, ScanTrouble? Trouble)> ReadAsync(string what, TimeSpan limit, CancellationToken cancel) =>
        await channel.AskAsync(new EsclRequest(HttpMethod.Get, new Uri(channel.Address.Root, what), limit), cancel) switch
        {
            EsclReply.NoAnswer none => (null, none.Trouble),
            EsclReply.Answered { Status: HttpStatusCode.OK } answer => EsclXml.TryRead(answer.Body, what, out var root)
                ? (root, null)
                : (null, new ScanTrouble(ScanTroubleKind.Unreadable, $"{channel.Scanner} gave an answer that is no eSCL. The gateway's administrator checks its address; most scanners answer under /eSCL.")),
            EsclReply.Answered refused => (null, channel.Explain(refused.Status)),
            _ => throw new InvalidOperationException("Only a page is opened."),
        };
}
