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
    /// <summary>How long a person may take in the browser.</summary>
    private static readonly TimeSpan _longestVisit = TimeSpan.FromMinutes(15);

    private const string NothingStaged = "There is no sign-in that waits to be saved. Sign in first.";

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

    /// <summary>Begins a sign-in in a browser; <see cref="AnswerAsync"/> takes what it brings back.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="redirect">Where the provider leads the browser, as it is registered there.</param>
    /// <param name="cancel">Ends the question.</param>
    public async Task<SignInStart> StartInBrowserAsync(Account account, string redirect, CancellationToken cancel)
    {
        Cancel(account.Id);
        var (request, end) = await _tools.Codes.StartAsync(account, redirect, cancel);
        if (request is null) return new SignInStart.Ended(end!);
        _attempts[account.Id] = new Attempt { Request = request, By = SignInWay.Browser, Endpoint = SecretNames.Endpoint(account), Until = _tools.Time.GetUtcNow() + _longestVisit };
        return new SignInStart.InBrowser(request.Address, request.State);
    }

    /// <summary>The address that a browser has to open for the sign-in under way; null: there is none in a browser.</summary>
    public (Uri Address, string State)? InBrowser(long accountId) =>
        _attempts.TryGetValue(accountId, out var attempt) && attempt is { Step: SignInStep.Waiting, Request: { } request } ? (request.Address, request.State) : null;

    /// <summary>Takes the address on which the browser landed. Each answer counts once, and only for the attempt that its state belongs to.</summary>
    /// <param name="landed">The whole address, or its part behind the question mark with it.</param>
    /// <param name="cancel">Ends the question.</param>
    /// <returns>The account it was for, null where it belongs to no attempt; and how the attempt stands.</returns>
    public async Task<(Account? Account, SignInStep Step)> AnswerAsync(string landed, CancellationToken cancel)
    {
        var answer = AuthorizationCodes.Read(landed);
        var (id, attempt) = _attempts.FirstOrDefault(one => one.Value.Request?.IsAnsweredBy(answer) == true);
        if (attempt is null || _accounts.Find(id) is not { } account || Interlocked.Exchange(ref attempt.Request, null) is not { } asked) return (null, new SignInStep.Expired());
        // Begun for other addresses than the account has now: what was typed for these is not shown to those.
        if (_tools.Time.GetUtcNow() >= attempt.Until || attempt.Endpoint != SecretNames.Endpoint(account)) return (account, attempt.Step = new SignInStep.Expired());
        try
        {
            var (found, step) = await _tools.Codes.RedeemAsync(account, asked, answer, cancel);
            attempt.Step = await StageAsync(account, found, step, attempt);
        }
        catch (StorageFailedException fault)
        {
            attempt.Step = new SignInStep.Blocked(Problems.DiskFull, fault.Message);
        }
        return (account, attempt.Step);
    }

    /// <summary>The application proves itself, with the certificate that was made last where there is one. When the provider takes it, it is saved at once: there is no wrong person.</summary>
    public async Task<SignInStep> SignInApplicationAsync(Account account, CancellationToken cancel)
    {
        Cancel(account.Id);
        var (former, proving) = (account.Certificate, account.NextCertificate.Length > 0 ? account with { Certificate = account.NextCertificate, NextCertificate = "" } : account);
        switch (await _tokens.ProveAsync(proving, account.Transports[0], cancel))
        {
            case AccessTokenResult.Held held: return new SignInStep.Blocked(held.Problem, held.ServerWords);
            case AccessTokenResult.TryLater later: return new SignInStep.Blocked(later.Problem, later.ServerWords);
        }
        if (proving != account)
        {
            if (await _accounts.SaveAsync(proving, null, account) is not AccountSave.Saved) return new SignInStep.Blocked(Problems.NotSaved, "The account was changed meanwhile.");
            account = proving;
        }
        await _tokens.ReplaceAsync(account, null, async () =>
        {
            var now = _tools.Time.GetUtcNow();
            await _status.ReportSignInAsync(account, _ => new SignInRecord { Since = now, LastRefreshed = now, For = account.Transports[0], By = SignInWay.Application });
        });
        await _tools.Activity.RecordAsync(Subject.Account, account.Address.ToString(), $"The application {account.ClientId} signed in for itself{(former != account.Certificate ? " with a new certificate" : "")}. Held mail goes out now.");
        return new SignInStep.SignedIn(account.Address.ToString(), account.TenantId);
    }

    /// <summary>Remembers which policy of the organisation will end sign-ins by device code, and shows what follows.</summary>
    /// <param name="account">Whose sign-in.</param>
    /// <param name="end">The earliest one; null: none is known.</param>
    public Task ForetellAsync(Account account, ForetoldEnd? end) => _status.ReportForecastAsync(account, record => record with { DeviceCodeEnds = end });

    /// <summary>Asks the provider for a code that nobody uses: what it answers tells whether the application's ids are good. Stores nothing.</summary>
    /// <returns>Null when the provider gave a code, else why not.</returns>
    public async Task<SignInStep?> ProbeAsync(Account account, CancellationToken cancel) => (await _tools.Poller.StartAsync(account, cancel)).End;

    /// <summary>By which way the attempt went that runs, or ran last; null: there was none.</summary>
    public SignInWay? WayOf(long accountId) => _attempts.TryGetValue(accountId, out var attempt) ? attempt.By : null;

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
        if (Staged(account) is not { } waits) return NothingStaged;
        _attempts.TryRemove(account.Id, out var attempt);
        var who = "";
        await _tokens.ReplaceAsync(account, attempt?.Tokens, async () =>
        {
            // Read where nobody else changes it: a second press finds nothing any more, and leaves the sign-in as the first one made it.
            if (Staged(account) is not { } staged) return;
            _secrets.Put(SecretNames.RefreshToken(account), staged.Token);
            var (now, record) = (_tools.Time.GetUtcNow(), staged.Record);
            await _status.ReportSignInAsync(account, _ => new SignInRecord { Since = now, LastRefreshed = now, For = record.StagedFor, By = record.StagedBy, SignedInAs = record.StagedAs ?? "" });
            _secrets.Remove(SecretNames.Owner(account), "staged-refresh-token");
            who = record.StagedAs ?? "";
        });
        await _tools.Activity.RecordAsync(Subject.Account, account.Address.ToString(), $"Signed in as {(who.Length > 0 ? who : waits.Record.StagedAs)}. Held mail goes out now.");
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
            // What an application proves itself with is no sign-in; it stays until it is deleted or replaced.
            foreach (var name in (SecretName[])[SecretNames.RefreshToken(account), SecretNames.StagedRefreshToken(account)]) _secrets.Remove(name.Owner, name.Field);
            await _status.ReportSignInAsync(account, _ => new SignInRecord());
        });
        await _tools.Activity.RecordAsync(Subject.Account, account.Address.ToString(), "Signed out. Its mail is held until somebody signs in again.");
    }

    /// <summary>Whether the one who signed in is the mailbox this account sends as.</summary>
    public static bool IsRightMailbox(Account account, string? signedInAs) => MailAddress.TryParse(signedInAs, out var who) && who == account.Address;

    private (SignInRecord Record, Secret Token)? Staged(Account account) =>
        _accounts.SignInOf(account.Id) is { StagedAs: not null } record && _secrets.Find(SecretNames.StagedRefreshToken(account)) is { } token ? (record, token) : null;

    private async Task WaitAsync(Account account, DeviceCodePoller.Code code, Attempt attempt)
    {
        try
        {
            var (found, step) = await _tools.Poller.WaitAsync(account, code, attempt.Stop.Token);
            attempt.Step = await StageAsync(account, found, step, attempt);
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

    /// <summary>Keeps what a person's sign-in brought until OK.</summary>
    private async Task<SignInStep> StageAsync(Account account, SignInTokens? found, SignInStep step, Attempt attempt)
    {
        if (found is null) return step;
        // Removed or pointed elsewhere while the person signed in: nobody needs this sign-in any more.
        if (_accounts.Find(account.Id) is not { } now || SecretNames.Endpoint(now) != SecretNames.Endpoint(account)) return new SignInStep.Expired();
        _secrets.Put(SecretNames.StagedRefreshToken(account), found.Refresh!);
        attempt.Tokens = found;
        await _status.ReportSignInAsync(account, record => record with
        {
            StagedAs = found.SignedInAs ?? "",
            StagedOrganisation = found.Organisation,
            StagedFor = found.For,
            StagedBy = found.By,
        });
        return step;
    }

    private sealed class Attempt
    {
        /// <summary>Of a sign-in in a browser; null as soon as an answer came.</summary>
        public AuthorizationRequest? Request;

        public SignInWay By { get; init; }

        /// <summary>The addresses it was begun for.</summary>
        public string Endpoint { get; init; } = "";

        public DateTimeOffset Until { get; init; }

        public CancellationTokenSource Stop { get; } = new();

        public SignInStep Step { get; set; } = new SignInStep.Waiting();

        public SignInTokens? Tokens { get; set; }

        public Task? Done { get; set; }
    }
}

public abstract record SignInStart
{
    public sealed record Started(AccountStatus.WaitingForPerson Code) : SignInStart;

    /// <summary>The browser opens the address, and brings the state back.</summary>
    public sealed record InBrowser(Uri Address, string State) : SignInStart;

    public sealed record Ended(SignInStep Step) : SignInStart;
}

/// <summary>What a sign-in works with.</summary>
public sealed class SignInTools(OAuthChannel channel, ClientCredentials credentials, ActivityLog activity, TimeProvider time)
{
    public TimeProvider Time => time;

    public ActivityLog Activity => activity;

    internal DeviceCodePoller Poller { get; } = new(channel, time);

    internal AuthorizationCodes Codes { get; } = new(channel, credentials, time);
}
