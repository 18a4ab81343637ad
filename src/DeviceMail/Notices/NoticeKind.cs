namespace DeviceMail.Notices;

/// <summary>Something the gateway tells by mail: one row of the table.</summary>
/// <param name="Key">Its name on disk and on the command line.</param>
/// <param name="Comes">The subject when it comes, behind "(+)"; {who} is the account, {what} what is the matter.</param>
/// <param name="Goes">The subject when it goes, behind "(-)"; empty: it happens once and does not go.</param>
public sealed record NoticeKind(string Key, string Comes, string Goes)
{
    /// <summary>For people: when the mail "(+)" goes out.</summary>
    public required string WhenItComes { get; init; }

    /// <summary>For people: when the mail "(-)" goes out.</summary>
    public required string WhenItGoes { get; init; }

    public string ToWhom { get; init; } = "The administrator";

    /// <summary>The kind that says more about the same account: where that one is there, this one ends without a word.</summary>
    public string? GivesWayTo { get; init; }

    /// <summary>Hangs on the date alone: not believed for a while after the wall clock jumped.</summary>
    public bool IsByDate { get; init; }

    /// <summary>Told even when it is over, where it could not be told while it was there.</summary>
    public bool IsToldAfterwards { get; init; }
}

/// <summary>All that the gateway tells by mail, as data.</summary>
public static class NoticeKinds
{
    public static readonly NoticeKind SignInEnds = new("sign-in-ends", "The sign-in of {who} will end {what}", "The sign-in of {who} no longer ends soon")
    {
        WhenItComes = "14, 7 and 1 days before the predicted end of a sign-in.",
        WhenItGoes = "When somebody has signed in again.",
        GivesWayTo = "sign-in-ended",
        IsByDate = true,
    };

    public static readonly NoticeKind SignInEnded = new("sign-in-ended", "The sign-in of {who} does not work: {what}", "The sign-in of {who} works again")
    {
        WhenItComes = "At once with code 361 or 370; with code 360 when it has lasted 30 minutes.",
        WhenItGoes = "When the account is signed in and its provider answers.",
    };

    public static readonly NoticeKind JobsHeld = new("jobs-held", "Mail of {who} is held: {what}", "Mail of {who} is no longer held")
    {
        WhenItComes = "When a job has been held for 1 hour, and again each day. Mail of a paused account: after 1 day.",
        WhenItGoes = "When no job of the account is held.",
        IsByDate = true,
    };

    public static readonly NoticeKind MailWaits = new("mail-waits", "Mail of {who} waits: {what}", "Mail of {who} goes out again")
    {
        WhenItComes = "When no mail of the account has gone out for 1 hour although it was tried, other than for the provider's limit.",
        WhenItGoes = "When mail of the account goes out, or none waits.",
        GivesWayTo = "jobs-held",
        IsByDate = true,
    };

    public static readonly NoticeKind ServerUnreachable = new("server-unreachable", "The mail server of {who} does not answer", "The mail server of {who} answers again")
    {
        WhenItComes = "When mail has waited for it for 15 minutes.",
        WhenItGoes = "When no mail waits for it any more.",
    };

    public static readonly NoticeKind DiskLow = new("disk-low", "The disk is almost full: {what}", "The disk has room again")
    {
        WhenItComes = "When less than four times the setting queue.min-free-space is free, and again when mail is refused.",
        WhenItGoes = "When there is room again.",
    };

    public static readonly NoticeKind DiskFailed = new("disk-failed", "The disk does not keep mail", "The disk keeps mail again")
    {
        WhenItComes = "At once; where the disk does not keep the notice either, as soon as it does.",
        WhenItGoes = "When mail is kept again.",
        IsToldAfterwards = true,
    };

    public static readonly NoticeKind DeviceWaits = new("device-waits", "A new device waits to be let in: {what}", "No device waits to be let in")
    {
        WhenItComes = "When an unknown device has tried to hand in mail, and again for each further one.",
        WhenItGoes = "When none waits any more.",
    };

    public static readonly NoticeKind CertificateEnds = new("certificate-ends", "The gateway's certificate ends {what}", "The gateway's certificate is good again")
    {
        WhenItComes = "30, 14, 7 and 1 days before its end, and when it has ended.",
        WhenItGoes = "When there is a new certificate.",
        IsByDate = true,
    };

    public static readonly NoticeKind NotDelivered = new("not-delivered", "Not delivered: {what}", "")
    {
        WhenItComes = "When a mail could not be delivered to somebody. Further ones within the hour share one notice. Mail that was sent automatically (RFC 3834) is not answered; Job Status shows it.",
        WhenItGoes = "It happens once for each mail.",
        ToWhom = "The device's contact, else the administrator",
    };

    public static IReadOnlyList<NoticeKind> All { get; } =
        [SignInEnds, SignInEnded, JobsHeld, MailWaits, ServerUnreachable, DiskLow, DiskFailed, DeviceWaits, CertificateEnds, NotDelivered];

    public static NoticeKind? Find(string key) => All.FirstOrDefault(kind => kind.Key == key);
}

/// <summary>A cause that is there now.</summary>
/// <param name="Kind">Which row of the table.</param>
/// <param name="Subject">The account's id; empty for the gateway itself.</param>
internal sealed record NoticeCause(NoticeKind Kind, string Subject)
{
    /// <summary>The subject in words: the account's address.</summary>
    public string Who { get; init; } = "";

    public string What { get; init; } = "";

    /// <summary>1 or more; a greater one is told again.</summary>
    public long Level { get; init; } = 1;

    /// <summary>For how long it must be there before it is told.</summary>
    public TimeSpan After { get; init; }

    /// <summary>When it came, where that is known; null: when it was seen first.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>What is, why, and what to do.</summary>
    public IReadOnlyList<string> Sentences { get; init; } = [];

    /// <summary>The page of Web Config where it is mended, without the slash in front.</summary>
    public string Page { get; init; } = "";
}
