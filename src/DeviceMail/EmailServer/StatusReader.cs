using DeviceMail.Accounts;
using DeviceMail.Activity;
using DeviceMail.Control;
using DeviceMail.Devices;
using DeviceMail.Queue;
using DeviceMail.Settings;
using DeviceMail.Storage;
using DeviceMail.Web;

namespace DeviceMail.EmailServer;

/// <summary>Whom the status is read from.</summary>
public sealed record StatusSources(AccountRegister Accounts, AccountStatusBoard Board, MailQueue Queue, DeviceRegister Devices)
{
    public required PasswordKeeper Passwords { get; init; }

    public required Claim Claim { get; init; }

    public required SettingsStore Settings { get; init; }

    public IEnumerable<FindPageNotices> PageNotices { get; init; } = [];

    public BudgetBoard Budgets { get; init; } = new();

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <summary>Reads the status of the gateway and its accounts as they are now.</summary>
public sealed class StatusReader(StatusSources from)
{
    public GatewayStatus Read()
    {
        var (counts, flow) = (from.Queue.Counts(), from.Queue.Figures.Flow());
        return new GatewayStatus
        {
            Gateway = from.Settings.Current.GatewayName,
            Version = BuildVersion.Current.ToString(),
            IsClaimed = from.Claim.IsClaimed,
            Accounts = [.. from.Accounts.All.Select(LineOf)],
            Jobs = new JobFigures(Of(JobState.Waiting) + Of(JobState.Sending), Of(JobState.Held), Of(JobState.Sent), Of(JobState.Failed)),
            DevicesAllowed = from.Devices.All.Count,
            DevicesWaiting = from.Devices.Waiting.Count,
            At = from.Time.GetUtcNow(),
            LastSent = flow.LastSent,
            Setback = LineOf(flow.PutOff) ?? LineOf(flow.Failed),
            DiskTrouble = from.Queue.Failure?.Message,
            NeedsPerson = [.. from.PageNotices.SelectMany(find => find()).Select(notice => notice.Sentence)],
        };

        long Of(JobState state) => counts.GetValueOrDefault(state);
    }

    public AccountLine LineOf(Account account)
    {
        var status = from.Board.StatusOf(account.Id);
        var signedIn = from.Board.SavedStatusOf(account.Id) as AccountStatus.SignedIn;
        var problem = from.Board.StandsInTheWay(account.Id) ?? MissingPassword(account);
        return new AccountLine(account.Id, account.Address.ToString(), Providers.Find(account.Provider)?.Title ?? account.Provider)
        {
            Mark = MarkOf(status, problem),
            Status = WordsOf(status, account, problem),
            SignedInSince = signedIn?.Since,
            LastRefreshed = signedIn?.LastRefreshed,
            PredictedEnd = signedIn?.PredictedEnd,
            PredictedEndReason = signedIn?.EndReason ?? "",
            InLine = from.Queue.InLine(account.Id),
            Held = from.Queue.Figures.Held(account.Id).Count,
            Problem = problem is null ? null : ProblemLine.Of(problem, ServerWords(status, account.Id), account.Address.ToString()),
            Budget = BudgetLine.Of(account.Budget, from.Budgets.Of(account.Id)),
        };
    }

    /// <summary>When a mail of the account last reached its server; null: none that Job Status remembers.</summary>
    public DateTimeOffset? LastSent(Account account) =>
        from.Queue.List(new JobFilter(JobState.Sent, account.Id, Count: 20)).Max(job => job.FinishedAt);

    private SetbackLine? LineOf(Setback? one)
    {
        if (one is null || Problems.Find(one.Problem, one.ServerWords) is not { } problem) return null;
        var mailbox = from.Accounts.Find(one.AccountId)?.Address.ToString() ?? "";
        return new SetbackLine(mailbox, ProblemLine.Of(problem, one.ServerWords ?? "", mailbox), one.NextTryAt);
    }

    private Problem? MissingPassword(Account account) =>
        account.UsesPassword && from.Passwords.Find(account) is null ? Problems.PasswordRefused : null;

    private string ServerWords(AccountStatus status, long accountId) => status switch
    {
        AccountStatus.Unreachable unreachable => unreachable.ServerWords,
        AccountStatus.Expired expired => expired.ServerWords,
        AccountStatus.SignInAgain again => again.ServerWords,
        _ => from.Board.TroubleOf(accountId)?.ServerWords ?? "",
    };

    private static string MarkOf(AccountStatus status, Problem? problem) => status switch
    {
        AccountStatus.WaitingForPerson => "work",
        AccountStatus.SignedInNotSaved => "warn",
        _ when problem == Problems.AccountPaused => "held",
        _ when problem is not null => "bad",
        _ => "ok",
    };

    private static string WordsOf(AccountStatus status, Account account, Problem? problem) => status switch
    {
        AccountStatus.WaitingForPerson waiting => $"Waiting for a person to enter {waiting.UserCode}",
        AccountStatus.SignedInNotSaved => "Signed in, not saved yet: press OK",
        _ when problem is not null => problem.Title,
        AccountStatus.NotNeeded => account.UsesPassword ? "Signs in with its password" : "No sign-in is needed",
        AccountStatus.SignedIn => "Signed in",
        _ => "Not signed in",
    };
}
