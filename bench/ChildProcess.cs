using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace DeviceMail.Bench;

/// <summary>The run cannot go on as meant; one sentence for the person who started it.</summary>
public sealed class BenchFailedException(string sentence) : Exception(sentence);

/// <summary>A program that runs beside the bench. Ended by its id, first kindly.</summary>
public sealed partial class ChildProcess : IAsyncDisposable
{
    private const int SigTerm = 15;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly Task _listening;

    private ChildProcess(Process process)
    {
        _process = process;
        _listening = Task.WhenAll(ListenAsync(process.StandardOutput), ListenAsync(process.StandardError));
    }

    public int Id => _process.Id;

    /// <summary>More was said.</summary>
    public event Action? Speaks;

    /// <summary>Standard output and error so far.</summary>
    public string Said
    {
        get
        {
            lock (_said) return _said.ToString();
        }
    }

    public static ChildProcess Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return new ChildProcess(Process.Start(start)!);
    }

    /// <summary>Runs a program to its end and returns what it printed.</summary>
    /// <exception cref="BenchFailedException">It did not end with 0.</exception>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancel)
    {
        string[] all = [.. arguments];
        await using var child = Start(program, all);
        child._process.StandardInput.Close();
        await child._process.WaitForExitAsync(cancel);
        await child._listening;
        return child._process.ExitCode == 0 ? child.Said
            : throw new BenchFailedException($"{Path.GetFileName(program)} {string.Join(' ', all)} ended with {child._process.ExitCode}: {child.Said.Trim()}");
    }

    public async Task WaitForAsync(string words, CancellationToken cancel)
    {
        var heard = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look()
        {
            if (Said.Contains(words, StringComparison.Ordinal)) heard.TrySetResult();
        }
        Speaks += Look;
        Look();
        var end = _process.WaitForExitAsync(cancel);
        if (await Task.WhenAny(heard.Task, end).WaitAsync(Patience, cancel) == end)
            throw new BenchFailedException($"{_process.StartInfo.FileName} ended before it said “{words}”: {Said.Trim()}");
        Speaks -= Look;
    }

    /// <summary>A line of /proc/ID/status in kB: VmHWM (peak resident memory) or VmRSS (resident now).</summary>
    public async Task<double> MegabytesAsync(string line)
    {
        var text = await File.ReadAllLinesAsync($"/proc/{Id}/status");
        var number = text.First(one => one.StartsWith(line + ":", StringComparison.Ordinal)).Split(':')[1].Replace("kB", "", StringComparison.Ordinal);
        return double.Parse(number, CultureInfo.InvariantCulture) / 1024;
    }

    /// <summary>A free port of 127.0.0.1, below the range that the system gives to outgoing connections.</summary>
    public static int FreePort()
    {
        while (true)
        {
            var port = Random.Shared.Next(10_000, 20_000);
            try
            {
                using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
                return port;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        using (_process)
        {
            if (!_process.HasExited)
            {
                _ = Kill(_process.Id, SigTerm);
                using var late = new CancellationTokenSource(Patience);
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

    private async Task ListenAsync(StreamReader from)
    {
        var buffer = new char[4096];
        while (await from.ReadAsync(buffer) is var count and > 0)
        {
            lock (_said)
            {
                // A counter's thousands of lines are not kept; their end tells all.
                if (_said.Length > 1 << 16) _said.Remove(0, 1 << 15);
                _said.Append(buffer, 0, count);
            }
            Speaks?.Invoke();
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
