using System.Net;
using DeviceMail.Accounts;
using DeviceMail.Activity;

namespace DeviceMail.Tests.Parts;

/// <summary>A person signs in in a browser, at two providers that nobody here wrote and that share nothing.</summary>
public sealed class WayPartsTests
{
    private const string Mailbox = WayStage.Mailbox;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_OpenID_provider_signs_a_person_in_by_browser_and_mail_goes_out()
    {
        await using var stage = await WayStage.StartAsync();
        await using var provider = await OidcProvider.StartAsync(new OidcKnobs { Authority = stage.Authority });
        await stage.ServeAsync(provider.IntrospectionAddress);
        var account = await stage.SaveAsync(WayStage.Describe(OidcProvider.ClientId, OpenId(provider)));

        var landed = await provider.AuthorizeAsync(await stage.BeginAsync(account), Mailbox);
        var step = Assert.IsType<SignInStep.SignedIn>(await stage.AnswerAsync(account, landed));
        await stage.IsNobodysAsync(landed);
        Assert.Equal(step, stage.SignIn.StepOf(account.Id));
        Assert.Null(await stage.SignIn.ConfirmAsync(account));
        await stage.IsNobodysAsync(landed);

        Assert.Equal((Mailbox, provider.Issuer), (step.As, step.Organisation));
        Assert.Equal((SignInWay.Browser, Mailbox), (stage.Accounts.SignInOf(account.Id).By, stage.Accounts.SignInOf(account.Id).SignedInAs));
        await stage.SendAsync("by browser");
        // Had the code been redeemed again, the provider would have ended the whole sign-in.
        await stage.RotateAsync(account);
        Assert.DoesNotContain("server_error", provider.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_provider_without_OpenID_signs_a_person_in_by_browser_and_says_not_whom()
    {
        await using var stage = await WayStage.StartAsync();
        await using var provider = await SecondProvider.StartAsync(new SecondProviderKnobs { Authority = stage.Authority });
        await stage.ServeAsync(provider.IntrospectionAddress);
        var account = await stage.SaveAsync(WayStage.Describe(SecondProvider.ClientId, Typed(provider)));

        var landed = await provider.AuthorizeAsync(await stage.BeginAsync(account), Mailbox);
        var step = Assert.IsType<SignInStep.SignedIn>(await stage.AnswerAsync(account, landed));
        await stage.IsNobodysAsync(landed);
        Assert.Null(await stage.SignIn.ConfirmAsync(account));

        Assert.Equal((null, ""), (step.As, step.Organisation));
        Assert.False(AccountSignIn.IsRightMailbox(account, step.As));
        Assert.Equal((SignInWay.Browser, ""), (stage.Accounts.SignInOf(account.Id).By, stage.Accounts.SignInOf(account.Id).SignedInAs));
        await stage.SendAsync("without OpenID");
        await stage.RotateAsync(account);
        Assert.DoesNotContain("server_error", provider.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_was_changed_is_refused_before_its_code_is_redeemed()
    {
        await using var stage = await WayStage.StartAsync();
        await using var provider = await OidcProvider.StartAsync(new OidcKnobs { Authority = stage.Authority, Outages = 1 });
        var account = await stage.SaveAsync(WayStage.Describe(OidcProvider.ClientId, OpenId(provider)));

        foreach (var (iss, words) in new[] { ("https://else.example.test", "https://else.example.test"), (null, "promises to name itself") })
        {
            var landed = await provider.AuthorizeAsync(await stage.BeginAsync(account), Mailbox);
            await stage.IsNobodysAsync(With(landed, "state", "somebody-else"));
            await stage.IsNobodysAsync(With(landed, "state", null));
            Assert.NotNull(stage.SignIn.InBrowser(account.Id));
            var refused = Assert.IsType<SignInStep.Blocked>(await stage.AnswerAsync(account, With(landed, "iss", iss)));
            Assert.Equal(Problems.RequestFault, refused.Problem);
            Assert.Contains(words, refused.Words, StringComparison.Ordinal);
            // The true answer comes too late: whoever changed it may know its code.
            await stage.IsNobodysAsync(landed);
            Assert.NotNull(await stage.SignIn.ConfirmAsync(account));
        }

        // The provider does not serve the first question for a token, and that is this one.
        using var http = PartsTests.Trusting(stage.Authority);
        using var nothing = new FormUrlEncodedContent([]);
        using var first = await http.PostAsync(provider.TokenEndpoint, nothing, Cancel);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, first.StatusCode);
        var good = await provider.AuthorizeAsync(await stage.BeginAsync(account), Mailbox);
        Assert.IsType<SignInStep.SignedIn>(await stage.AnswerAsync(account, good));
    }

    [Fact]
    public async Task Where_the_issuer_is_typed_beside_the_endpoints_its_name_in_the_answer_counts_too()
    {
        await using var stage = await WayStage.StartAsync();
        await using var provider = await SecondProvider.StartAsync(new SecondProviderKnobs { Authority = stage.Authority, NamesItself = true, Metadata = false });
        var account = await stage.SaveAsync(WayStage.Describe(SecondProvider.ClientId, Typed(provider) with { Issuer = provider.Issuer }));

        var changed = With(await provider.AuthorizeAsync(await stage.BeginAsync(account), Mailbox), "iss", "https://else.example.test");
        Assert.Equal(Problems.RequestFault, Assert.IsType<SignInStep.Blocked>(await stage.AnswerAsync(account, changed)).Problem);
        var landed = await provider.AuthorizeAsync(await stage.BeginAsync(account), Mailbox);
        Assert.IsType<SignInStep.SignedIn>(await stage.AnswerAsync(account, landed));
    }

    [Fact]
    public async Task Who_says_no_is_told_so_and_the_former_sign_in_goes_on()
    {
        await using var stage = await WayStage.StartAsync();
        await using var first = await OidcProvider.StartAsync(new OidcKnobs { Authority = stage.Authority });
        await using var second = await SecondProvider.StartAsync(new SecondProviderKnobs { Authority = stage.Authority });
        var account = await stage.SaveAsync(WayStage.Describe(OidcProvider.ClientId, OpenId(first)));
        await stage.AnswerAsync(account, await first.AuthorizeAsync(await stage.BeginAsync(account), Mailbox));
        Assert.Null(await stage.SignIn.ConfirmAsync(account));

        var declined = await first.DeclineAsync(await stage.BeginAsync(account));
        Assert.IsType<SignInStep.Declined>(await stage.AnswerAsync(account, declined));
        var token = Assert.IsType<AccessTokenResult.Ready>(await stage.Tokens.GetAsync(account, Cancel)).Token;
        Assert.IsType<AccessTokenResult.Ready>(await stage.Tokens.RefusedAsync(account, token, Cancel));

        account = await stage.SaveAsync(account with { OAuth = Typed(second) });
        Assert.IsType<SignInStep.Declined>(await stage.AnswerAsync(account, await second.DeclineAsync(await stage.BeginAsync(account))));
    }

    private static OAuthEndpoints OpenId(OidcProvider provider) => new() { Issuer = provider.Issuer, Scopes = "openid offline_access SMTP.Send" };

    private static OAuthEndpoints Typed(SecondProvider provider) =>
        new() { Authorization = provider.AuthorizationEndpoint.AbsoluteUri, Token = provider.TokenEndpoint.AbsoluteUri, Scopes = "SMTP.Send" };

    /// <summary>The address with one parameter changed, or without it.</summary>
    private static Uri With(Uri landed, string name, string? value)
    {
        var query = System.Web.HttpUtility.ParseQueryString(landed.Query);
        if (value is null) query.Remove(name);
        else query[name] = value;
        return new UriBuilder(landed) { Query = query.ToString() }.Uri;
    }
}
