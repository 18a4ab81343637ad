using System.Globalization;
using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Devices;
using DeviceMail.Queue;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Web;

namespace DeviceMail.Notices;

/// <summary>Whom the causes are read from.</summary>
internal sealed record CauseSources(AccountRegister Accounts, AccountStatusBoard Board, MailQueue Queue, DeviceRegister Devices)
{
    public required NoticeRoutes Routes { get; init; }

    public required Database Database { get; init; }

    public required SettingsStore Settings { get; init; }

    public required ServerCertificate Certificate { get; init; }

    public required TimeProvider Time { get; init; }
}

/// <summary>Looks for everything that is to be told, as it is now.</summary>
internal sealed class CauseWatch(CauseSources from)
{
    /// <summary>Days before a predicted end at which a sign-in's is told; the pages show it from the first on.</summary>
    public static readonly int[] SignInDays = [14, 7, 1];

    private static readonly int[] _certificateDays = [30, 14, 7, 1, 0];
    private static readonly TimeSpan _lasting = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan _heldLong = TimeSpan.FromHours(1);
    private static readonly TimeSpan _released = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _serverSilent = TimeSpan.FromMinutes(15);
    private const int DevicesNamed = 10;

    public IEnumerable<NoticeCause> Find()
    {
        var now = from.Time.GetUtcNow();
        foreach (var account in from.Accounts.All)
            foreach (var cause in (NoticeCause?[])[SignInEnds(account, now), SignInEnded(account), JobsHeld(account, now), MailWaits(account, now), ServerSilent(account)])
                if (cause is not null) yield return cause;
        foreach (var cause in (NoticeCause?[])[HeldForNobody(now), DiskLow(), DiskFailed(), DeviceWaits(), CertificateEnds(now)])
            if (cause is not null) yield return cause;
    }

    private NoticeCause? SignInEnds(Account account, DateTimeOffset now)
    {
        if (from.Board.SavedStatusOf(account.Id) is not AccountStatus.SignedIn { PredictedEnd: { } end } signedIn) return null;
        var level = SignInDays.Count(days => end - now <= TimeSpan.FromDays(days));
        if (level == 0) return null;
        return Of(NoticeKinds.SignInEnds, account) with
        {
            Level = level,
            What = InDays(end - now),
            Sentences =
            [
                $"The sign-in of {account.Address} is expected to end on {Moment(end)}.",
                signedIn.EndReason,
                "Sign in again before then, under Network > Email Server > Basic: the present sign-in goes on sending until the new one is saved.",
            ],
        };
    }

    private NoticeCause? SignInEnded(Account account)
    {
        var (problem, words) = from.Board.SavedStatusOf(account.Id) switch
        {
            AccountStatus.NotSignedIn => (Problems.NotSignedIn, ""),
            AccountStatus.SignedInNotSaved => (Problems.NotSaved, ""),
            AccountStatus.Unreachable unreachable => (unreachable.Problem, unreachable.ServerWords),
            AccountStatus.Expired expired => (expired.Problem, expired.ServerWords),
            AccountStatus.SignInAgain again => (again.Problem, again.ServerWords),
            _ => (null, ""),
        };
        if (problem is null) return null;
        var mayPass = problem.Code == 360;
        return Of(NoticeKinds.SignInEnded, account) with
        {
            Level = mayPass ? 1 : 2,
            After = mayPass ? _lasting : TimeSpan.Zero,
            What = Title(problem),
            Sentences = [$"{account.Address} cannot send. {problem.Cause}", .. Advice(problem, account, words), HeldWords(account)],
        };
    }

    private NoticeCause? JobsHeld(Account account, DateTimeOffset now)
    {
        if (OldestStuck(account, now) is not { } oldest) return null;
        var problem = from.Board.StandsInTheWay(account.Id) ?? Problems.Find(oldest.Problem, oldest.ServerWords);
        var age = now - oldest.At;
        return Of(NoticeKinds.JobsHeld, account) with
        {
            Since = oldest.At,
            After = problem == Problems.AccountPaused ? TimeSpan.FromDays(1) : _heldLong,
            Level = 1 + Math.Max(0, (long)age.TotalDays),
            What = problem is null ? "see Job Status" : Title(problem),
            Page = "jobs?state=held",
            Sentences =
            [
                $"{HeldWords(account)} The oldest came on {Moment(oldest.At)}, {Long(age)} ago.",
                .. problem is null ? [] : (string[])[problem.Cause, .. Advice(problem, account, oldest.ServerWords ?? "")],
            ],
        };
    }

