using DeviceMail.Lab.Switches;

namespace DeviceMail.Lab.Scanner;

/// <summary>A page that a client has got whole.</summary>
public sealed record ScannedPage(DateTimeOffset At, string Text, ScanTicket Ticket, long Octets);

/// <summary>
/// A network scanner on the shelf that speaks eSCL: a glass, and a feeder with sheets. What goes wrong is set in
/// <see cref="Switches"/>; a sheet leaves the feeder only when the client has got its last octet.
/// </summary>
public sealed class PretendScanner(ScannerSwitches switches, TimeProvider time)
{
    public const string Model = "PRETEND Scanner";

    /// <summary>Silence after which a client has forgotten its job.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private const int Remembered = 200, JobsShown = 10;

    private readonly Lock _gate = new();
    private readonly List<ScanJob> _jobs = [];
    private readonly List<ScannedPage> _scanned = [];
    private int _loaded = 5, _taken, _load = 1, _glass;

    public ScannerSwitches Switches => switches;

    /// <summary>Where it speaks eSCL; ends in a slash.</summary>
    public Uri Address { get; internal set; } = new("http://127.0.0.1/eSCL/");

    /// <summary>The same with TLS and a certificate of its own, when the lab was told to.</summary>
    public Uri? HttpsAddress { get; internal set; }

    /// <summary>The same in each lab, as it is one model.</summary>
    public Guid Id { get; } = new("5ca77e12-0000-4000-8000-00000000e5c1");

    public int SheetsInFeeder
    {
        get
        {
            lock (_gate)
                return _loaded - _taken;
        }
    }

    /// <summary>Counts how often sheets were put in.</summary>
    public int FeederLoad
    {
        get
        {
            lock (_gate)
                return _load;
        }
    }

    /// <summary>A sheet is stuck, until <see cref="ClearJam"/>.</summary>
    public bool Jammed { get; private set; }

    /// <summary>The latest first.</summary>
    public IReadOnlyList<ScanJob> Jobs
    {
        get
        {
            lock (_gate)
                return [.. _jobs];
        }
    }

    /// <summary>What clients have got, in the order in which they got it.</summary>
    public IReadOnlyList<ScannedPage> Scanned
    {
        get
        {
            lock (_gate)
                return [.. _scanned];
        }
    }

