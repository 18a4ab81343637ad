using DeviceMail.Accounts;
using DeviceMail.Messages;
using DeviceMail.Storage;

namespace DeviceMail.Tests.Accounts;

public sealed class AccountRulesTests
{
    [Theory]
    [InlineData("mail.example", false)]
    [InlineData("192.0.2.25", false)]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("localhost", true)]
    public async Task A_token_crosses_no_wire_in_the_clear(string host, bool isTaken)
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var account = AccountFolder.Describe("scan@contoso.example", 25, provider) with { Host = host };
        var save = await folder.Accounts.SaveAsync(account);
        if (isTaken) Assert.IsType<AccountSave.Saved>(save);
        else Assert.Contains("Secure Connection cannot be None", Assert.IsType<AccountSave.Refused>(save).Sentence, StringComparison.Ordinal);
        Assert.IsType<AccountSave.Saved>(await folder.Accounts.SaveAsync(account with { Method = AuthenticationMethod.Off, Address = MailAddress.Parse("relay@contoso.example") }));
    }

    [Fact]
    public async Task A_new_account_is_on_the_disk_also_when_another_write_of_its_batch_fails()
    {
        await using var folder = new AccountFolder();
        using var gate = new ManualResetEventSlim();
        var database = folder.Folder.Database;
        var slow = database.WriteAsync(_ => gate.Wait(TimeSpan.FromSeconds(30)));
        var save = folder.Accounts.SaveAsync(AccountFolder.Describe("scan@contoso.example", 25));
        var bad = database.WriteAsync(session => session.Execute("INSERT INTO setting (name, value) VALUES ('x', NULL)"));
        gate.Set();
        await slow;
        await Assert.ThrowsAnyAsync<Exception>(() => bad);
        var saved = Assert.IsType<AccountSave.Saved>(await save).Account;
        Assert.Equal(saved.Id, Assert.Single(new AccountRegister(database, folder.Secrets).All).Id);
    }

    [Fact]
    public async Task No_number_is_given_twice()
    {
        await using var folder = new AccountFolder();
        var first = await folder.AddAsync(AccountFolder.Describe("scan@contoso.example", 25));
        await folder.Accounts.RemoveAsync(first.Id);
        Assert.NotEqual(first.Id, (await folder.AddAsync(AccountFolder.Describe("scan@contoso.example", 25))).Id);
    }

    [Fact]
    public async Task A_change_of_an_account_that_was_removed_meanwhile_brings_nobody_back()
    {
        await using var folder = new AccountFolder();
        var account = await folder.AddAsync(AccountFolder.Describe("scan@contoso.example", 25));
        await folder.Accounts.RemoveAsync(account.Id);
        Assert.Contains("was removed meanwhile", Assert.IsType<AccountSave.Refused>(await folder.Accounts.SaveAsync(account with { Port = 26 })).Sentence, StringComparison.Ordinal);
        Assert.Empty(folder.Accounts.All);
    }

    [Fact]
    public async Task A_change_that_was_made_from_what_is_no_more_is_not_saved()
    {
        await using var folder = new AccountFolder();
        var seen = await folder.AddAsync(AccountFolder.Describe("scan@contoso.example", 25));
        await folder.Accounts.SaveAsync(seen with { IsPaused = true }, seen: seen);
        Assert.IsType<AccountSave.Changed>(await folder.Accounts.SaveAsync(seen with { Budget = new Budget(1, 0, 0) }, seen: seen));
        Assert.True(folder.Accounts.Find(seen.Id)!.IsPaused);
    }

    [Fact]
    public async Task Secrets_of_an_account_that_is_not_there_go_at_the_next_start()
    {
        await using var folder = new AccountFolder();
        var account = await folder.AddAsync(AccountFolder.Describe("scan@contoso.example", 25));
        foreach (var owner in (string[])["account/1", "account/99", "printer/99"]) folder.Secrets.Put(new SecretName(owner, "password", "x"), new Secret("p"));
        _ = new AccountRegister(folder.Folder.Database, folder.Secrets);
        Assert.Equal([true, false, true], ((string[])[$"account/{account.Id}", "account/99", "printer/99"]).Select(owner => folder.Secrets.Exists(owner, "password")));
    }

    [Fact]
    public async Task An_account_that_was_written_in_another_way_can_be_changed()
    {
        await using var folder = new AccountFolder();
        var account = await folder.AddAsync(AccountFolder.Describe("scan@contoso.example", 25));
        await folder.Folder.Database.WriteAsync(session => session.Execute("UPDATE account SET settings = json_remove(json_insert(settings, '$.ofLater', 1), '$.isPaused')"));
        var register = new AccountRegister(folder.Folder.Database, folder.Secrets);
        Assert.IsType<AccountSave.Saved>(await register.SaveAsync(account with { Port = 26 }, seen: register.Find(account.Id)));
    }
}