    /// <summary>Held, or released a moment ago to find out whether it goes now: only a mail that went out ends the trouble.</summary>
    private Setback? OldestStuck(Account account, DateTimeOffset now) => from.Queue.Stuck(account.Id) is [var job, ..]
        ? new Setback(job.ReceivedAt, account.Id, job.Problem, job.ServerWords)
        : from.Queue.Figures.WaitingSince(account.Id, now - _released) is { } waiting && Problems.Find(waiting.Problem)?.Scope == ProblemScope.Account ? waiting : null;

    /// <summary>Nothing holds the account, and still nothing goes out: a server that says 421 or 454 for days is told of too.</summary>
    private NoticeCause? MailWaits(Account account, DateTimeOffset now)
    {
        // What stands in the way has a notice of its own; a job that is tried while it does is not waiting.
        if (from.Board.StandsInTheWay(account.Id) is not null) return null;
        if (from.Queue.Figures.WaitingSince(account.Id, now - _heldLong) is not { } oldest || Problems.Find(oldest.Problem, oldest.ServerWords) is not { } problem) return null;
        return Of(NoticeKinds.MailWaits, account) with
        {
            What = Title(problem),
            Page = "jobs?state=waiting",
            Sentences =
            [
                $"No mail of {account.Address} has gone out for an hour, although it was tried. The oldest that waits came on {Moment(oldest.At)}. {problem.Cause}",
                .. Advice(problem, account, oldest.ServerWords ?? ""),
            ],
        };
    }

    private NoticeCause? HeldForNobody(DateTimeOffset now)
    {
        if (from.Queue.Figures.HeldForNone() is not { Count: > 0, Oldest: { } oldest } held) return null;
        return new NoticeCause(NoticeKinds.JobsHeld, "removed")
        {
            Who = "an account that was removed",
            Since = oldest,
            After = _heldLong,
            Level = 1 + Math.Max(0, (long)(now - oldest).TotalDays),
            What = Problems.AccountRemoved.Title,
            Page = "jobs?state=held",
            Sentences =
            [
                $"{(held.Count == 1 ? "1 job is held and goes" : $"{held.Count} jobs are held and go")} out by no account. The oldest came on {Moment(oldest)}. {Problems.AccountRemoved.Cause}",
                $"What to do: {Problems.AccountRemoved.Remedy}",
            ],
        };
    }

    private NoticeCause? ServerSilent(Account account) => from.Routes.WaitsForServer(account.Id) is not { } job ? null : Of(NoticeKinds.ServerUnreachable, account) with
    {
        After = _serverSilent,
        Sentences =
        [
            $"Mail of {account.Address} waits: {account.Host}, port {account.Port}, does not answer. {Problems.ServerUnreachable.Cause}",
            .. Advice(Problems.ServerUnreachable, account, job.ServerWords ?? ""),
            "Nothing is lost: the gateway tries again by itself.",
        ],
    };

    private NoticeCause? DiskLow()
    {
        var (free, least) = (from.Database.Folder.FreeSpace, from.Settings.Current.Get(SettingsCatalogue.MinFreeSpace));
        if (free / 4 >= least) return null;
        var isRefusing = free < least;
        return new NoticeCause(NoticeKinds.DiskLow, "")
        {
            Level = isRefusing ? 2 : 1,
            What = $"{Words.Size(free)} free",
            Sentences =
            [
                $"The disk of the data folder has {Words.Size(free)} left. {(isRefusing ? "Mail is refused for now (452): devices keep it and try again." : $"Under {Words.Size(least)} mail is refused (452).")}",
                "Free some space, or move the data folder to a larger disk. The gateway goes on by itself.",
            ],
        };
    }

