using DeviceMail.Accounts;
using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.EmailServer;

/// <summary>What became of a press on one of the page's buttons.</summary>
public abstract record DeskOutcome
{
    /// <summary>Done; the page of this account shows it.</summary>
    public sealed record Done(long AccountId) : DeskOutcome;

    /// <summary>A person has a code to enter, or learns why there is none.</summary>
    public sealed record SignIn(long AccountId) : DeskOutcome;

    public sealed record Refused(FieldFault Fault) : DeskOutcome;
}

/// <summary>The buttons of Network > Email Server > Basic.</summary>
public sealed class EmailServerDesk(AccountRegister accounts, AccountSignIn signIn, PasswordKeeper passwords, StatusReader status)
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<long, SignInStep> _lastEnds = new();

    public AccountRegister Accounts => accounts;

    public AccountLine StatusOf(Account account) => status.LineOf(account);

    public bool HasPassword(Account account) => passwords.Find(account) is not null;

    /// <summary>Who signed in and waits for OK; null when nothing is staged.</summary>
    public (string As, string Organisation)? Staged(Account account) =>
        accounts.SignInOf(account.Id) is { StagedAs: { } who } record ? (who, record.StagedOrganisation) : null;

    /// <summary>OK: the fields, a password that was typed, and a new sign-in are all saved.</summary>
    public async Task<DeskOutcome> SaveAsync(Account? before, BasicForm form, string password)
    {
        var (account, refused) = await SaveFieldsAsync(before, form);
        if (account is null) return refused!;
        if (form.UsesPassword && password.Length > 0) passwords.Set(account, new Secret(password));
        if (form.UsesPassword && !HasPassword(account)) return new DeskOutcome.Refused(new("password", "Authenticated Password is not set for this server yet. Type it here."));
        if (!form.UsesOAuth || Staged(account) is not { } staged) return new DeskOutcome.Done(account.Id);
        if (!AccountSignIn.IsRightMailbox(account, staged.As))
            return new DeskOutcome.Refused(new("sender", $"{staged.As} signed in, not {account.Address}. Press Use {staged.As}, or Sign In again; a private browser window asks for the account anew."));
        return await ConfirmAsync(account);
    }

    /// <summary>Sign In: the fields are saved, and the provider is asked for a code.</summary>
    public async Task<DeskOutcome> StartSignInAsync(Account? before, BasicForm form, CancellationToken cancel)
    {
        var (account, refused) = await SaveFieldsAsync(before, form);
        if (account is null) return refused!;
        if (!form.UsesOAuth) return new DeskOutcome.Refused(new("method", "Sign In belongs to the Authentication Method OAuth2."));
        await NewCodeAsync(account, cancel);
        return new DeskOutcome.SignIn(account.Id);
    }

    /// <summary>Use X: the account sends as the mailbox that signed in.</summary>
    public async Task<DeskOutcome> UseSignedInAsync(Account account)
    {
        if (Staged(account) is not { } staged || !MailAddress.TryParse(staged.As, out var address)) return new DeskOutcome.Done(account.Id);
        var save = await accounts.SaveAsync(account with { Address = address });
        return save is AccountSave.Saved saved ? await ConfirmAsync(saved.Account) : new DeskOutcome.Refused(FieldFault.Of(((AccountSave.Refused)save).Sentence));
    }

    public async Task NewCodeAsync(Account account, CancellationToken cancel)
    {
        _lastEnds.TryRemove(account.Id, out _);
        if (await signIn.StartAsync(account, cancel) is SignInStart.Ended ended) _lastEnds[account.Id] = ended.Step;
    }

    /// <summary>How the last attempt stands.</summary>
    public SignInStep StepOf(Account account) => _lastEnds.TryGetValue(account.Id, out var end) ? end : signIn.StepOf(account.Id);

    public void Cancel(Account account) => signIn.Cancel(account.Id);

    public Task DiscardAsync(Account account) => signIn.DiscardAsync(account);

    public Task SignOutAsync(Account account) => signIn.SignOutAsync(account);

    private async Task<(Account? Account, DeskOutcome? Refused)> SaveFieldsAsync(Account? before, BasicForm form)
    {
        var (account, fault) = form.ToAccount(before);
        if (account is null) return (null, new DeskOutcome.Refused(fault!));
        if (before is null && accounts.All.Count == 0) account = account with { IsDefault = true };
        if (account == before) return (before, null);
        var save = await accounts.SaveAsync(account);
        return save is AccountSave.Saved saved ? (saved.Account, null) : (null, new DeskOutcome.Refused(FieldFault.Of(((AccountSave.Refused)save).Sentence)));
    }

    private async Task<DeskOutcome> ConfirmAsync(Account account) => await signIn.ConfirmAsync(account) is { } sentence
        ? new DeskOutcome.Refused(new("method", sentence))
        : new DeskOutcome.Done(account.Id);
}
