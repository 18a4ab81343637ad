using System.Diagnostics;
using System.Text;
using DeviceMail.Tests.House;

namespace DeviceMail.Tests.Parts;

/// <summary>
/// A server of tests/parts that runs beside a test, under tests/parts/guard: it ends, with all that it started, when it is
/// disposed of and when the test process is gone, however that ended.
/// </summary>
public sealed class Part : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(15);

    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _listening;

    private Part(Process process)
    {
        _process = process;
        _listening = Task.WhenAll(ListenAsync(process.StandardOutput), ListenAsync(process.StandardError));
    }

    /// <summary>Standard output and error so far.</summary>
    public string Said
    {
        get
        {
            lock (_said) return _said.ToString();
        }
    }

    /// <summary>More was said.</summary>
    public event Action? Speaks;

    /// <summary>Where a script of tests/parts lies.</summary>
    public static string Script(string name) => Path.Combine(Repository.Root, "tests", "parts", name);

    /// <param name="address">host:port on which it accepts connections once it is ready.</param>
    /// <exception cref="InvalidOperationException">It ended instead, or did not become ready; the message holds what it said.</exception>
    public static async Task<Part> StartAsync(string address, ToolCall call)
    {
        var guarded = call with { Name = Script("guard"), Arguments = ["--ready", address, "--", call.Name, .. call.Arguments] };
        var process = Process.Start(Tool.Prepare(guarded))!;
        var part = new Part(process);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            limit.CancelAfter(LongestStart);
            var end = process.WaitForExitAsync(limit.Token);
            if (await Task.WhenAny(part._ready.Task, end) == part._ready.Task) return part;
            await part._listening.WaitAsync(LongestEnd);
            throw new InvalidOperationException($"{call.Name} is not ready at {address}: {part.Said}");
        }
        catch
        {
            await part.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        using (_process)
        {
            if (!_process.HasExited)
            {
                _process.StandardInput.Close();
                using var late = new CancellationTokenSource(LongestEnd);
                try
                {
                    await _process.WaitForExitAsync(late.Token);
                }
                catch (OperationCanceledException)
                {
                    _process.Kill(entireProcessTree: true);
                }
            }
            await _listening;
        }
    }

    /// <summary>Reads as it comes: a counter that ends in a carriage return is no line yet.</summary>
    private async Task ListenAsync(StreamReader from)
    {
        var buffer = new char[4096];
        while (await from.ReadAsync(buffer) is var count and > 0)
        {
            lock (_said) _said.Append(buffer, 0, count);
            if (Said.Contains("ready ", StringComparison.Ordinal)) _ready.TrySetResult();
            Speaks?.Invoke();
        }
    }
}