    /// <summary>A person takes out what lies in the feeder, which ends a job from there, and puts in new sheets, 1 to <paramref name="sheets"/>.</summary>
    public void Load(int sheets)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(sheets);
        lock (_gate)
        {
            if (Current is { Ticket.FromFeeder: true } current)
                current.End(ScanJobState.Aborted, "JobCanceledByUser");
            (_loaded, _taken) = (sheets, 0);
            _load++;
        }
    }

    public void ClearJam()
    {
        lock (_gate)
            Jammed = false;
    }

    public ScanJob? Find(Guid id)
    {
        lock (_gate)
            return _jobs.Find(job => job.Id == id);
    }

    /// <summary>The job that is under way. One that its client has forgotten is ended.</summary>
    public ScanJob? Current
    {
        get
        {
            lock (_gate)
            {
                var current = _jobs.Find(job => job.State == ScanJobState.Processing);
                if (current is null || current.IsSending || time.GetUtcNow() - current.LastAsked < Patience)
                    return current;
                current.End(ScanJobState.Aborted, "JobTimedOut");
                return null;
            }
        }
    }

    internal ScanJobOpening Open(ScanTicket ticket)
    {
        lock (_gate)
        {
            if (switches.TakeBusyJob() || Current is not null)
                return new ScanJobOpening.Busy();
            if (Trouble(ticket) is { } why)
                return new ScanJobOpening.Refused(why);
            var job = new ScanJob(ticket, time.GetUtcNow()) { SheetsTakenBefore = _taken, Load = _load };
            _jobs.Insert(0, job);
            if (_jobs.Count > JobsShown)
                _jobs.RemoveAt(JobsShown);
            return new ScanJobOpening.Opened(job);
        }
    }

    /// <summary>The next page of the job goes on its way; <see cref="Finish"/> or <see cref="PutBack"/> must follow.</summary>
    internal ScanTurn Begin(ScanJob job)
    {
        lock (_gate)
        {
            job.LastAsked = time.GetUtcNow();
            if (job.State is ScanJobState.Aborted or ScanJobState.Canceled)
                return new ScanTurn.Aborted();
            if (job.State == ScanJobState.Completed || job.IsSending)
                return new ScanTurn.NoMore();
            if (job.Ticket.FromFeeder && Obstacle(job) is { } reason)
            {
                job.End(ScanJobState.Aborted, reason);
                return new ScanTurn.Aborted();
            }

            job.IsSending = true;
            if (!job.Ticket.FromFeeder)
                return new ScanTurn.Page(_glass + 1, $"PRETEND page {_glass + 1} of the glass");
            var number = job.Ticket.Duplex ? 2 * _taken + (job.OnBack ? 2 : 1) : _taken + 1;
            return new ScanTurn.Page(number, $"PRETEND page {number} of feeder load {_load}");
        }
    }

    /// <summary>The client has got the page.</summary>
    internal void Finish(ScanJob job, ScanTurn.Page page, long octets)
    {
        lock (_gate)
        {
            if (job.State != ScanJobState.Processing)
                return;
            job.IsSending = false;
            job.Completed++;
            job.LastAsked = time.GetUtcNow();
            _scanned.Add(new(job.LastAsked, page.Text, job.Ticket, octets));
            if (_scanned.Count > Remembered)
                _scanned.RemoveAt(0);
            if (!job.Ticket.FromFeeder)
            {
                _glass++;
                job.End(ScanJobState.Completed, "JobCompletedSuccessfully");
                return;
            }

            job.OnBack = job.Ticket.Duplex && !job.OnBack;
            if (!job.OnBack)
                _taken++;
            if (_taken == _loaded)
                job.End(ScanJobState.Completed, "JobCompletedSuccessfully");
        }
    }

    /// <summary>
    /// The connection broke in the page: a person puts its sheet back on top. Of a PDF nothing has arrived that could be
    /// used, so that all its sheets go back.
    /// </summary>
    internal void PutBack(ScanJob job)
    {
        lock (_gate)
        {
            if (job is { Ticket: { FromFeeder: true, IsPdf: true }, State: not ScanJobState.Completed } && job.Load == _load)
            {
                _taken = job.SheetsTakenBefore;
                _scanned.RemoveRange(Math.Max(0, _scanned.Count - job.Completed), Math.Min(_scanned.Count, job.Completed));
                job.Completed = 0;
            }

            job.End(ScanJobState.Aborted, "AbortedBySystem");
        }
    }

    internal void Cancel(ScanJob job)
    {
        lock (_gate)
            job.End(ScanJobState.Canceled, "JobCanceledByUser");
    }

    /// <summary>Once, in the page of this number.</summary>
    internal bool TakeCut(int number)
    {
        lock (_gate)
        {
            if (switches.CutAtPage != number)
                return false;
            switches.CutAtPage = 0;
            return true;
        }
    }

    private string? Trouble(ScanTicket ticket) => ticket switch
    {
        _ when ticket.Fault() is { } fault => fault,
        { IsPdf: true } when switches.WithoutPdf => "The format is not offered.",
        { Duplex: true } when switches.WithoutDuplex => "The scanner scans one side.",
        { FromFeeder: false } when switches.WithoutGlass => "There is no glass.",
        { FromFeeder: false } => null,
        _ when switches.WithoutFeeder => "There is no feeder.",
        _ when switches.CoverOpen => "The cover is open.",
        _ when Jammed => "A sheet is jammed.",
        _ when _taken == _loaded => "The feeder is empty.",
        _ => null,
    };

    private string? Obstacle(ScanJob job)
    {
        if (switches.CoverOpen)
            return "ScannerAdfHatchOpen";
        if (_taken == _loaded)
            return "ScannerAdfEmpty";
        if (switches.JamAtSheet == _taken + 1 && !job.OnBack)
        {
            switches.JamAtSheet = 0;
            Jammed = true;
        }

        return Jammed ? "ScannerAdfJam" : null;
    }
}
