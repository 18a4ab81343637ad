using System.Collections.Immutable;
using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.Accounts;

public abstract record AccountSave
{
    public sealed record Saved(Account Account) : AccountSave;

    /// <summary>Names the field and what it must be.</summary>
    public sealed record Refused(string Sentence) : AccountSave;

    /// <summary>Somebody else changed the account since it was read; nothing was saved.</summary>
    public sealed record Changed : AccountSave;
}

/// <summary>Secrets that an administrator typed for an account; null: none was. An empty client secret takes the kept one away.</summary>
public sealed record TypedSecrets(Secret? Password, Secret? ClientSecret = null);

/// <summary>All accounts, in memory and on disk. A change of an account's addresses takes its secrets' meaning away at once, because they are sealed to them.</summary>
public sealed class AccountRegister
{
    private static readonly StoredJson<Account> _records = new(AccountsJson.Default.Account, Providers.All[^1].NewAccount(MailAddress.Parse("nobody@invalid")));
    private static readonly StoredJson<SignInRecord> _signIns = new(AccountsJson.Default.SignInRecord, new SignInRecord());

    private readonly Database _database;
    private readonly SecretStore _secrets;
    private readonly Lock _changing = new();
    private volatile ImmutableSortedDictionary<long, Account> _accounts;

    public AccountRegister(Database database, SecretStore secrets)
    {
        (_database, _secrets) = (database, secrets);
        _accounts = database.Read(ReadAll).ToImmutableSortedDictionary(account => account.Id, account => account);
        // What a removal that was cut off left behind.
        secrets.KeepOnly("account/", [.. _accounts.Values.Select(SecretNames.Owner)]);
    }

    /// <summary>Raised after an account was made, changed or removed.</summary>
    public event Action<long>? Changed;

    public IReadOnlyList<Account> All => [.. _accounts.Values];

    public Account? Default => _accounts.Values.FirstOrDefault(account => account.IsDefault) ?? (_accounts.Count == 1 ? _accounts.Values.First() : null);

    public Account? Find(long id) => _accounts.GetValueOrDefault(id);

    public Account? Find(MailAddress address) => _accounts.Values.FirstOrDefault(account => account.Address == address);

    /// <summary>Saves a new account (id 0) or a changed one.</summary>
    /// <param name="asked">As it shall be.</param>
    /// <param name="typed">What was typed for it, kept before anybody hears of the change; null: nothing was.</param>
    /// <param name="seen">What the change was made from: when it is another by now, nothing is saved. Null asks for no comparison.</param>
    public async Task<AccountSave> SaveAsync(Account asked, TypedSecrets? typed = null, Account? seen = null)
    {
        if (AccountRules.Fault(asked) is { } sentence) return new AccountSave.Refused(sentence);
        if (Find(asked.Address) is { } other && other.Id != asked.Id)
            return new AccountSave.Refused($"There is an account {asked.Address} already. Change it with `devicemail accounts set`.");
        // The disk decides, and the one writer of the database: changes that come at once are made one after the other.
        var (save, former) = await _database.WriteAsync(session => Save(session, asked, seen));
        Reload();
        if (save is not AccountSave.Saved { Account: var saved }) return save;
        try
        {
            if (former is not null) RemoveSecretsOf(former, saved);
            if (typed?.Password is { } password) _secrets.Put(SecretNames.Password(saved), password);
            if (typed?.ClientSecret is { } secret) KeepClientSecret(saved, secret);
        }
        finally
        {
            Changed?.Invoke(saved.Id);
        }
        return save;
    }

    public async Task RemoveAsync(long id)
    {
        if (Find(id) is not { } account) return;
        await _database.WriteAsync(session => session.Execute("DELETE FROM account WHERE id = @1", id));
        Reload();
        try
        {
            // Who was about to keep a secret for it finds it gone by now, or has kept it before this.
            _secrets.RemoveAll(SecretNames.Owner(account));
        }
        finally
        {
            Changed?.Invoke(id);
        }
    }

