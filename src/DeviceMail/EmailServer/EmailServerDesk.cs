using System.Collections.Concurrent;
using DeviceMail.Accounts;
using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.EmailServer;

/// <summary>What became of a press on one of the page's buttons.</summary>
public abstract record DeskOutcome
{
    /// <summary>Done; the page of this account shows it.</summary>
    public sealed record Done(long AccountId) : DeskOutcome;

    /// <summary>The page of the sign-in goes on.</summary>
    public sealed record SignIn(long AccountId) : DeskOutcome;

    /// <summary>Nothing was saved.</summary>
    public sealed record Refused(IReadOnlyList<FieldFault> Faults) : DeskOutcome
    {
        public Refused(FieldFault fault) : this([fault])
        {
        }

        public FieldFault Fault => Faults[0];
    }
}

/// <summary>Who signed in and waits for OK.</summary>
public sealed record StagedSignIn(string As, string Organisation);

/// <summary>The buttons of Network > Email Server > Basic.</summary>
public sealed class EmailServerDesk(AccountRegister accounts, AccountSignIn signIn, PasswordKeeper passwords, StatusReader status, ClientCredentials credentials)
{
    // How the attempt that a person began here ended at once; null: it waits, or runs on in the background.
    private readonly ConcurrentDictionary<long, SignInStep?> _begun = new();

    public AccountRegister Accounts => accounts;

    public AccountLine StatusOf(Account account) => status.LineOf(account);

    public bool HasPassword(Account account) => passwords.Find(account) is not null;

    /// <summary>Null when nothing is staged.</summary>
    public StagedSignIn? Staged(Account account) =>
        accounts.SignInOf(account.Id) is { StagedAs: { } who } record ? new StagedSignIn(who, record.StagedOrganisation) : null;

    /// <summary>OK: the fields, a password that was typed, and a new sign-in are all saved.</summary>
    public async Task<DeskOutcome> SaveAsync(Account? before, BasicForm form, TypedSecrets typed)
    {
        var (account, faults) = form.ToAccount(before);
        if (account is null) return new DeskOutcome.Refused(faults);
        if (form.UsesPassword && FaultOfPassword(before, account, typed.Password?.Reveal() ?? "") is { } fault) return new DeskOutcome.Refused(fault);
        var staged = before is not null && form.UsesOAuth ? Staged(before) : null;
        if (staged is not null && !AccountSignIn.IsRightMailbox(account, staged.As))
            return new DeskOutcome.Refused(new FieldFault("sender", $"{NameOf(staged)} signed in, not {account.Address}. Press Use {NameOf(staged)}, or Try again."));
        if (FaultOfClientSecret(typed) is { } wrong) return new DeskOutcome.Refused(wrong);
        var (saved, refused) = await SaveFieldsAsync(before, account, typed);
        if (saved is null) return refused!;
        return staged is null || !KeepsSecrets(before!, saved) ? new DeskOutcome.Done(saved.Id) : await ConfirmAsync(saved);
    }

    /// <summary>Sign In: the fields are saved, and the page of the sign-in begins; the provider is asked there.</summary>
    public async Task<DeskOutcome> BeginSignInAsync(Account? before, BasicForm form, TypedSecrets typed)
    {
        if (!form.UsesOAuth) return new DeskOutcome.Refused(new FieldFault("method", "Sign In belongs to the Authentication Method OAuth2."));
        var (account, faults) = form.ToAccount(before);
        if (account is null) return new DeskOutcome.Refused(faults);
        if (FaultOfClientSecret(typed) is { } wrong) return new DeskOutcome.Refused(wrong);
        var (saved, refused) = await SaveFieldsAsync(before, account, typed);
        if (saved is null) return refused!;
        if (!IsWaiting(saved)) _begun.TryRemove(saved.Id, out _);
        return new DeskOutcome.SignIn(saved.Id);
    }

    /// <summary>Use X: the account sends as the mailbox that signed in.</summary>
    public async Task<DeskOutcome> UseSignedInAsync(Account account)
    {
        if (Staged(account) is not { } staged || !MailAddress.TryParse(staged.As, out var address)) return new DeskOutcome.Done(account.Id);
        var save = await accounts.SaveAsync(account with { Address = address });
        return save is AccountSave.Saved saved ? await ConfirmAsync(saved.Account) : new DeskOutcome.Refused(FieldFault.Of(((AccountSave.Refused)save).Sentence));
    }

    /// <summary>Begins a sign-in in a browser, which comes back to the registered address, or to a loopback address that a person copies.</summary>
    public async Task OpenBrowserAsync(Account account, CancellationToken cancel)
    {
        var redirect = account.RedirectAddress.Length > 0 ? account.RedirectAddress : MicrosoftAuthority.LoopbackOf(account, port: null);
        _begun[account.Id] = await signIn.StartInBrowserAsync(account, redirect, cancel) is SignInStart.Ended ended ? ended.Step : null;
    }

    /// <summary>What a browser has to open for the sign-in under way, and the state it brings back; null: none is under way in a browser.</summary>
    public (Uri Address, string State)? InBrowser(Account account) => _begun.ContainsKey(account.Id) ? signIn.InBrowser(account.Id) : null;

    /// <inheritdoc cref="AccountSignIn.WayOf"/>
    public SignInWay? WayOf(Account account) => signIn.WayOf(account.Id);

    /// <summary>Takes the address on which a browser landed.</summary>
    public Task<(Account? Account, SignInStep Step)> AnswerAsync(string landed, CancellationToken cancel) => signIn.AnswerAsync(landed, cancel);

