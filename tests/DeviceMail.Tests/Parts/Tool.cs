using System.Diagnostics;

namespace DeviceMail.Tests.Parts;

/// <summary>How to call a program of the system, and how long it may take.</summary>
public sealed record ToolCall(string Name, params string[] Arguments)
{
    /// <summary>What it reads on standard input; that ends after it.</summary>
    public string Input { get; init; } = "";

    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(60);

    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    public string? Folder { get; init; }
}

/// <summary>What a program said, and how it ended.</summary>
public sealed record ToolResult(int ExitCode, string Output, string Errors)
{
    public override string ToString() => $"exit code {ExitCode}\n{Output}\n{Errors}";
}

/// <summary>Runs a program of the system (swaks, msmtp, curl, openssl, a script of tests/parts) to its end.</summary>
public static class Tool
{
    public static Task<ToolResult> RunAsync(string name, params string[] arguments) => RunAsync(new ToolCall(name, arguments));

    /// <exception cref="TimeoutException">It took longer than its limit; it and all it started are killed.</exception>
    public static async Task<ToolResult> RunAsync(ToolCall call)
    {
        using var process = new Process { StartInfo = Prepare(call) };
        process.Start();
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(call.Limit);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await FeedAsync(process, call.Input, limit.Token);
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"{call.Name} took longer than {call.Limit}.\n{await output}\n{await errors}");
        }
        return new ToolResult(process.ExitCode, await output, await errors);
    }

    /// <summary>The start of a program with all its streams in our hands. Daemons' folders are on its path, for users other than root too.</summary>
    internal static ProcessStartInfo Prepare(ToolCall call)
    {
        var start = new ProcessStartInfo(Locate(call.Name), call.Arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = call.Folder ?? "",
        };
        start.Environment["PATH"] += ":/usr/sbin:/sbin";
        foreach (var (name, value) in call.Environment) start.Environment[name] = value;
        return start;
    }

    private static string Locate(string name) => File.Exists($"/usr/sbin/{name}") ? $"/usr/sbin/{name}" : name;

    private static async Task FeedAsync(Process process, string input, CancellationToken cancel)
    {
        try
        {
            await process.StandardInput.WriteAsync(input.AsMemory(), cancel);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It ended without reading all: its exit code tells why.
        }
    }
}
