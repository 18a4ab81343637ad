using System.Diagnostics;
using DeviceMail.Tests.Parts;

namespace DeviceMail.Tests.Stories;

/// <summary>strace on a running program: watches its calls, or makes some of them fail. Ends with <see cref="DisposeAsync"/>; the program goes on.</summary>
public sealed class Strace : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task _listening;
    private readonly TaskCompletionSource _attached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _said = "";

    private Strace(Process process)
    {
        _process = process;
        _listening = ListenAsync(process.StandardError);
    }

    /// <summary>Skips the test where this user may not trace, as in some containers.</summary>
    public static async Task SkipUnlessPermittedAsync()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/usr/bin/strace"), "needs strace");
        var probe = await Tool.RunAsync("strace", "-f", "-o", "/dev/null", "true");
        Assert.SkipUnless(probe.ExitCode == 0, $"ptrace is not permitted here: {probe.Errors.Trim()}");
    }

    /// <summary>Returns when all threads of the process are traced.</summary>
    public static async Task<Strace> AttachAsync(int process, params string[] options)
    {
        var strace = new Strace(Process.Start(Tool.Prepare(new ToolCall("strace", ["-f", "-p", $"{process}", .. options])))!);
        var first = await Task.WhenAny(strace._attached.Task, strace._listening).WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);
        if (first == strace._attached.Task) return strace;
        var said = strace._said;
        await strace.DisposeAsync();
        throw new InvalidOperationException($"strace did not attach: {said}");
    }

    public async ValueTask DisposeAsync()
    {
        using (_process)
        {
            // SIGINT: strace lets the program go and ends.
            if (!_process.HasExited) await Tool.RunAsync("kill", "-INT", $"{_process.Id}");
            await _process.WaitForExitAsync();
            await _listening;
        }
    }

    private async Task ListenAsync(StreamReader from)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            _said += line + "\n";
            if (line.Contains("attached", StringComparison.Ordinal)) _attached.TrySetResult();
        }
    }
}
