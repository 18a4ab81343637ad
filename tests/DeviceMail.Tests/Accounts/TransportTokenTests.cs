using DeviceMail.Accounts;

namespace DeviceMail.Tests.Accounts;

/// <summary>One sign-in, a token for each interface: what one of them lacks takes nothing from the other.</summary>
public sealed class TransportTokenTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_interface_has_a_token_of_its_own_and_the_refresh_token_is_one()
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var account = await SignedInAsync(folder, provider);
        foreach (var (transport, token) in ((Transport, string)[])[(Transport.Smtp, "access-1"), (Transport.Graph, "access-2"), (Transport.Smtp, "access-1"), (Transport.Graph, "access-2"), (Transport.GraphDraft, "access-3")])
            Assert.Equal(token, Assert.IsType<AccessTokenResult.Ready>(await folder.Tokens.GetAsync(account, transport, Cancel)).Token.Reveal());
        Assert.Equal(["refresh-0", "refresh-1", "refresh-2"], provider.Requests.Select(request => request["refresh_token"]));
        Assert.Equal(["send offline_access", "https://graph.microsoft.com/Mail.Send offline_access", "https://graph.microsoft.com/Mail.Send https://graph.microsoft.com/Mail.ReadWrite offline_access"],
            provider.Requests.Select(request => request["scope"]));
    }

    [Theory]
    // The permission, a policy, an assignment: of that resource.
    [InlineData("invalid_grant", "AADSTS65001: not consented", false)]
    [InlineData("invalid_grant", "AADSTS70000: the grant does not cover the scope", false)]
    [InlineData("interaction_required", "AADSTS53003: blocked by policy", false)]
    [InlineData("invalid_grant", "AADSTS50105: not assigned", false)]
    // The grant itself.
    [InlineData("invalid_grant", "AADSTS50173: revoked", true)]
    [InlineData("invalid_grant", "AADSTS700082: unused", true)]
    public async Task What_Graph_is_refused_ends_the_sign_in_only_when_it_is_about_both(string error, string description, bool ends)
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var account = await SignedInAsync(folder, provider);
        var smtp = Assert.IsType<AccessTokenResult.Ready>(await folder.Tokens.GetAsync(account, Transport.Smtp, Cancel));
        provider.Script.Enqueue(ProviderAnswer.Error(error, description));
        var held = Assert.IsType<AccessTokenResult.Held>(await folder.Tokens.GetAsync(account, Transport.Graph, Cancel));
        Assert.Equal(!ends, held.IsTransports);
        Assert.Equal(ends, folder.Status.SavedStatusOf(account.Id) is not AccountStatus.SignedIn);
        if (!ends) Assert.Equal(smtp.Token.Reveal(), Assert.IsType<AccessTokenResult.Ready>(await folder.Tokens.GetAsync(account, Transport.Smtp, Cancel)).Token.Reveal());
    }

    [Fact]
    public async Task When_each_interface_lacks_its_permission_the_sign_in_says_so_and_one_that_comes_back_mends_it()
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var account = await SignedInAsync(folder, provider);
        for (var i = 0; i < 2; i++) provider.Script.Enqueue(ProviderAnswer.Error("invalid_grant", "AADSTS65001: not consented"));
        Assert.True(Assert.IsType<AccessTokenResult.Held>(await folder.Tokens.GetAsync(account, Transport.Smtp, Cancel)).IsTransports);
        Assert.IsType<AccountStatus.SignedIn>(folder.Status.SavedStatusOf(account.Id));
        Assert.IsType<AccessTokenResult.Held>(await folder.Tokens.GetAsync(account, Transport.Graph, Cancel));
        Assert.Equal(370, Assert.IsType<AccountStatus.SignInAgain>(folder.Status.SavedStatusOf(account.Id)).Problem.Code);
        Assert.IsType<AccessTokenResult.Ready>(await folder.Tokens.GetAsync(account, Transport.Graph, Cancel));
        Assert.IsType<AccountStatus.SignedIn>(folder.Status.SavedStatusOf(account.Id));
    }

    [Fact]
    public async Task A_provider_that_asks_for_a_year_of_rest_is_asked_again_in_an_hour()
    {
        await using var folder = new AccountFolder();
        await using var provider = await ScriptedProvider.StartAsync();
        var account = await SignedInAsync(folder, provider);
        provider.Script.Enqueue(new ProviderAnswer(429, "") { RetryAfter = "31536000" });
        Assert.Equal(TimeSpan.FromHours(1), Assert.IsType<AccessTokenResult.TryLater>(await folder.Tokens.GetAsync(account, Cancel)).After);
        folder.Time.Advance(TimeSpan.FromHours(1));
        Assert.IsType<AccessTokenResult.Ready>(await folder.Tokens.GetAsync(account, Cancel));
    }

    private static async Task<Account> SignedInAsync(AccountFolder folder, ScriptedProvider provider)
    {
        var account = await folder.AddAsync(AccountFolder.Describe("scan@contoso.example", 25, provider) with { GraphAddress = "http://127.0.0.1:1/graph" });
        await folder.SignInAsync(account);
        return account;
    }
}
