using DeviceMail.Activity;
using DeviceMail.Discovery;
using DeviceMail.Scanning;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeviceMail.Tests.Scanning;

/// <summary>The list of scanners on a real database, and what scans from them into a folder.</summary>
internal sealed class ScanningFolder : IAsyncDisposable
{
    private readonly Folder _folder = new();
    private readonly DataFolder _data;
    private readonly Database _database;

    public ScanningFolder(TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        _data = DataFolder.Open(_folder.In("data"));
        _database = new Database(_data, time, NullLogger<Database>.Instance);
        Directory.CreateDirectory(Pages);
        Scanners = new ScannerRegister(_database);
        Desk = new ScanDesk(Scanners, TestOutside.Of(_data, _database, time).Roots, time, NullLogger<ScanDesk>.Instance);
        List = new ScannerDesk(Scanners, Desk, new MdnsBrowser(time), new ActivityLog(_database, time));
    }

    public ScannerRegister Scanners { get; }

    public ScanDesk Desk { get; }

    public ScannerDesk List { get; }

    /// <summary>Where pages go.</summary>
    public string Pages => _folder.In("pages");

    public IReadOnlyList<string> Files => [.. Directory.GetFiles(Pages)];

    /// <summary>The list as the next start reads it.</summary>
    public ScannerRegister Reread() => new(_database);

    public static ScannerAddress Parse(string address)
    {
        Assert.True(ScannerAddress.TryParse(address, out var parsed));
        return parsed;
    }

    public static Scanner Of(ScriptedScanner scanner) => new(0, "Copier", Parse(scanner.Address));

    public Task<ScannerLook> LookAsync(ScriptedScanner scanner) => Desk.LookAsync(Of(scanner), TestContext.Current.CancellationToken);

    /// <summary>A run to its end.</summary>
    public async Task<List<ScanStep>> ScanAsync(ScriptedScanner scanner, ScanSettings? settings = null)
    {
        var steps = new List<ScanStep>();
        await foreach (var step in Desk.ScanAsync(Of(scanner), settings ?? new ScanSettings(), Pages, TestContext.Current.CancellationToken)) steps.Add(step);
        return steps;
    }

    public async Task<ScanTrouble> StopsAsync(ScriptedScanner scanner, ScanSettings? settings = null) =>
        Assert.IsType<ScanStep.Stopped>((await ScanAsync(scanner, settings))[^1]).Trouble;

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _data.Dispose();
        _folder.Dispose();
    }
}

/// <summary>A clock on which the waits of a scan (up to 4 seconds) are over at once, and limits never are.</summary>
internal sealed class WaitlessTime : TimeProvider
{
    private long _ticks = new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero).UtcTicks;

    public List<TimeSpan> Waits { get; } = [];

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var over = dueTime > TimeSpan.Zero && dueTime <= TimeSpan.FromSeconds(4);
        if (over) Interlocked.Add(ref _ticks, dueTime.Ticks);
        if (over) lock (Waits) Waits.Add(dueTime);
        return System.CreateTimer(callback, state, over ? TimeSpan.FromTicks(1) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
