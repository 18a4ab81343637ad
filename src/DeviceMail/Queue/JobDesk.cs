using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Settings;
using DeviceMail.Web;

namespace DeviceMail.Queue;

/// <summary>What became of a person's wish about jobs.</summary>
public abstract record JobDeskOutcome
{
    public sealed record Done(string Sentence) : JobDeskOutcome;

    public sealed record Refused(string Sentence) : JobDeskOutcome;

    /// <summary>Old jobs would go out, and the person was not shown how many and how old.</summary>
    public sealed record NotSeen(string Sentence, HeldFigures Held) : JobDeskOutcome;

    /// <summary>The octets of the mail, as they were handed in; whoever gets it disposes it.</summary>
    public sealed record Mail(Stream Octets, string FileName) : JobDeskOutcome;
}

/// <summary>What people do with jobs, in Web Config and at the command line alike; each of it is in the job's history and in Activity.</summary>
public sealed class JobDesk(MailQueue queue, AccountRegister accounts, ActivityLog activity, SettingsStore settings, TimeProvider time)
{
    public static string Unknown(long id) => $"There is no job {id}. Job Status lists them, and so does `devicemail jobs`.";

    public bool MayDownload => settings.Current.Get(SettingsCatalogue.DownloadMail);

    public async Task<JobDeskOutcome> TryNowAsync(long id, string who)
    {
        if (queue.Find(id) is { State: JobState.Waiting or JobState.Held } job && accounts.Find(job.AccountId) is null)
            return new JobDeskOutcome.Refused($"The account of job {id} was removed. Let another account send it: choose one at the job, or use `devicemail jobs send-by {id} ADDRESS`.");
        return await queue.TryNowAsync(id, who) ? new JobDeskOutcome.Done($"Job {id} is tried now.") : TooLate(id);
    }

    public async Task<JobDeskOutcome> CancelAsync(long id, string who)
    {
        if (!await queue.CancelAsync(id, who)) return TooLate(id);
        await activity.RecordAsync(Subject.Job, $"{id}", $"Job {id} was cancelled by {who}; nobody gets it.");
        return new JobDeskOutcome.Done($"Job {id} is cancelled; nobody gets it.");
    }

    /// <param name="id">The job.</param>
    /// <param name="address">Of the account that is to send it.</param>
    /// <param name="who">The person.</param>
    public async Task<JobDeskOutcome> SendByAsync(long id, string address, string who)
    {
        if (queue.Find(id) is not { } job) return new JobDeskOutcome.Refused(Unknown(id));
        if (!MailAddress.TryParse(address, out var parsed) || accounts.Find(parsed) is not { } account)
            return new JobDeskOutcome.Refused($"There is no account “{address}”. Network > Email Server lists them, and so does `devicemail accounts`.");
        if (account.Id == job.AccountId) return new JobDeskOutcome.Refused($"Job {id} goes out by {account.Address} already.");
        if (job.Traits.Size > account.LargestMail)
            return new JobDeskOutcome.Refused($"Job {id} has {job.Traits.Size:N0} bytes, and {account.Address} takes {account.LargestMail:N0} at most. Choose an account that takes larger mail.");
        if (!await queue.SendByAsync(id, account, who)) return TooLate(id);
        await activity.RecordAsync(Subject.Job, $"{id}", $"Job {id} was given to the account {account.Address} by {who}.");
        return new JobDeskOutcome.Done($"Job {id} goes out by {account.Address}.");
    }

    /// <summary>Tries all held jobs now.</summary>
    /// <param name="oldSeen">How many held for more than 24 hours the person was shown; when there are more, nothing is released.</param>
    /// <param name="who">The person.</param>
    public async Task<JobDeskOutcome> ReleaseAsync(long oldSeen, string who)
    {
        var held = queue.Figures.Held();
        if (held.Count == 0) return new JobDeskOutcome.Done("No job is held.");
        if (held.OldCount > oldSeen) return new JobDeskOutcome.NotSeen(AgeOf(held), held);
        var tried = 0L;
        foreach (var account in accounts.All)
        {
            tried += queue.Figures.Held(account.Id).Count;
            await queue.ReleaseAsync(account.Id, who);
            queue.Ask(account.Id);
        }
        var sentence = tried == 1 ? "1 held job is tried now." : $"{tried} held jobs are tried now.";
        if (tried > 0) await activity.RecordAsync(Subject.Job, "held", $"{sentence} {char.ToUpperInvariant(who[0])}{who[1..]} released {(tried == 1 ? "it" : "them")}.");
        if (held.Count - tried is > 0 and var left)
            sentence += $" {(left == 1 ? "1 stays held: its account was" : $"{left} stay held: their accounts were")} removed. Open {(left == 1 ? "it" : "each")} in Job Status and let another account send it.";
        return new JobDeskOutcome.Done(sentence);
    }

    /// <summary>How many are held and how old they are, in two sentences.</summary>
    public string AgeOf(HeldFigures held)
    {
        if (held.Oldest is not { } oldest) return "No job is held.";
        var count = held.Count == 1 ? "1 job is held" : $"{held.Count} jobs are held";
        var age = $"{(held.Count == 1 ? "It" : "The oldest")} was received on {Words.Date(oldest)} at {Words.Time(oldest)}, {Spans.Of(time.GetUtcNow() - oldest)} ago.";
        return held.OldCount == 0 ? $"{count}. {age}" : $"{count}, {(held.OldCount == held.Count ? "" : $"{held.OldCount} of them ")}for more than 24 hours. {age} Whoever waited for such a mail may not want it any more.";
    }

    /// <summary>The mail of a job, where the setting allows that and its body is still there.</summary>
    public async Task<JobDeskOutcome> DownloadAsync(long id, string who)
    {
        if (!MayDownload) return new JobDeskOutcome.Refused("Downloading mail is switched off. An administrator allows it with the setting jobs.download.");
        if (queue.Find(id) is not { } job) return new JobDeskOutcome.Refused(Unknown(id));
        try
        {
            var octets = queue.OpenBody(job);
            await activity.RecordAsync(Subject.Job, $"{id}", $"The mail of job {id} was downloaded by {who}.");
            await queue.NoteAsync(id, new JobStep(JobEventKind.Downloaded, time.GetUtcNow(), Who: who));
            return new JobDeskOutcome.Mail(octets, $"job-{id}.eml");
        }
        catch (FileNotFoundException)
        {
            return new JobDeskOutcome.Refused($"The mail of job {id} is not here any more: it is deleted once the server has it.");
        }
    }

    private JobDeskOutcome.Refused TooLate(long id) => new(queue.Find(id) is { } job
        ? $"Job {id} is {(job.State == JobState.Waiting ? "being sent" : job.State.ToString().ToLowerInvariant())}; this can be done only while it waits or is held."
        : Unknown(id));
}
