using DeviceMail.Accounts;
using DeviceMail.Tests.Kit;
using Microsoft.Data.Sqlite;

namespace DeviceMail.Tests.Accounts;

/// <summary>One refresher an account, nothing used before it is kept, nothing thrown away that may still be good.</summary>
public sealed class TokenKeeperTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Temporary => ["429", "503", "500 with HTML", "200 with HTML", "temporarily_unavailable", "broken", "silent", "nothing listens", "neither token nor error"];

    /// <summary>What the provider says, what that is called, and its code in the guide.</summary>
    public static TheoryData<string, string, string, int> Final => new()
    {
        { "invalid_grant", "AADSTS700082: The refresh token has expired due to inactivity.", "expired", 361 },
        { "invalid_grant", "AADSTS50078: Presented multi-factor authentication has expired.", "expired", 361 },
        { "invalid_grant", "AADSTS50173: The provided grant has expired due to it being revoked.", "sign-in-again", 370 },
        { "invalid_grant", "", "sign-in-again", 370 },
    };

    [Fact]
    public async Task Fifty_askers_at_once_cost_one_call_an_expiry()
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var account = await SignedInAsync(folder, provider);
        for (var expiry = 1; expiry <= 3; expiry++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => folder.Tokens.GetAsync(account, Cancel), Cancel)));
            Assert.All(answers, answer => Assert.Equal($"access-{expiry}", Assert.IsType<AccessTokenResult.Ready>(answer).Token.Reveal()));
            Assert.Equal(expiry, provider.Requests.Count);
            folder.Time.Advance(TimeSpan.FromHours(1));
        }
        Assert.Equal(["refresh-0", "refresh-1", "refresh-2"], provider.Requests.Select(request => request["refresh_token"]));
    }

    [Fact]
    public async Task Fifty_who_were_refused_the_same_token_cost_one_call()
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var account = await SignedInAsync(folder, provider);
        var refused = Assert.IsType<AccessTokenResult.Ready>(await folder.Tokens.GetAsync(account, Cancel)).Token;
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => folder.Tokens.RefusedAsync(account, refused, Cancel), Cancel)));
        Assert.All(answers, answer => Assert.Equal("access-2", Assert.IsType<AccessTokenResult.Ready>(answer).Token.Reveal()));
        Assert.Equal(2, provider.Requests.Count);
    }

    [Fact]
    public async Task The_new_refresh_token_is_on_the_disk_before_its_access_token_is_used_and_a_failing_disk_loses_neither()
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var account = await SignedInAsync(folder, provider);
        await using (var other = new SqliteConnection($"Data Source={folder.Folder.Data.Secrets};Pooling=False"))
        {
            await other.OpenAsync(Cancel);
            await using var command = other.CreateCommand();
            // The disk refuses: as good as full for whoever writes.
            command.CommandText = "CREATE TRIGGER refuse BEFORE UPDATE ON secret BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
            await command.ExecuteNonQueryAsync(Cancel);
            Assert.Equal("disk-full", Assert.IsType<AccessTokenResult.TryLater>(await folder.Tokens.GetAsync(account, Cancel)).Problem.Key);
            Assert.Equal("refresh-0", folder.RefreshTokenOf(account));
            command.CommandText = "DROP TRIGGER refuse";
            await command.ExecuteNonQueryAsync(Cancel);
        }
        Assert.Equal("access-1", Assert.IsType<AccessTokenResult.Ready>(await folder.Tokens.GetAsync(account, Cancel)).Token.Reveal());
        Assert.Equal("refresh-1", folder.RefreshTokenOf(account));
        // The provider may take a refresh token once only: it was not asked a second time.
        Assert.Single(provider.Requests);
    }

    [Theory]
    [MemberData(nameof(Temporary))]
    public async Task A_temporary_refusal_throws_no_token_away(string trouble)
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var account = await SignedInAsync(folder, provider, at: trouble == "nothing listens" ? $"http://127.0.0.1:{Parts.FreePort.Next()}/token" : null);
        Script(provider, trouble);
        var asking = folder.Tokens.GetAsync(account, Cancel);
        if (trouble == "silent")
        {
            await LabGateway.EventuallyAsync(() => provider.Requests.Count == 1);
            folder.Time.Advance(TimeSpan.FromSeconds(30));
            await LabGateway.EventuallyAsync(() => provider.Requests.Count == 2);
            folder.Time.Advance(TimeSpan.FromSeconds(30));
        }
        Assert.Equal("unreachable", Assert.IsType<AccessTokenResult.TryLater>(await asking).Problem.Key);
        Assert.Equal(360, folder.Status.StandsInTheWay(account.Id)?.Code);
        Assert.Equal("refresh-0", folder.RefreshTokenOf(account));
        if (trouble == "nothing listens") return;
        folder.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.IsType<AccessTokenResult.Ready>(await folder.Tokens.GetAsync(account, Cancel));
        Assert.IsType<AccountStatus.SignedIn>(folder.Status.StatusOf(account.Id));
    }

    [Fact]
    public async Task Retry_after_is_obeyed_by_all_who_ask()
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var account = await SignedInAsync(folder, provider);
        provider.Script.Enqueue(new ProviderAnswer(429, "") { RetryAfter = "120" });
        Assert.Equal(TimeSpan.FromSeconds(120), Assert.IsType<AccessTokenResult.TryLater>(await folder.Tokens.GetAsync(account, Cancel)).After);
        folder.Time.Advance(TimeSpan.FromSeconds(119));
        Assert.Equal(TimeSpan.FromSeconds(1), Assert.IsType<AccessTokenResult.TryLater>(await folder.Tokens.GetAsync(account, Cancel)).After);
        Assert.Single(provider.Requests);
        folder.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.IsType<AccessTokenResult.Ready>(await folder.Tokens.GetAsync(account, Cancel));
    }

    [Theory]
    [MemberData(nameof(Final))]
    public async Task A_sign_in_that_has_ended_has_its_code_and_is_not_asked_for_again(string error, string description, string problem, int code)
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var account = await SignedInAsync(folder, provider);
        provider.Script.Enqueue(ProviderAnswer.Error(error, description));
        for (var asked = 0; asked < 2; asked++)
        {
            var held = Assert.IsType<AccessTokenResult.Held>(await folder.Tokens.GetAsync(account, Cancel));
            Assert.Equal((problem, code), (held.Problem.Key, held.Problem.Code));
        }
        Assert.Equal(code, folder.Status.StandsInTheWay(account.Id)?.Code);
        Assert.Single(provider.Requests);
        await folder.SignInAsync(account, "refresh-new");
        Assert.IsType<AccessTokenResult.Ready>(await folder.Tokens.GetAsync(account, Cancel));
        Assert.Equal("refresh-new", provider.Requests.Last()["refresh_token"]);
    }

    [Fact]
    public async Task What_a_policy_blocks_is_asked_again_with_the_same_token()
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var account = await SignedInAsync(folder, provider);
        provider.Script.Enqueue(ProviderAnswer.Error("invalid_grant", "AADSTS53003: Access has been blocked by Conditional Access policies."));
        Assert.Equal(370, Assert.IsType<AccessTokenResult.Held>(await folder.Tokens.GetAsync(account, Cancel)).Problem.Code);
        Assert.IsType<AccessTokenResult.Ready>(await folder.Tokens.GetAsync(account, Cancel));
        Assert.Equal(["refresh-0", "refresh-0"], provider.Requests.Select(request => request["refresh_token"]));
        Assert.IsType<AccountStatus.SignedIn>(folder.Status.StatusOf(account.Id));
    }

    [Fact]
    public async Task A_refresh_under_way_does_not_overwrite_a_new_sign_in()
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var account = await SignedInAsync(folder, provider);
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        provider.Before = () =>
        {
            asked.TrySetResult();
            return answer.Task;
        };
        var refreshing = folder.Tokens.GetAsync(account, Cancel);
        await asked.Task;
        var signingIn = folder.SignInAsync(account, "refresh-new");
        answer.SetResult();
        await Task.WhenAll(refreshing, signingIn);
        Assert.Equal("refresh-new", folder.RefreshTokenOf(account));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_refresh_under_way_brings_no_secret_back_to_an_account_that_was_removed_or_pointed_elsewhere(bool isRemoved)
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var account = await SignedInAsync(folder, provider);
        provider.Before = () => isRemoved ? folder.Accounts.RemoveAsync(account.Id) : folder.AddAsync(account with { Port = 26 });
        Assert.Equal("not-signed-in", Assert.IsType<AccessTokenResult.Held>(await folder.Tokens.GetAsync(account, Cancel)).Problem.Key);
        Assert.False(folder.Secrets.Exists($"account/{account.Id}", "refresh-token"));
    }

    [Fact]
    public async Task A_staged_sign_in_survives_a_refresh_of_the_former_one()
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var account = await SignedInAsync(folder, provider);
        provider.Before = () => folder.Status.ReportSignInAsync(account, record => record with { StagedAs = "scan@contoso.example" });
        await folder.Tokens.GetAsync(account, Cancel);
        Assert.Equal("scan@contoso.example", folder.Accounts.SignInOf(account.Id).StagedAs);
    }

    [Fact]
    public async Task A_provider_that_gives_no_new_refresh_token_keeps_the_old_one_good()
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var account = await SignedInAsync(folder, provider);
        provider.Script.Enqueue(new ProviderAnswer(200, """{"access_token":"access","expires_in":"3600","refresh_token":null}"""));
        Assert.Equal("access", Assert.IsType<AccessTokenResult.Ready>(await folder.Tokens.GetAsync(account, Cancel)).Token.Reveal());
        Assert.Equal("refresh-0", folder.RefreshTokenOf(account));
    }

    [Fact]
    public async Task A_sign_in_ends_with_the_addresses_it_was_made_for()
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var account = await SignedInAsync(folder, provider);
        var moved = await folder.AddAsync(account with { Host = "localhost" });
        Assert.Equal("not-signed-in", Assert.IsType<AccessTokenResult.Held>(await folder.Tokens.GetAsync(moved, Cancel)).Problem.Key);
        Assert.Empty(provider.Requests);
    }

    private static async Task<Account> SignedInAsync(AccountFolder folder, ScriptedProvider provider, string? at = null)
    {
        var described = AccountFolder.Describe("scan@contoso.example", 25, provider);
        var account = await folder.AddAsync(at is null ? described : described with { OAuth = described.OAuth with { Token = at } });
        await folder.SignInAsync(account);
        return account;
    }

    private static void Script(ScriptedProvider provider, string trouble)
    {
        ProviderAnswer[] answers = trouble switch
        {
            "429" => [new(429, """{"error":"too many"}""")],
            "503" => [new(503, "")],
            "500 with HTML" => [new(500, "<html>oops</html>")],
            "200 with HTML" => [new(200, "<html>Welcome to the hotel's network</html>")],
            "temporarily_unavailable" => [ProviderAnswer.Error("temporarily_unavailable")],
            // What may have been carried out is asked a second time at once.
            "broken" => [ProviderAnswer.Broken, ProviderAnswer.Broken],
            "silent" => [ProviderAnswer.Silent, ProviderAnswer.Silent],
            "neither token nor error" => [new(200, "{}")],
            _ => [],
        };
        foreach (var answer in answers) provider.Script.Enqueue(answer);
    }
}
