using System.Globalization;
using DeviceMail.Tests.Kit;

namespace DeviceMail.Tests.Parts;

/// <summary>CUPS' own IPP printer: keeps each document it takes (tests/parts/ipp/printer).</summary>
public sealed class IppEvePrinter : IAsyncDisposable
{
    private readonly Part _part;
    private readonly Folder _folder;

    private IppEvePrinter(Part part, Folder folder, int port) => (_part, _folder, Port) = (part, folder, port);

    public int Port { get; }

    /// <summary>Without encryption.</summary>
    public string Address => $"ipp://127.0.0.1:{Port}/ipp/print";

    /// <summary>With TLS and a certificate that the printer made itself.</summary>
    public string EncryptedAddress => $"ipps://127.0.0.1:{Port}/ipp/print";

    /// <summary>What it tells of each request.</summary>
    public string Said => _part.Said;

    /// <summary>The documents it took, as it got them.</summary>
    public IReadOnlyList<string> Documents => [.. Directory.GetFiles(_folder.In("jobs")).Where(file => !file.EndsWith(".prn", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];

    /// <param name="port">0: a free one.</param>
    /// <param name="command">A shell command that plays the printing; its standard error may hold "STATE: +toner-low-report".</param>
    /// <param name="options">Further options; without any it takes PDF.</param>
    public static async Task<IppEvePrinter> StartAsync(int port = 0, string command = "true", params string[] options)
    {
        var folder = new Folder();
        if (port == 0) port = FreePort.Next();
        var script = folder.In("command");
        await File.WriteAllTextAsync(script, $"#!/bin/sh\n{command}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(script, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        try
        {
            var call = new ToolCall(Part.Script("ipp/printer"), [folder.Path, port.ToString(CultureInfo.InvariantCulture), script, "-v", .. options.Length == 0 ? ["-f", "application/pdf"] : options]);
            return new IppEvePrinter(await Part.StartAsync($"127.0.0.1:{port}", call), folder, port);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _part.DisposeAsync();
        _folder.Dispose();
    }
}
