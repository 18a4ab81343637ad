using DeviceMail.Accounts;
using DeviceMail.Messages;

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
}