    private void KeepClientSecret(Account account, Secret secret)
    {
        var name = SecretNames.ClientSecret(account);
        if (secret.Reveal().Length == 0) _secrets.Remove(name.Owner, name.Field);
        else _secrets.Put(name, secret);
    }

    /// <summary>What was sealed to addresses that the account has no more opens for nobody, and is not kept.</summary>
    private void RemoveSecretsOf(Account former, Account saved)
    {
        var kept = SecretNames.All(saved).ToHashSet();
        foreach (var name in SecretNames.All(former).Where(name => !kept.Contains(name))) _secrets.Remove(name.Owner, name.Field);
    }

    /// <summary>May run twice, when another write of its batch failed: nothing outside of it changes here.</summary>
    /// <returns>How it went, and the account as it was before; null: it was not there.</returns>
    private static (AccountSave Save, Account? Former) Save(DatabaseSession session, Account account, Account? seen)
    {
        Account? former = null;
        if (account.Id == 0)
        {
            session.Execute("UPDATE account_number SET last = last + 1");
            session.Execute("INSERT INTO account (id, address, settings) SELECT last, @1, '{}' FROM account_number", account.Address.ToString());
            account = account with { Id = session.LastId };
        }
        else if (session.First("SELECT settings FROM account WHERE id = @1", row => row.Text(0), account.Id) is { } stored)
        {
            // As it is read, not as it is written: an earlier version may have written it in another way.
            former = Read(account.Id, stored);
            if (seen is not null && Serialize(seen) != Serialize(former)) return (new AccountSave.Changed(), null);
            // What the one application proves itself with is not the other's.
            if (!SecretNames.IsSameApplication(former, account)) account = account with { Certificate = "", NextCertificate = "", SecretEnds = null };
        }
        else
        {
            return (new AccountSave.Refused($"The account {account.Address} was removed meanwhile. Add it anew."), null);
        }
        Write(session, account);
        // A sign-in belongs to the addresses it was made for: nothing of it is left behind at others.
        if (former is not null && SecretNames.Endpoint(former) != SecretNames.Endpoint(account)) session.Execute("UPDATE account SET sign_in = NULL WHERE id = @1", account.Id);
        if (account.IsDefault)
            foreach (var one in ReadAll(session).Where(one => one.IsDefault && one.Id != account.Id)) Write(session, one with { IsDefault = false });
        return (new AccountSave.Saved(account), former);
    }

    /// <summary>Whoever comes last shows what is on the disk.</summary>
    private void Reload()
    {
        lock (_changing) _accounts = _database.Read(ReadAll).ToImmutableSortedDictionary(account => account.Id, account => account);
    }

    private static List<Account> ReadAll(DatabaseSession session) => session.Query("SELECT id, settings FROM account", row => Read(row.Long(0), row.Text(1)));

    internal SignInRecord SignInOf(long id) => _database.Read(session => ReadSignIn(session, id));

    /// <summary>Changes the sign-in's record as it is on the disk now, in one step: a person's doing and a refresh may come together.</summary>
    internal Task ChangeSignInAsync(long id, Func<SignInRecord, SignInRecord> change) => _database.WriteAsync(session => session.Execute(
        "UPDATE account SET sign_in = @2 WHERE id = @1", id, _signIns.Write(change(ReadSignIn(session, id)))));

    private static SignInRecord ReadSignIn(DatabaseSession session, long id) =>
        session.First("SELECT sign_in FROM account WHERE id = @1", row => row.TextOrNull(0), id) is { } json
            ? _signIns.Read(json)
            : new SignInRecord();

    private static void Write(DatabaseSession session, Account account) => session.Execute(
        "UPDATE account SET address = @2, settings = @3 WHERE id = @1", account.Id, account.Address.ToString(), Serialize(account));

    private static string Serialize(Account account) => _records.Write(account);

    private static Account Read(long id, string json) => _records.Read(json) with { Id = id };
}
