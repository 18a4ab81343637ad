using System.Runtime.CompilerServices;
using DeviceMail.Network;
using DeviceMail.Printing;

namespace DeviceMail.Scanning;

/// <summary>Looks at scanners, and scans from them.</summary>
public sealed partial class ScanDesk(ScannerRegister scanners, TrustedRoots roots, TimeProvider time, ILogger<ScanDesk> log)
{
    private static readonly TimeSpan _lookLimit = TimeSpan.FromSeconds(5), _wakeLimit = TimeSpan.FromSeconds(30);

    private readonly ILogger<ScanDesk> _log = log;

    /// <summary>Asks a scanner what it can do and how it is; at most 10 seconds. A scanner of the list gets its certificate kept, where it had none yet.</summary>
    public async Task<ScannerLook> LookAsync(Scanner scanner, CancellationToken cancel)
    {
        var (look, met) = await MeetAsync(scanner, cancel);
        if (look is ScannerLook.Answered) await KeepAsync(scanner, met);
        return look;
    }

    /// <summary>Looks at a scanner that need not be in the list, and gives it the certificate that it showed.</summary>
    internal async Task<(ScannerLook Look, Scanner Met)> MeetAsync(Scanner scanner, CancellationToken cancel)
    {
        var pin = PinOf(scanner);
        using var channel = new EsclChannel(scanner, pin, time);
        var look = await new EsclClient(channel).LookAsync(_lookLimit, cancel);
        return (look, scanner with { Certificate = pin.Kept });
    }

    /// <summary>
    /// One run: one job at the scanner. Each page is streamed to a file of its own in <paramref name="folder"/>; only whole ones are reported, a torn one is
    /// deleted. A run that is given up, or left before its end, takes its job back from the scanner.
    /// </summary>
    /// <exception cref="OperationCanceledException">The run was given up.</exception>
    public async IAsyncEnumerable<ScanStep> ScanAsync(Scanner scanner, ScanSettings settings, string folder, [EnumeratorCancellation] CancellationToken cancel)
    {
        var pin = PinOf(scanner);
        using var channel = new EsclChannel(scanner, pin, time);
        var client = new EsclClient(channel);
        var look = await client.LookAsync(_wakeLimit, cancel);
        if (look is not ScannerLook.Answered { Capabilities: var capabilities, Status: var status })
        {
            yield return new ScanStep.Stopped(((ScannerLook.Trouble)look).Why);
            yield break;
        }
        await KeepAsync(scanner, scanner with { Certificate = pin.Kept });
        var fit = ScanFit.Of(capabilities, settings);
        if (fit.Settings.Source == ScanSource.Feeder && capabilities.DetectsPaper && status.IsFeederEmpty && !status.IsBusy)
        {
            yield return new ScanStep.Stopped(ScanTroubles.At(ScanTroubleKind.FeederEmpty, scanner.Name));
            yield break;
        }
        await using var job = new EsclJob(client, fit);
        if (await job.StartAsync(ScanRequest.Write(fit, capabilities), cancel) is { } refused)
        {
            yield return new ScanStep.Stopped(refused);
            yield break;
        }
        while (true)
        {
            var next = await job.NextAsync(folder, cancel);
            if (next is NextPage.Ended ended)
            {
                LogEnd(scanner.Name, ended.Last);
                yield return ended.Last;
                yield break;
            }
            await using var page = ((NextPage.Begins)next).Page;
            yield return new ScanStep.PageBegins();
            ScanStep step;
            do
            {
                step = await page.NextAsync(cancel);
                if (step is ScanStep.Stopped torn) step = await job.StopAsync(torn.Trouble, cancel);
                yield return step;
            }
            while (step is ScanStep.Receiving);
            if (step is ScanStep.Stopped) yield break;
            if (job.Count() is not { } last) continue;
            yield return last;
            yield break;
        }
    }

    private CertificatePin PinOf(Scanner scanner) => new(roots, scanner.Address.Host, scanner.Certificate);

    private async Task KeepAsync(Scanner scanner, Scanner met)
    {
        if (scanner.Id == 0 || met.Certificate == scanner.Certificate) return;
        if (await scanners.SaveAsync(met) is ScannerSave.Saved) LogKept(met.Certificate!, scanner.Address.ToString());
    }

    [LoggerMessage(LogLevel.Information, "The certificate {Certificate} of {Scanner} is kept; from now on it must show the same")]
    private partial void LogKept(string certificate, string scanner);

    [LoggerMessage(LogLevel.Debug, "The run at {Scanner} ended: {Last}")]
    private partial void LogEnd(string scanner, ScanStep last);
}