    public async Task SignInApplicationAsync(Account account, CancellationToken cancel) => _begun[account.Id] = await signIn.SignInApplicationAsync(account, cancel);

    /// <summary>Makes the application's next certificate; the present one is used until a sign-in succeeds with it.</summary>
    public async Task<DeskOutcome> MakeCertificateAsync(Account account)
    {
        var save = await accounts.SaveAsync(credentials.MakeCertificate(account), null, account);
        return save is AccountSave.Saved ? new DeskOutcome.Done(account.Id) : new DeskOutcome.Refused(new FieldFault("certificate", "The account was changed meanwhile. Try again."));
    }

    /// <summary>Forgets the certificate that waits, with its key.</summary>
    public async Task<DeskOutcome> DiscardCertificateAsync(Account account)
    {
        var save = await accounts.SaveAsync(account with { NextCertificate = "" }, null, account);
        return save is AccountSave.Saved ? new DeskOutcome.Done(account.Id) : new DeskOutcome.Refused(new FieldFault("certificate", "The account was changed meanwhile. Try again."));
    }

    /// <summary>Keeps the application's client secret, and when it ends.</summary>
    public async Task<DeskOutcome> SetClientSecretAsync(Account account, string secret, DateTimeOffset? ends)
    {
        if (BasicField.PasswordFault(secret) is not null || secret.Length == 0) return new DeskOutcome.Refused(new FieldFault("client-secret", "Client secret is empty, or too long. Copy its value, not its ID, from the registration."));
        var save = await accounts.SaveAsync(account with { SecretEnds = ends }, new TypedSecrets(null, new Secret(secret)), account);
        return save is AccountSave.Saved ? new DeskOutcome.Done(account.Id) : new DeskOutcome.Refused(new FieldFault("client-secret", "The account was changed meanwhile. Try again."));
    }

    public bool HasClientSecret(Account account) => credentials.HasSecret(account);

    public async Task NewCodeAsync(Account account, CancellationToken cancel) =>
        _begun[account.Id] = await signIn.StartAsync(account, cancel) is SignInStart.Ended ended ? ended.Step : null;

    /// <summary>How the attempt stands that was begun here; null: none was, or it was cancelled.</summary>
    public SignInStep? StepOf(Account account) => _begun.TryGetValue(account.Id, out var end) ? end ?? signIn.StepOf(account.Id) : null;

    /// <summary>Whether a code waits for a person.</summary>
    public bool IsWaiting(Account account) => _begun.TryGetValue(account.Id, out var end) && end is null && signIn.StepOf(account.Id) is SignInStep.Waiting or SignInStep.SlowDown;

    public void Cancel(Account account)
    {
        _begun.TryRemove(account.Id, out _);
        signIn.Cancel(account.Id);
    }

    public Task DiscardAsync(Account account)
    {
        _begun.TryRemove(account.Id, out _);
        return signIn.DiscardAsync(account);
    }

    public Task SignOutAsync(Account account)
    {
        _begun.TryRemove(account.Id, out _);
        return signIn.SignOutAsync(account);
    }

    /// <summary>Asks the provider whether it knows the ids; null when it would give a code.</summary>
    public Task<SignInStep?> ProbeAsync(Account account, CancellationToken cancel) => signIn.ProbeAsync(account, cancel);

    /// <summary>Whether what is stored for the one opens for the other: a secret is never shown to another address than it was given for.</summary>
    public static bool KeepsSecrets(Account before, Account after) => SecretNames.Endpoint(before) == SecretNames.Endpoint(after);

    private static string NameOf(StagedSignIn staged) => staged.As.Length > 0 ? staged.As : "Somebody without a name";

    private static FieldFault? FaultOfClientSecret(TypedSecrets typed) => typed.ClientSecret is { } secret && BasicField.PasswordFault(secret.Reveal()) is not null
        ? new FieldFault("client-secret", "Client secret is too long, or holds a control character. Copy its value from the registration.") : null;

    private FieldFault? FaultOfPassword(Account? before, Account account, string password)
    {
        if (password.Length > 0) return BasicField.PasswordFault(password) is { } fault ? new FieldFault("password", fault) : null;
        if (before is null || !HasPassword(before)) return new FieldFault("password", "Authenticated Password is empty. Type the mailbox's password.");
        return KeepsSecrets(before, account) ? null
            : new FieldFault("password", "The stored password was given for another server, port or security, and is not shown to this one. Type the password again.");
    }

    private async Task<(Account? Account, DeskOutcome? Refused)> SaveFieldsAsync(Account? before, Account account, TypedSecrets typed)
    {
        if (before is null && accounts.All.Count == 0) account = account with { IsDefault = true };
        if (account == before && typed is { Password: null, ClientSecret: null }) return (before, null);
        var save = await accounts.SaveAsync(account, typed);
        if (save is not AccountSave.Saved saved) return (null, new DeskOutcome.Refused(FieldFault.Of(((AccountSave.Refused)save).Sentence)));
        // What was stored for the former addresses is gone with them; the status must not say otherwise.
        if (before is not null && !KeepsSecrets(before, saved.Account) && accounts.SignInOf(saved.Account.Id) is { Since: not null } or { StagedAs: not null }) await SignOutAsync(saved.Account);
        return (saved.Account, null);
    }

    private async Task<DeskOutcome> ConfirmAsync(Account account)
    {
        if (await signIn.ConfirmAsync(account) is { } sentence) return new DeskOutcome.Refused(new FieldFault("method", sentence));
        _begun.TryRemove(account.Id, out _);
        return new DeskOutcome.Done(account.Id);
    }
}
