using DeviceMail.Activity;
using DeviceMail.Sending;

namespace DeviceMail.Doctor;

/// <summary>One thing to find out.</summary>
/// <param name="Key">Its stable name.</param>
/// <param name="Name">What it is about, for people: the line's words while nothing is known yet.</param>
/// <param name="Examine">Finds it out. It changes nothing, and shows a secret to nobody but the secret's own endpoint.</param>
internal sealed record DoctorStep(string Key, string Name, Func<CancellationToken, Task<DoctorLine>> Examine)
{
    private static readonly TimeSpan _usualLimit = TimeSpan.FromSeconds(20);

    /// <summary>The account it is about; empty: the gateway.</summary>
    public string Account { get; init; } = "";

    /// <summary>The steps of the same account without which this one tells nothing new.</summary>
    public IReadOnlyList<string> Needs { get; init; } = [];

    public TimeSpan Limit { get; init; } = _usualLimit;

    /// <summary>What it means that no answer came in time.</summary>
    public DoctorMark WhenSlow { get; init; } = DoctorMark.Failed;

    public DoctorLine NotYet => Mine(new DoctorLine(DoctorMark.Waiting, Name));

    /// <summary>Examines within the limit.</summary>
    /// <exception cref="OperationCanceledException">Somebody cancelled.</exception>
    public async Task<DoctorLine> RunAsync(TimeProvider time, CancellationToken cancel)
    {
        var since = time.GetTimestamp();
        using var limit = new SendLimit(time, Limit, cancel);
        DoctorLine line;
        try
        {
            line = await Examine(limit.Token);
        }
        catch (Exception) when (limit.IsOver)
        {
            line = new DoctorLine(WhenSlow, $"{Name}: no answer in {Limit.TotalSeconds:0} seconds.")
            {
                Remedy = "The network's administrator looks for a firewall that drops packets instead of refusing them. The gateway's own work goes on meanwhile.",
            };
        }
        return Mine(line) with { Milliseconds = (long)time.GetElapsedTime(since).TotalMilliseconds };
    }

    /// <summary>The line when the step that it needs did not pass.</summary>
    public DoctorLine NotReached(DoctorLine because) => Mine(DoctorLine.Unknown($"{Name}: not reached, see “{because.Key}” above."));

    /// <summary>The catalogue's words have a place for the mailbox.</summary>
    private DoctorLine Mine(DoctorLine line) => line with
    {
        Key = Key,
        Account = Account,
        Remedy = PowerShell.ForMailbox(line.Remedy, Account),
    };
}
