using System.Buffers.Text;
using System.Text;
using DeviceMail.Accounts;
using DeviceMail.Messages;

namespace DeviceMail.Tests.Accounts;

/// <summary>What an ID token of a sign-in in a browser must say before anything of it is believed (OpenID Connect Core 3.1.3.7).</summary>
public sealed class IdTokenTests
{
    private const string Tenant = "c0ffee00-1111-4222-8333-444455556666";

    private static readonly DateTimeOffset _now = new(2026, 11, 25, 10, 0, 0, TimeSpan.Zero);
    private static readonly long _later = _now.AddHours(1).ToUnixTimeSeconds();

    [Theory]
    [InlineData("""{"aud":"app","iss":"https://login.example/TENANT/v2.0","tid":"TENANT","nonce":"n","exp":EXP}""", null)]
    [InlineData("""{"aud":["other","app"],"iss":"https://login.example/TENANT/v2.0","tid":"TENANT","nonce":"n","exp":EXP}""", null)]
    [InlineData("""{"aud":"other","iss":"https://login.example/TENANT/v2.0","tid":"TENANT","nonce":"n","exp":EXP}""", "another application")]
    [InlineData("""{"aud":"app","iss":"https://login.example/TENANT/v2.0","tid":"TENANT","nonce":"m","exp":EXP}""", "another sign-in")]
    [InlineData("""{"aud":"app","iss":"https://login.example/TENANT/v2.0","tid":"TENANT","exp":EXP}""", "another sign-in")]
    [InlineData("""{"aud":"app","iss":"https://login.example/TENANT/v2.0","tid":"TENANT","nonce":"n","exp":1}""", "has run out")]
    [InlineData("""{"aud":"app","iss":"https://login.example/TENANT/v2.0","tid":"TENANT","nonce":"n"}""", "has run out")]
    [InlineData("""{"aud":"app","iss":"https://evil.example/TENANT/v2.0","tid":"TENANT","nonce":"n","exp":EXP}""", "another authority")]
    [InlineData("""{"aud":"app","iss":"https://login.example/TENANT/v2.0","nonce":"n","exp":EXP}""", "another authority")]
    [InlineData("""{"aud":"app","iss":"https://login.example/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0","tid":"9188040d-6c67-4c5b-b112-36a304b66dad","nonce":"n","exp":EXP}""", "belongs to the organisation")]
    [InlineData("[]", "cannot be read")]
    [InlineData("no json", "cannot be read")]
    public void A_token_of_Microsoft_is_for_this_application_this_attempt_this_organisation_and_now(string claims, string? fault)
    {
        var account = Providers.Find("exchange-online")!.NewAccount(MailAddress.Parse("scan@contoso.example")) with { ClientId = "app", TenantId = Tenant };
        var endpoints = account.OAuth with { Token = $"https://login.example/{Tenant}/oauth2/v2.0/token" };
        Judge(new IdTokenExpectation(account, endpoints, "n", _now), claims, fault);
    }

    [Theory]
    [InlineData("""{"aud":"app","iss":"https://idp.example","nonce":"n","exp":EXP}""", null)]
    [InlineData("""{"aud":"app","iss":"https://evil.example","nonce":"n","exp":EXP}""", "another authority")]
    [InlineData("""{"aud":"app","nonce":"n","exp":EXP}""", "another authority")]
    public void A_token_of_any_provider_names_its_issuer(string claims, string? fault)
    {
        var account = Providers.Find("custom")!.NewAccount(MailAddress.Parse("scan@contoso.example")) with { ClientId = "app" };
        Judge(new IdTokenExpectation(account, new OAuthEndpoints { Issuer = "https://idp.example", Token = "https://idp.example/token" }, "n", _now), claims, fault);
    }

    [Theory]
    [InlineData("http://localhost/?code=a%2Bb&state=s+t#fragment", "a+b", "s t")]
    [InlineData("?code=1&state=2", "1", "2")]
    [InlineData("  http://localhost?state=2&code=1  ", "1", "2")]
    [InlineData("no address", null, null)]
    public void The_address_that_was_landed_on_is_read_as_a_browser_writes_it(string landed, string? code, string? state)
    {
        var read = AuthorizationCodes.Read(landed);
        Assert.Equal((code, state), (read.GetValueOrDefault("code"), read.GetValueOrDefault("state")));
    }

    [Fact]
    public void Each_provider_has_what_its_ways_need()
    {
        foreach (var provider in Providers.All.Where(one => !one.IsCustom))
        {
            Assert.Equal(provider.Ways.Contains(SignInWay.DeviceCode), provider.OAuth.DeviceAuthorization.Length > 0);
            Assert.Equal(provider.Ways.Contains(SignInWay.Browser), provider.OAuth.Authorization.Length > 0);
            Assert.Equal(provider.Ways.Count == 0, provider.Method == AuthenticationMethod.SmtpAuth);
            Assert.All(new[] { provider.OAuth.Authorization, provider.OAuth.Token, provider.OAuth.DeviceAuthorization, provider.Graph, provider.Consent }.Where(one => one.Length > 0), one => Assert.True(AccountRules.IsSafe(one), one));
            var account = provider.NewAccount(MailAddress.Parse("scan@contoso.example")) with { ClientId = "app", TenantId = Tenant };
            Assert.Null(AccountRules.Fault(account));
            Assert.NotEmpty(provider.KnownRefusals);
        }
    }

    [Theory]
    [InlineData("exchange-online", "https://outlook.office.com/SMTP.Send offline_access openid profile email", "https://graph.microsoft.com/Mail.Send offline_access openid profile email", "https://outlook.office365.com/.default", "https://graph.microsoft.com/.default")]
    [InlineData("exchange-gcc-high", "https://outlook.office365.us/SMTP.Send offline_access openid profile email", "https://graph.microsoft.us/Mail.Send offline_access openid profile email", "https://outlook.office365.us/.default", "https://graph.microsoft.us/.default")]
    [InlineData("exchange-china", "https://partner.outlook.cn/SMTP.Send offline_access openid profile email", "https://microsoftgraph.chinacloudapi.cn/Mail.Send offline_access openid profile email", "https://partner.outlook.cn/.default", "https://microsoftgraph.chinacloudapi.cn/.default")]
    public void A_request_for_a_token_names_one_resource_and_no_more_than_sending(string provider, string smtp, string graph, string smtpAsApplication, string graphAsApplication)
    {
        var account = Providers.Find(provider)!.NewAccount(MailAddress.Parse("scan@contoso.example"));
        Assert.Equal((smtp, graph), (TokenScopes.For(account, Transport.Smtp), TokenScopes.For(account, Transport.Graph)));
        Assert.Contains(TokenScopes.For(account, Transport.GraphDraft).Split(' '), one => one.EndsWith("/Mail.ReadWrite", StringComparison.Ordinal));
        account = account with { SignInAs = SignInAs.Application };
        Assert.Equal((smtpAsApplication, graphAsApplication), (TokenScopes.For(account, Transport.Smtp), TokenScopes.For(account, Transport.Graph)));
    }

    private static void Judge(IdTokenExpectation expected, string claims, string? fault)
    {
        var json = claims.Replace("TENANT", Tenant, StringComparison.Ordinal).Replace("EXP", $"{_later}", StringComparison.Ordinal);
        var found = expected.FaultOf($"e30.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json))}.sig");
        if (fault is null) Assert.Null(found);
        else Assert.Contains(fault, found?.Words, StringComparison.Ordinal);
    }
}
