using System.Globalization;

namespace DeviceMail.Bench;

/// <summary>Measures all in interleaved rounds: within a round each case is put to each server in turn, so that a slow minute of the machine hits all.</summary>
public sealed class Comparison(BenchOptions options)
{
    private const int Longer = 4;

    private readonly Figures _results = new();
    private readonly List<string> _failures = [];

    /// <returns>0, or 1 when a case could not be measured.</returns>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        var start = TimeProvider.System.GetTimestamp();
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var what in Case.All.Where(one => Wanted(one.Title))) await CompareAsync(round, what, cancel);
            if (options.PostfixOnly) continue;
            await TryAsync(round, Upstreams.Clear, () => CloudAsync(Upstreams.Clear, cancel));
            await TryAsync(round, Upstreams.SignedIn, () => CloudAsync(Upstreams.SignedIn, cancel));
            await TryAsync(round, Footprint.Peak, () => Footprint.MeasurePeakAsync(options, _results, cancel));
            await TryAsync(round, Footprint.Start, () => Footprint.MeasureStartAsync(options, _results, cancel));
            await TryAsync(round, Pages.Slowest, () => Pages.MeasureAsync(options, _results, cancel));
        }
        var report = new Report(_results, options).Write(TimeProvider.System.GetElapsedTime(start));
        Console.WriteLine(report);
        foreach (var failure in _failures) Console.WriteLine($"* not measured: {failure}");
        if (options.IsComplete && _failures.Count == 0) await File.WriteAllTextAsync(Path.Combine(options.Root, "bench", "RESULTS.md"), report, cancel);
        return _failures.Count == 0 ? 0 : 1;
    }

    private bool Wanted(string title) => title.Contains(options.Only, StringComparison.OrdinalIgnoreCase);

    private async Task CompareAsync(int round, Case what, CancellationToken cancel)
    {
        await TryAsync(round, $"{what.Title}, Postfix", () => MeasureAsync(what, "Postfix", what.Messages, async port => await Baseline.StartAsync(options, what, port, cancel), cancel));
        if (options.PostfixOnly) return;
        await TryAsync(round, $"{what.Title}, DeviceMail", () => MeasureAsync(what, "DeviceMail", what.Messages * Longer, async port => await Gateway.StartAsync(options, what, Upstream.Clear(port), cancel), cancel));
        if (what.OfNoStorage is null) return;
        await TryAsync(round, $"{what.Title}, no storage", () => MeasureAsync(what, "no storage", what.Messages * Longer, async _ => await NoStorageGateway.StartAsync(options, what, cancel), cancel));
    }

    private async Task MeasureAsync(Case what, string server, int messages, Func<int, Task<IMailServer>> start, CancellationToken cancel)
    {
        await using var sink = what.Flow == Flow.Relayed ? await CountingSink.StartAsync(options, cancel) : null;
        await using var target = await start(sink?.Port ?? 9);
        var from = TimeProvider.System.GetTimestamp();
        var accepted = await Load.RunAsync(what, target, messages, cancel);
        _results.Add(what.Title, server, messages / accepted.TotalSeconds);
        if (sink is null) return;
        await sink.DrainedAsync(messages, cancel);
        _results.Add(what.Title + Figures.Drained, server, messages / TimeProvider.System.GetElapsedTime(from).TotalSeconds);
    }

    private async Task CloudAsync(string title, CancellationToken cancel)
    {
        _results.Add(title, "DeviceMail", await Upstreams.MeasureAsync(options, title, cancel));
    }

    /// <summary>One case that fails does not cost the others; it is named at the end.</summary>
    private async Task TryAsync(int round, string title, Func<Task> measure)
    {
        if (!Wanted(title)) return;
        try
        {
            await measure();
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"round {round} of {options.Rounds}: {title}: {_results.Last:0.0}"));
        }
        catch (BenchFailedException failure)
        {
            _failures.Add($"{title}, round {round}: {failure.Message}");
            Console.Error.WriteLine($"round {round}: {title}: {failure.Message}");
        }
    }
}
