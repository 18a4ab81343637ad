using System.Collections.Concurrent;
using DeviceMail.Activity;
using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.Accounts;

/// <summary>
/// A person signs an account in. The new sign-in is staged: it survives reloads and restarts, and the former one goes on sending until OK.
/// </summary>
public sealed class AccountSignIn
{
    private readonly AccountRegister _accounts;
    private readonly AccountStatusBoard _status;
    private readonly SecretStore _secrets;
    private readonly TokenKeeper _tokens;
    private readonly SignInTools _tools;
    private readonly ConcurrentDictionary<long, Attempt> _attempts = new();

    public AccountSignIn(AccountRegister accounts, AccountStatusBoard status, SecretStore secrets, TokenKeeper tokens, SignInTools tools)
    {
        (_accounts, _status, _secrets, _tokens, _tools) = (accounts, status, secrets, tokens, tools);
        accounts.Changed += id =>
        {
            if (accounts.Find(id) is null) Cancel(id);
        };
    }

    /// <summary>Asks the provider for a code and waits for the person in the background.</summary>
    /// <returns>The code to show, or how the attempt ended at once.</returns>
    public async Task<SignInStart> StartAsync(Account account, CancellationToken cancel)
    {
        Cancel(account.Id);
        var (code, end) = await _tools.Poller.StartAsync(account, cancel);
        if (code is null) return new SignInStart.Ended(end!);
        var attempt = new Attempt();
        _attempts[account.Id] = attempt;
        var waiting = new AccountStatus.WaitingForPerson(code.UserCode, code.Verification, code.Until);
        _status.ReportWaiting(account.Id, waiting);
        attempt.Done = WaitAsync(account, code, attempt);
        return new SignInStart.Started(waiting);
    }

    /// <summary>Asks the provider for a code that nobody uses: what it answers tells whether the application's ids are good. Stores nothing.</summary>
    /// <returns>Null when the provider gave a code, else why not.</returns>
    public async Task<SignInStep?> ProbeAsync(Account account, CancellationToken cancel) => (await _tools.Poller.StartAsync(account, cancel)).End;

    /// <summary>How the attempt that runs, or ran last, stands.</summary>
    public SignInStep StepOf(long accountId) => _attempts.TryGetValue(accountId, out var attempt) ? attempt.Step : new SignInStep.Expired();

    public void Cancel(long accountId)
    {
        if (_attempts.TryRemove(accountId, out var former)) former.Stop.Cancel();
        _status.ReportWaiting(accountId, null);
    }

    /// <summary>OK: the staged sign-in takes the former one's place. It is saved first and used second.</summary>
    /// <returns>Null when it is done, else a sentence.</returns>
    public async Task<string?> ConfirmAsync(Account account)
    {
        var record = _accounts.SignInOf(account.Id);
        if (record.StagedAs is not { } who || _secrets.Find(SecretNames.StagedRefreshToken(account)) is not { } staged)
            return "There is no sign-in that waits to be saved. Sign in first.";
        _attempts.TryRemove(account.Id, out var attempt);
        await _tokens.ReplaceAsync(account, attempt?.Tokens, async () =>
        {
            _secrets.Put(SecretNames.RefreshToken(account), staged);
            var now = _tools.Time.GetUtcNow();
            await _status.ReportSignInAsync(account, _ => new SignInRecord { Since = now, LastRefreshed = now });
            _secrets.Remove(SecretNames.Owner(account), "staged-refresh-token");
        });
        await _tools.Activity.RecordAsync(Subject.Account, account.Address.ToString(), $"Signed in as {who}. Held mail goes out now.");
        return null;
    }

    /// <summary>Deletes the staged sign-in; the former one goes on.</summary>
    public async Task DiscardAsync(Account account)
    {
        Cancel(account.Id);
        _secrets.Remove(SecretNames.Owner(account), "staged-refresh-token");
        await _status.ReportSignInAsync(account, record => record with { StagedAs = null, StagedOrganisation = "" });
    }

    /// <summary>Deletes the sign-in. Mail of the account is held until somebody signs in again.</summary>
    public async Task SignOutAsync(Account account)
    {
        Cancel(account.Id);
        await _tokens.ReplaceAsync(account, null, async () =>
        {
            _secrets.RemoveAll(SecretNames.Owner(account));
            await _status.ReportSignInAsync(account, _ => new SignInRecord());
        });
        await _tools.Activity.RecordAsync(Subject.Account, account.Address.ToString(), "Signed out. Its mail is held until somebody signs in again.");
    }

    /// <summary>Whether the one who signed in is the mailbox this account sends as.</summary>
    public static bool IsRightMailbox(Account account, string? signedInAs) => MailAddress.TryParse(signedInAs, out var who) && who == account.Address;

    private async Task WaitAsync(Account account, DeviceCodePoller.Code code, Attempt attempt)
    {
        try
        {
            var (found, step) = await _tools.Poller.WaitAsync(account, code, attempt.Stop.Token);
            // Removed or pointed elsewhere while the person signed in: nobody needs this sign-in any more.
            if (found is not null && (_accounts.Find(account.Id) is not { } now || SecretNames.Endpoint(now) != SecretNames.Endpoint(account))) (found, step) = (null, new SignInStep.Expired());
            if (found is not null)
            {
                _secrets.Put(SecretNames.StagedRefreshToken(account), found.Refresh!);
                attempt.Tokens = found;
                await _status.ReportSignInAsync(account, record => record with { StagedAs = found.SignedInAs ?? "", StagedOrganisation = found.Organisation });
            }
            attempt.Step = step;
        }
        catch (OperationCanceledException)
        {
            attempt.Step = new SignInStep.Expired();
        }
        catch (StorageFailedException fault)
        {
            attempt.Step = new SignInStep.Blocked(Problems.DiskFull, fault.Message);
        }
        finally
        {
            // A newer attempt shows a code of its own.
            if (_attempts.TryGetValue(account.Id, out var current) && current == attempt) _status.ReportWaiting(account.Id, null);
        }
    }

    private sealed class Attempt
    {
        public CancellationTokenSource Stop { get; } = new();

        public SignInStep Step { get; set; } = new SignInStep.Waiting();

        public SignInTokens? Tokens { get; set; }

        public Task? Done { get; set; }
    }
}

public abstract record SignInStart
{
    public sealed record Started(AccountStatus.WaitingForPerson Code) : SignInStart;

    public sealed record Ended(SignInStep Step) : SignInStart;
}

/// <summary>What a sign-in works with.</summary>
public sealed class SignInTools(OAuthChannel channel, ActivityLog activity, TimeProvider time)
{
    public TimeProvider Time => time;

    public ActivityLog Activity => activity;

    internal DeviceCodePoller Poller { get; } = new(channel, time);
}
