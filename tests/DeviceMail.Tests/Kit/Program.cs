using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using DeviceMail.Tests.Parts;

namespace DeviceMail.Tests.Kit;

/// <summary>How the program ended, and what it printed.</summary>
public sealed record CommandEnd(int Code, string Output, string Error)
{
    public override string ToString() => $"exit code {Code}\n{Output}\n{Error}";
}

/// <summary>
/// The program in a process of its own: the published one that DEVICEMAIL_BINARY names, otherwise the one that was built beside the tests.
/// </summary>
public static class ProgramFile
{
    /// <summary>Tests that carry this trait run against the published program too.</summary>
    public const string Trait = "Drives", Value = "program";

    /// <summary>Whether a published program is to be driven.</summary>
    public static bool IsPublished => Environment.GetEnvironmentVariable("DEVICEMAIL_BINARY") is { Length: > 0 };

    public static string Path { get; } = Find();

    public static async Task<CommandEnd> RunAsync(params string[] arguments)
    {
        var result = await Tool.RunAsync(new ToolCall(Path, arguments));
        return new CommandEnd(result.ExitCode, result.Output, result.Errors);
    }

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("DEVICEMAIL_BINARY") is { Length: > 0 } given)
            return File.Exists(given) ? System.IO.Path.GetFullPath(given) : throw new FileNotFoundException($"DEVICEMAIL_BINARY names {given}, and there is no such file.");
        var tests = AppContext.BaseDirectory.TrimEnd(System.IO.Path.DirectorySeparatorChar);
        var name = OperatingSystem.IsWindows() ? "devicemail.exe" : "devicemail";
        return System.IO.Path.Combine(tests, "..", "..", "DeviceMail", System.IO.Path.GetFileName(tests), name);
    }
}

/// <summary><c>devicemail run</c> in a process of its own.</summary>
public sealed partial class RunningProgram : IAsyncDisposable
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly StringBuilder _said = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _listening;

    private RunningProgram(Process process)
    {
        _process = process;
        _listening = Task.WhenAll(ListenAsync(process.StandardOutput), ListenAsync(process.StandardError));
    }

    public int Id => _process.Id;

    /// <summary>Where it takes mail.</summary>
    public int SmtpPort => int.Parse(SmtpLine().Match(Said).Groups[1].ValueSpan);

    public string Said
    {
        get
        {
            lock (_said) return _said.ToString();
        }
    }

    /// <summary>Returns when it says that it is ready.</summary>
    public static async Task<RunningProgram> StartAsync(string dataPath, IReadOnlyDictionary<string, string?> environment)
    {
        var call = new ToolCall(ProgramFile.Path, "run", "--data", dataPath, "--smtp", "127.0.0.1:0", "--smtps", "off", "--web", "off", "--http", "off", "--log", "error")
        {
            Environment = environment,
        };
        var program = new RunningProgram(Process.Start(Tool.Prepare(call))!);
        var first = await Task.WhenAny(program._ready.Task, program._listening).WaitAsync(_patience, TimeProvider.System, TestContext.Current.CancellationToken);
        if (first == program._ready.Task) return program;
        await program.DisposeAsync();
        throw new InvalidOperationException($"The program did not start: {program.Said}");
    }

    /// <summary>As the power goes: SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and the exit code.</summary>
    public async Task<int> EndAsync()
    {
        Assert.Equal(0, (await Tool.RunAsync("kill", $"{Id}")).ExitCode);
        using var late = new CancellationTokenSource(_patience);
        await _process.WaitForExitAsync(late.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        using (_process)
        {
            if (!_process.HasExited) _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
            await _listening;
        }
    }

    private async Task ListenAsync(StreamReader from)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            lock (_said) _said.AppendLine(line);
            if (line == "DeviceMail is ready") _ready.TrySetResult();
        }
    }

    [GeneratedRegex(@"^SMTP at 127\.0\.0\.1:(\d+)", RegexOptions.Multiline)]
    private static partial Regex SmtpLine();
}
