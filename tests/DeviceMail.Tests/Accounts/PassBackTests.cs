using DeviceMail.Accounts;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;

namespace DeviceMail.Tests.Accounts;

/// <summary>A secret belongs to the addresses it was made for: who changes one of them does not take it along.</summary>
public sealed class PassBackTests
{
    private static readonly Dictionary<string, Func<Account, Account>> _changes = new()
    {
        ["host"] = account => account with { Host = "localhost" },
        ["port"] = account => account with { Port = account.Port == 1 ? 2 : account.Port - 1 },
        ["security"] = account => account with { Security = ConnectionSecurity.None },
        ["validation"] = account => account with { VerifiesCertificate = false },
        ["method"] = account => account with { Method = AuthenticationMethod.Off },
        ["authority"] = account => account with { OAuth = account.OAuth with { Issuer = "https://login.test" } },
        ["token address"] = account => account with { OAuth = account.OAuth with { Token = "https://login.test/token" } },
        ["device address"] = account => account with { OAuth = account.OAuth with { DeviceAuthorization = "https://login.test/device" } },
        ["tenant"] = account => account with { TenantId = "other.example" },
        ["Graph's address"] = account => account with { GraphAddress = "https://graph.test/v1.0" },
        ["who signs in"] = account => account with { SignInAs = SignInAs.Application },
        ["client"] = account => account with { ClientId = "00000000-0000-0000-0000-000000000001" },
    };

    public static TheoryData<string> Fields => [.. _changes.Keys];

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task Another_address_clears_the_sign_in_and_says_so(string field)
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        var (account, secrets) = (gateway.Account, gateway.Services.GetRequiredService<SecretStore>());
        Assert.True(secrets.Exists($"account/{account.Id}", "refresh-token"));

        await SaveAsync(gateway, _changes[field](account));
        Assert.False(secrets.Exists($"account/{account.Id}", "refresh-token"));
        Assert.IsNotType<AccountStatus.SignedIn>(gateway.Status.StatusOf(account.Id));

        await SaveAsync(gateway, account);
        Assert.IsType<AccountStatus.NotSignedIn>(gateway.Status.StatusOf(account.Id));
        await gateway.RestartAsync();
        Assert.IsType<AccountStatus.NotSignedIn>(gateway.Status.StatusOf(account.Id));
    }

    [Fact]
    public async Task A_password_is_kept_before_anybody_hears_of_the_change_and_typed_alone_it_is_one()
    {
        await using var folder = new AccountFolder();
        var passwords = new PasswordKeeper(folder.Secrets);
        var account = await folder.AddAsync(AccountFolder.Describe("scan@contoso.example", 25) with { Method = AuthenticationMethod.SmtpAuth });
        var heard = new List<string?>();
        folder.Accounts.Changed += id => heard.Add(passwords.Find(folder.Accounts.Find(id)!)?.Reveal());
        await folder.Accounts.SaveAsync(account, new TypedSecrets(new Secret("first")));
        var elsewhere = account with { Host = "localhost" };
        await folder.Accounts.SaveAsync(elsewhere, new TypedSecrets(new Secret("second")));
        await folder.Accounts.SaveAsync(elsewhere with { Port = 26 });
        Assert.Equal(["first", "second", null], heard);
    }

    [Fact]
    public async Task A_new_name_or_limit_keeps_the_sign_in()
    {
        await using var gateway = await LabGateway.StartAsync();
        await gateway.SignInAsync();
        await SaveAsync(gateway, gateway.Account with { Budget = new Budget(2, 10, 100) });
        Assert.IsType<AccountStatus.SignedIn>(gateway.Status.StatusOf(gateway.Account.Id));
        await gateway.HandInAsync("still", "anna@contoso.example");
        await gateway.ArrivesAsync("anna@contoso.example");
    }

    [Fact]
    public async Task Another_address_clears_the_password()
    {
        await using var gateway = await LabGateway.StartAsync();
        await SaveAsync(gateway, gateway.Account with { Method = AuthenticationMethod.SmtpAuth });
        var passwords = gateway.Services.GetRequiredService<PasswordKeeper>();
        var account = gateway.Account;
        passwords.Set(account, new Secret("hunter2hunter2"));

        await SaveAsync(gateway, account with { Host = "localhost" });
        Assert.Null(passwords.Find(gateway.Account));
        await SaveAsync(gateway, account);
        Assert.Null(passwords.Find(gateway.Account));
    }

    private static async Task SaveAsync(LabGateway gateway, Account account) =>
        Assert.IsType<AccountSave.Saved>(await gateway.Services.GetRequiredService<AccountRegister>().SaveAsync(account));

    [Fact]
    public async Task An_account_that_is_removed_while_a_person_signs_in_keeps_no_secret()
    {
        await using var gateway = await LabGateway.StartAsync();
        var (account, signIn) = (gateway.Account, gateway.Services.GetRequiredService<AccountSignIn>());
        var started = Assert.IsType<SignInStart.Started>(await signIn.StartAsync(account, TestContext.Current.CancellationToken));
        await gateway.Services.GetRequiredService<AccountRegister>().RemoveAsync(account.Id);
        gateway.Lab.SignIns.Approve(started.Code.UserCode, "scan@contoso.example");
        await LabGateway.EventuallyAsync(() => signIn.StepOf(account.Id) is not SignInStep.Waiting);
        Assert.False(gateway.Services.GetRequiredService<SecretStore>().Exists($"account/{account.Id}", "staged-refresh-token"));
    }
}
