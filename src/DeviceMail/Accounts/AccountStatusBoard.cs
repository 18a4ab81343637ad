using System.Collections.Concurrent;
using DeviceMail.Activity;

namespace DeviceMail.Accounts;

/// <summary>What the sender met although the sign-in is good.</summary>
public sealed record SendingTrouble(Problem Problem, string ServerWords, DateTimeOffset Since);

/// <summary>The status of every account: its sign-in first, then what the sender met. Everything that shows a status asks here.</summary>
public sealed class AccountStatusBoard
{
    private readonly AccountRegister _accounts;
    private readonly TimeProvider _time;
    private readonly Lock _showing = new();
    private readonly ConcurrentDictionary<long, AccountStatus> _status = new();
    private readonly ConcurrentDictionary<long, AccountStatus.WaitingForPerson> _waiting = new();
    private readonly ConcurrentDictionary<long, SendingTrouble> _trouble = new();

    public AccountStatusBoard(AccountRegister accounts, TimeProvider time)
    {
        (_accounts, _time) = (accounts, time);
        // Another authentication method is another status, and an account at other addresses has another sign-in, or none.
        accounts.Changed += id => _status.TryRemove(id, out _);
    }

    /// <summary>Raised when a status or a trouble changed.</summary>
    public event Action<long>? Changed;

    /// <summary>The sign-in as it is used for sending; while a person has a code, that.</summary>
    public AccountStatus StatusOf(long accountId) => _waiting.TryGetValue(accountId, out var waiting) ? waiting : SavedStatusOf(accountId);

    /// <summary>The status of the sign-in that sends, whatever a person is doing.</summary>
    public AccountStatus SavedStatusOf(long accountId) => _status.GetOrAdd(accountId, id =>
        _accounts.Find(id) is { } account ? Of(account, _accounts.SignInOf(id)) : new AccountStatus.NotSignedIn());

    public SendingTrouble? TroubleOf(long accountId) => _trouble.GetValueOrDefault(accountId);

    /// <summary>What keeps mail from going out, or null.</summary>
    public Problem? StandsInTheWay(long accountId) => SavedStatusOf(accountId) switch
    {
        AccountStatus.NotSignedIn => Problems.NotSignedIn,
        AccountStatus.SignedInNotSaved => Problems.NotSaved,
        AccountStatus.Unreachable unreachable => unreachable.Problem,
        AccountStatus.Expired expired => expired.Problem,
        AccountStatus.SignInAgain again => again.Problem,
        _ => _accounts.Find(accountId) is { IsPaused: true } ? Problems.AccountPaused : TroubleOf(accountId)?.Problem,
    };

    public void ReportTrouble(long accountId, Problem problem, string serverWords)
    {
        _trouble[accountId] = new SendingTrouble(Problems.Find(problem.Key, serverWords) ?? problem, serverWords, TroubleOf(accountId)?.Since ?? _time.GetUtcNow());
        Changed?.Invoke(accountId);
    }

    public void ReportSent(long accountId)
    {
        if (_trouble.TryRemove(accountId, out _)) Changed?.Invoke(accountId);
    }

    /// <summary>An interface was found to refuse the account, or to take its mail again.</summary>
    public void ReportTransports(long accountId) => Changed?.Invoke(accountId);

    internal void ReportWaiting(long accountId, AccountStatus.WaitingForPerson? waiting)
    {
        if (waiting is null) _waiting.TryRemove(accountId, out _);
        else _waiting[accountId] = waiting;
        Changed?.Invoke(accountId);
    }

    /// <summary>Changes the sign-in's record and shows what follows from it.</summary>
    internal async Task ReportSignInAsync(Account account, Func<SignInRecord, SignInRecord> change)
    {
        await _accounts.ChangeSignInAsync(account.Id, before => SignInForecast.Learn(before, change(before), _time.GetUtcNow()));
        Show(account, isTried: true);
    }

    /// <summary>Changes what is foretold of the sign-in. Nothing was tried: what the sender met stays.</summary>
    internal async Task ReportForecastAsync(Account account, Func<SignInRecord, SignInRecord> change)
    {
        await _accounts.ChangeSignInAsync(account.Id, change);
        Show(account, isTried: false);
    }

    private void Show(Account account, bool isTried)
    {
        lock (_showing)
        {
            var record = _accounts.SignInOf(account.Id);
            _status[account.Id] = Of(account, record);
            if (isTried && record.Problem is null) _trouble.TryRemove(account.Id, out _);
        }
        Changed?.Invoke(account.Id);
    }

    private static AccountStatus Of(Account account, SignInRecord record)
    {
        if (account.Method != AuthenticationMethod.OAuth2) return new AccountStatus.NotNeeded();
        var problem = Problems.Find(record.Problem, record.ServerWords);
        if (record is { Since: null, StagedAs: { } who }) return new AccountStatus.SignedInNotSaved(who, record.StagedOrganisation);
        if (record.Since is not { } since) return new AccountStatus.NotSignedIn();
        return problem switch
        {
            null => SignedIn(since, record.LastRefreshed ?? since, SignInForecast.Of(account, record)),
            { Code: 361 } => new AccountStatus.Expired(problem, record.ServerWords),
            { Code: 360 } => new AccountStatus.Unreachable(problem, record.ServerWords),
            _ => new AccountStatus.SignInAgain(problem, record.ServerWords),
        };
    }

    private static AccountStatus.SignedIn SignedIn(DateTimeOffset since, DateTimeOffset refreshed, SignInEnd? end) =>
        new(since, refreshed, end?.At) { EndReason = end?.Reason ?? "" };
}
