using DeviceMail.Accounts;
using DeviceMail.Documents;
using DeviceMail.Printing;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeviceMail.Tests.Printing;

/// <summary>The list of printers on a real database, and what prints on them.</summary>
internal sealed class PrintingFolder : IAsyncDisposable
{
    private readonly Folder _folder = new();
    private readonly DataFolder _data;
    private readonly Database _database;

    public PrintingFolder(TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        _data = DataFolder.Open(_folder.Path);
        _database = new Database(_data, time, NullLogger<Database>.Instance);
        Printers = new PrinterRegister(_database);
        Desk = new PrintDesk(Printers, TestOutside.Of(_data, _database, time).Roots, time, NullLogger<PrintDesk>.Instance);
    }

    public PrinterRegister Printers { get; }

    public PrintDesk Desk { get; }

    /// <summary>The list as the next start reads it.</summary>
    public PrinterRegister Reread() => new(_database);

    public Task<PrintOutcome> PrintAsync(string address, Paper? paper = null, CancellationToken? cancel = null) =>
        Desk.PrintAsync(Parse(address), new PrintWork("A sheet", one => System.Text.Encoding.ASCII.GetBytes($"%PDF for {one.Name}")) { Paper = paper }, cancel ?? TestContext.Current.CancellationToken);

    public static PrinterAddress Parse(string address)
    {
        Assert.True(PrinterAddress.TryParse(address, out var parsed));
        return parsed;
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        _data.Dispose();
        _folder.Dispose();
    }
}

/// <summary>A clock on which waits of up to two seconds are over at once, and longer ones never are.</summary>
internal sealed class HastyTime : TimeProvider
{
    private long _ticks = new DateTimeOffset(2026, 11, 24, 9, 0, 0, TimeSpan.Zero).UtcTicks;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var waits = dueTime <= TimeSpan.Zero || dueTime > TimeSpan.FromSeconds(2);
        if (!waits) Interlocked.Add(ref _ticks, dueTime.Ticks);
        return System.CreateTimer(callback, state, waits ? Timeout.InfiniteTimeSpan : TimeSpan.FromTicks(1), Timeout.InfiniteTimeSpan);
    }
}
