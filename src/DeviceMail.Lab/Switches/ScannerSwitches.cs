namespace DeviceMail.Lab.Switches;

/// <summary>How the pretend scanner takes a request.</summary>
public enum ScannerSleep
{
    Awake,

    /// <summary>The connection is taken and nothing is answered until it wakes.</summary>
    Silent,

    /// <summary>The connection is closed without an answer.</summary>
    Unreachable,
}

/// <summary>What can go wrong at the pretend scanner. Pages count within one load of the feeder, from 1; 0 is off.</summary>
public sealed class ScannerSwitches
{
    private readonly Countdown _busyJobs = new(), _latePages = new();
    private TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ScannerSleep _sleep;

    public ScannerSleep Sleep
    {
        get => _sleep;
        set
        {
            _sleep = value;
            Interlocked.Exchange(ref _woken, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
        }
    }

    public bool CoverOpen { get; set; }

    /// <summary>Jams once, at this sheet. The sheet and those behind it stay in the feeder; a person clears the jam first.</summary>
    public int JamAtSheet { get; set; }

    public int BusyNextJobs { get => _busyJobs.Remaining; set => _busyJobs.Remaining = value; }

    /// <summary>The next N requests for a page come too early.</summary>
    public int BusyNextPages { get => _latePages.Remaining; set => _latePages.Remaining = value; }

    public int RetryAfterSeconds { get; set; } = 1;

    /// <summary>Closes the connection once, after half of this page.</summary>
    public int CutAtPage { get; set; }

    /// <summary>Waited in the middle of each page.</summary>
    public int MillisecondsAPage { get; set; }

    /// <summary>Pages come chunked, without Content-Length.</summary>
    public bool LengthLeftOut { get; set; }

    /// <summary>Location without host.</summary>
    public bool RelativeLocation { get; set; }

    /// <summary>What is answered for the next page of a job that ended before its time. Devices differ: 404, 409, 410, 503.</summary>
    public int AbortedAnswer { get; set; } = 404;

    public bool WithoutFeeder { get; set; }
    public bool WithoutGlass { get; set; }
    public bool WithoutDuplex { get; set; }
    public bool WithoutPdf { get; set; }

    /// <summary>Completed when <see cref="Sleep"/> is set next.</summary>
    internal Task Woken => _woken.Task;

    internal bool TakeBusyJob() => _busyJobs.Take();
    internal bool TakeLatePage() => _latePages.Take();
}
