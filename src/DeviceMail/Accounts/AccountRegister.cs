using System.Collections.Immutable;
using System.Text.Json;
using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.Accounts;

public abstract record AccountSave
{
    public sealed record Saved(Account Account) : AccountSave;

    /// <summary>Names the field and what it must be.</summary>
    public sealed record Refused(string Sentence) : AccountSave;
}

/// <summary>All accounts, in memory and on disk. A change of an account's addresses takes its secrets' meaning away at once, because they are sealed to them.</summary>
public sealed class AccountRegister
{
    private readonly Database _database;
    private readonly SecretStore _secrets;
    private readonly Lock _changing = new();
    private volatile ImmutableSortedDictionary<long, Account> _accounts;

    public AccountRegister(Database database, SecretStore secrets)
    {
        (_database, _secrets) = (database, secrets);
        _accounts = database.Read(session => session.Query("SELECT id, settings FROM account", row => Read(row.Long(0), row.Text(1))))
            .ToImmutableSortedDictionary(account => account.Id, account => account);
    }

    /// <summary>Raised after an account was made, changed or removed.</summary>
    public event Action<long>? Changed;

    public IReadOnlyList<Account> All => [.. _accounts.Values];

    public Account? Default => _accounts.Values.FirstOrDefault(account => account.IsDefault) ?? (_accounts.Count == 1 ? _accounts.Values.First() : null);

    public Account? Find(long id) => _accounts.GetValueOrDefault(id);

    public Account? Find(MailAddress address) => _accounts.Values.FirstOrDefault(account => account.Address == address);

    /// <summary>Saves a new account (id 0) or a changed one.</summary>
    /// <param name="asked">As it shall be.</param>
    /// <param name="password">The one that was typed for it, kept before anybody hears of the change; null: none was.</param>
    public async Task<AccountSave> SaveAsync(Account asked, Secret? password = null)
    {
        if (AccountRules.Fault(asked) is { } sentence) return new AccountSave.Refused(sentence);
        if (Find(asked.Address) is { } other && other.Id != asked.Id)
            return new AccountSave.Refused($"There is an account {asked.Address} already. Change it with `devicemail accounts set`.");
        var former = Find(asked.Id);
        var isElsewhere = former is not null && SecretNames.Endpoint(former) != SecretNames.Endpoint(asked);
        var saved = await _database.WriteAsync(session =>
        {
            // This can run twice, when another write of its batch failed: nothing outside of it changes here.
            var account = asked;
            if (account.Id == 0)
            {
                // Never the number of an account that was removed: its mail would leave under the new one's name.
                session.Execute(
                    "INSERT INTO account (id, address, settings) SELECT 1 + max(coalesce((SELECT max(id) FROM account), 0), coalesce((SELECT max(account_id) FROM job), 0)), @1, '{}'",
                    account.Address.ToString());
                account = account with { Id = session.LastId };
            }
            Write(session, account);
            // A sign-in belongs to the addresses it was made for: nothing of it is left behind at others.
            if (isElsewhere) session.Execute("UPDATE account SET sign_in = NULL WHERE id = @1", account.Id);
            if (account.IsDefault)
                foreach (var one in _accounts.Values.Where(one => one.IsDefault && one.Id != account.Id)) Write(session, one with { IsDefault = false });
            return account;
        });
        lock (_changing)
        {
            var accounts = _accounts.SetItem(saved.Id, saved);
            if (saved.IsDefault)
                foreach (var one in accounts.Values.Where(one => one.IsDefault && one.Id != saved.Id)) accounts = accounts.SetItem(one.Id, one with { IsDefault = false });
            _accounts = accounts;
        }
        try
        {
            if (isElsewhere) _secrets.RemoveAll(SecretNames.Owner(saved));
            if (password is not null) _secrets.Put(SecretNames.Password(saved), password);
        }
        finally
        {
            Changed?.Invoke(saved.Id);
        }
        return new AccountSave.Saved(saved);
    }

    public async Task RemoveAsync(long id)
    {
        if (Find(id) is not { } account) return;
        _secrets.RemoveAll(SecretNames.Owner(account));
        await _database.WriteAsync(session => session.Execute("DELETE FROM account WHERE id = @1", id));
        lock (_changing) _accounts = _accounts.Remove(id);
        Changed?.Invoke(id);
    }

    internal SignInRecord SignInOf(long id) => _database.Read(session => ReadSignIn(session, id));

    /// <summary>Changes the sign-in's record as it is on the disk now, in one step: a person's doing and a refresh may come together.</summary>
    internal Task ChangeSignInAsync(long id, Func<SignInRecord, SignInRecord> change) => _database.WriteAsync(session => session.Execute(
        "UPDATE account SET sign_in = @2 WHERE id = @1", id, JsonSerializer.Serialize(change(ReadSignIn(session, id)), AccountsJson.Default.SignInRecord)));

    private static SignInRecord ReadSignIn(DatabaseSession session, long id) =>
        session.First("SELECT sign_in FROM account WHERE id = @1", row => row.TextOrNull(0), id) is { } json
            ? JsonSerializer.Deserialize(json, AccountsJson.Default.SignInRecord)!
            : new SignInRecord();

    private static void Write(DatabaseSession session, Account account) => session.Execute(
        "UPDATE account SET address = @2, settings = @3 WHERE id = @1", account.Id, account.Address.ToString(),
        JsonSerializer.Serialize(account, AccountsJson.Default.Account));

    private static Account Read(long id, string json) => JsonSerializer.Deserialize(json, AccountsJson.Default.Account)! with { Id = id };
}
