using System.Globalization;
using System.Text.RegularExpressions;

namespace DeviceMail.Bench;

/// <summary>Postfix' smtp-sink, which counts what it takes: the same end for both servers.</summary>
public sealed partial class CountingSink : IAsyncDisposable
{
    private readonly ChildProcess _sink;

    private CountingSink(ChildProcess sink, int port) => (_sink, Port) = (sink, port);

    public int Port { get; }

    public static async Task<CountingSink> StartAsync(BenchOptions options, CancellationToken cancel)
    {
        var (parts, port) = (Path.Combine(options.Root, "tests", "parts"), ChildProcess.FreePort());
        var sink = ChildProcess.Start(Path.Combine(parts, "guard"), ["--ready", $"127.0.0.1:{port}", "--", Path.Combine(parts, "smtp-sink", "sink"), "-", $"{port}"]);
        await sink.WaitForAsync("ready ", cancel);
        return new CountingSink(sink, port);
    }

    /// <summary>Returns when so many messages have come.</summary>
    /// <exception cref="BenchFailedException">They did not come in five minutes.</exception>
    public async Task DrainedAsync(int count, CancellationToken cancel)
    {
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (Count >= count) enough.TrySetResult();
        }
        _sink.Speaks += Look;
        Look();
        try
        {
            await enough.Task.WaitAsync(TimeSpan.FromMinutes(5), cancel);
        }
        catch (TimeoutException)
        {
            throw new BenchFailedException($"Only {Count} of {count} messages reached the sink in five minutes.");
        }
        finally
        {
            _sink.Speaks -= Look;
        }
    }

    public ValueTask DisposeAsync() => _sink.DisposeAsync();

    private int Count
    {
        get
        {
            var said = _sink.Said;
            var last = Counter().Match(said[^Math.Min(said.Length, 200)..]);
            return last.Success ? int.Parse(last.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
        }
    }

    [GeneratedRegex(@"mesg=(\d+)[\r\n]", RegexOptions.RightToLeft)]
    private static partial Regex Counter();
}
