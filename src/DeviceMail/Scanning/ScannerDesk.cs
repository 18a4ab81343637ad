using DeviceMail.Activity;
using DeviceMail.Discovery;

namespace DeviceMail.Scanning;

/// <summary>What administrators do with the list of scanners, in Web Config and at the command line alike; each of it is in Activity.</summary>
public sealed class ScannerDesk(ScannerRegister scanners, ScanDesk desk, MdnsBrowser browser, ActivityLog activity)
{
    private static readonly string[] _types = [FoundScanner.Clear, FoundScanner.Encrypted];

    private static readonly TimeSpan _findTime = TimeSpan.FromSeconds(3);

    /// <summary>Scanners that announce themselves on the network, in 3 seconds. Nothing is announced by us.</summary>
    public async Task<IReadOnlyList<FoundScanner>> FindAsync(CancellationToken cancel) => FoundScanner.Of(await browser.BrowseAsync(_types, _findTime, cancel));

    /// <summary>Adds a scanner to the list once it has answered; its certificate is the one that it must show from then on. Of a host alone, https is tried where http leads nowhere.</summary>
    public async Task<ScannerSave> AddAsync(NewScanner asked, string who, CancellationToken cancel)
    {
        if (!ScannerAddress.TryParse(asked.Address, out var address))
            return new ScannerSave.Refused($"“{asked.Address}” is no address of a scanner. Write its IP address or name, or http://HOST/eSCL, or https:// where the scanner encrypts.");
        var (look, met) = await desk.MeetAsync(New(address), cancel);
        if (look is ScannerLook.Trouble && !asked.Address.Contains("://", StringComparison.Ordinal) && address.Root.IsDefaultPort)
        {
            var (second, encrypted) = await desk.MeetAsync(New(address.Encrypted), cancel);
            if (second is ScannerLook.Answered) (look, met) = (second, encrypted);
        }
        if (look is not ScannerLook.Answered { Capabilities: var capabilities }) return new ScannerSave.Refused($"Nothing was added: {((ScannerLook.Trouble)look).Why.Sentence}");
        var save = await scanners.SaveAsync(met with { Name = asked.Name?.Trim() is { Length: > 0 } name ? name : NameFor(capabilities, met) });
        if (save is ScannerSave.Saved { Scanner: var scanner })
            await activity.RecordAsync(Subject.Gateway, scanner.Name, $"The scanner {scanner.Name} ({scanner.Address}) was added by {who}; people can scan from it.");
        return save;
    }

    public async Task RemoveAsync(Scanner scanner, string who)
    {
        await scanners.RemoveAsync(scanner);
        await activity.RecordAsync(Subject.Gateway, scanner.Name, $"The scanner {scanner.Name} ({scanner.Address}) was removed by {who}; nobody can scan from it any more.");
    }

    private static Scanner New(ScannerAddress address) => new(0, address.Host, address);

    /// <summary>Of two of one model, the second goes by its host.</summary>
    private string NameFor(ScannerCapabilities capabilities, Scanner met) =>
        capabilities.Model is { Length: > 0 and <= 100 } model && scanners.Find(model) is null ? model : met.Name;
}