    private NoticeCause? DiskFailed() => from.Queue.Failure is not { } failure ? null : new NoticeCause(NoticeKinds.DiskFailed, "")
    {
        What = failure.Message,
        Sentences = ["The disk does not keep what it is given. Mail is refused (451), and devices try again.", "Repair or replace the disk. The gateway goes on by itself.", $"The system said: {failure.Message}"],
    };

    private NoticeCause? DeviceWaits()
    {
        var waiting = from.Devices.Waiting;
        if (waiting.Count == 0) return null;
        var newest = waiting.MaxBy(device => device.FirstSeen)!;
        return new NoticeCause(NoticeKinds.DeviceWaits, "")
        {
            Level = newest.FirstSeen.ToUnixTimeMilliseconds(),
            What = newest.Address,
            Page = "devices",
            Sentences =
            [
                .. waiting.OrderByDescending(device => device.FirstSeen).Take(DevicesNamed).Select(InWords),
                .. waiting.Count > DevicesNamed ? (string[])[$"{waiting.Count - DevicesNamed} more wait."] : [],
                "Let it in under Device Management > Devices, if it is yours. Until then its mail is refused.",
            ],
        };
    }

    private NoticeCause? CertificateEnds(DateTimeOffset now)
    {
        var end = new DateTimeOffset(from.Certificate.Certificate.NotAfter.ToUniversalTime(), TimeSpan.Zero);
        var level = _certificateDays.Count(days => end - now <= TimeSpan.FromDays(days));
        return level == 0 ? null : new NoticeCause(NoticeKinds.CertificateEnds, "")
        {
            Level = level,
            What = end > now ? InDays(end - now) : "now: it is out of date",
            Sentences =
            [
                $"The certificate that Web Config and the devices' encrypted connections use {(end > now ? "ends" : "ended")} on {Moment(end)}. Browsers then warn, and devices that check it send no mail.",
                "Put a new certificate and its key in the folder tls of the data folder (server.pem, server.key) and start the gateway again; without these files it makes its own.",
            ],
        };
    }

    private string HeldWords(Account account)
    {
        var held = from.Queue.List(new JobFilter(JobState.Held, account.Id, Count: 500)).Count;
        return held switch
        {
            0 => "No mail is held yet. Devices can go on handing in mail.",
            1 => "1 job is held. Nothing is lost: it goes out by itself after the repair.",
            _ => $"{(held == 500 ? "500 or more" : held)} jobs are held. Nothing is lost: they go out by themselves after the repair.",
        };
    }

    private static NoticeCause Of(NoticeKind kind, Account account) => new(kind, account.Id.ToString(CultureInfo.InvariantCulture))
    {
        Who = account.Address.ToString(),
        Page = $"email-server?account={account.Id}",
    };

    private static IEnumerable<string> Advice(Problem problem, Account account, string words)
    {
        yield return $"What to do: {problem.RemedyFor(account.Address.ToString())}";
        if (words.Length > 0) yield return $"The server said: {words}";
    }

    private static string Title(Problem problem) => problem.Code is { } code ? $"{problem.Title} ({code})" : problem.Title;

    private static string InWords(WaitingDevice device) =>
        $"{device.Address}{(device.Greeting is { Length: > 0 } greeting ? $", calls itself {greeting}" : "")}{(device.FirstSender is { } sender ? $", wanted to send from {sender}" : "")}, first seen {Moment(device.FirstSeen)}.";

    /// <summary>The reader's clock may be anywhere.</summary>
    internal static string Moment(DateTimeOffset moment) => moment.UtcDateTime.ToString("d MMMM yyyy, HH:mm 'UTC'", CultureInfo.InvariantCulture);

    private static string InDays(TimeSpan left) => left < TimeSpan.FromDays(1) ? "within a day" : left.TotalDays < 2 ? "in 1 day" : $"in {(int)left.TotalDays} days";

    internal static string Long(TimeSpan time) =>
        time < TimeSpan.FromMinutes(2) ? "a minute" : time < TimeSpan.FromHours(2) ? $"{(int)time.TotalMinutes} minutes" : time < TimeSpan.FromDays(2) ? $"{(int)time.TotalHours} hours" : $"{(int)time.TotalDays} days";
}
