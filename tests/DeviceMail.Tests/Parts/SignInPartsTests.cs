using DeviceMail.Accounts;
using DeviceMail.Messages;
using DeviceMail.Queue;
using DeviceMail.Storage;
using DeviceMail.Tests.Kit;
using Microsoft.Extensions.DependencyInjection;

namespace DeviceMail.Tests.Parts;

/// <summary>The gateway signs in at a provider that nobody here wrote, and sends through a mail server that asks that provider about each token.</summary>
public sealed class SignInPartsTests
{
    private const string Mailbox = "scanner@example.test";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_account_of_any_provider_signs_in_by_code_sends_survives_rotation_and_is_held_when_revoked()
    {
        using var authority = new TestAuthority();
        await using var provider = await OidcProvider.StartAsync(new OidcKnobs { Authority = authority, Interval = 1 });
        await using var sink = await SmtpSink.StartAsync();
        await using var dovecot = await DovecotSubmission.StartAsync(provider.IntrospectionAddress, sink, authority);
        await using var gateway = await LabGateway.StartAsync();
        var accounts = gateway.Services.GetRequiredService<AccountRegister>();
        var tokens = gateway.Services.GetRequiredService<TokenKeeper>();
        var secrets = gateway.Services.GetRequiredService<SecretStore>();
        File.Copy(authority.RootFile, Path.Combine(gateway.Services.GetRequiredService<DataFolder>().TrustedRoots, "parts.pem"));
        var account = await SaveAsync(accounts, Describe(provider, dovecot));

        await SignInAsync(gateway, provider, account);
        await gateway.HandInAsync("by XOAUTH2", "desk@example.test");
        Assert.Contains("\nSubject: by XOAUTH2\n", Assert.Single(await sink.WaitForAsync(1)).Content, StringComparison.Ordinal);

        // Each refresh token is good once, and a second use of one would end the whole sign-in.
        var seen = new HashSet<string>();
        var token = Assert.IsType<AccessTokenResult.Ready>(await tokens.GetAsync(account, Cancel)).Token;
        for (var rotation = 0; rotation < 3; rotation++)
        {
            Assert.True(seen.Add(secrets.Find(SecretNames.RefreshToken(account))!.Reveal()));
            token = Assert.IsType<AccessTokenResult.Ready>(await tokens.RefusedAsync(account, token, Cancel)).Token;
        }

        account = await SaveAsync(accounts, account with { OAuth = account.OAuth with { Mechanism = TokenMechanism.OAuthBearer } });
        await gateway.HandInAsync("by OAUTHBEARER", "desk@example.test");
        await sink.WaitForAsync(2);

        await RevokeAsync(provider, authority, secrets.Find(SecretNames.RefreshToken(account))!.Reveal());
        // A change of the account ends its open connections, which the server would still take.
        account = await SaveAsync(accounts, account with { UserName = Mailbox });
        await gateway.HandInAsync("revoked", "desk@example.test");
        await LabGateway.EventuallyAsync(() => gateway.Queue.List(new JobFilter(JobState.Held)).Any(job => job.Problem == "sign-in-again"));
        Assert.Equal(370, gateway.Status.StandsInTheWay(account.Id)?.Code);
        Assert.Equal(2, sink.Count);

        await SignInAsync(gateway, provider, account);
        Assert.Contains(await sink.WaitForAsync(3), mail => mail.Content.Contains("\nSubject: revoked\n", StringComparison.Ordinal));
        Assert.All(sink.Mails, mail => Assert.StartsWith($"<{Mailbox}>", mail.Sender, StringComparison.Ordinal));
        Assert.All(sink.Mails, mail => Assert.StartsWith("<desk@example.test>", Assert.Single(mail.Recipients), StringComparison.Ordinal));
        Assert.DoesNotContain("server_error", provider.Log, StringComparison.Ordinal);
    }

    private static Account Describe(OidcProvider provider, DovecotSubmission dovecot) => new()
    {
        Id = 0,
        Address = MailAddress.Parse(Mailbox),
        Provider = "custom",
        Method = AuthenticationMethod.OAuth2,
        ClientId = OidcProvider.ClientId,
        OAuth = new OAuthEndpoints { Issuer = provider.Issuer, Scopes = "openid offline_access SMTP.Send" },
        Host = dovecot.Host,
        Port = dovecot.Port,
        Security = ConnectionSecurity.StartTls,
        SizeLimit = 36_700_160,
        Budget = new Budget(3, 0, 0),
        RoutedSenders = ["printer@contoso.example"],
    };

    private static async Task<Account> SaveAsync(AccountRegister accounts, Account account) =>
        Assert.IsType<AccountSave.Saved>(await accounts.SaveAsync(account)).Account;

    private static async Task SignInAsync(LabGateway gateway, OidcProvider provider, Account account)
    {
        var signIn = gateway.Services.GetRequiredService<AccountSignIn>();
        var started = Assert.IsType<SignInStart.Started>(await signIn.StartAsync(account, Cancel));
        await provider.ApproveAsync(started.Code.VerificationAddress.ToString(), started.Code.UserCode, Mailbox);
        await LabGateway.EventuallyAsync(() => signIn.StepOf(account.Id) is not SignInStep.Waiting);
        Assert.Equal(Mailbox, Assert.IsType<SignInStep.SignedIn>(signIn.StepOf(account.Id)).As);
        Assert.Null(await signIn.ConfirmAsync(account));
    }

    private static async Task RevokeAsync(OidcProvider provider, TestAuthority authority, string refreshToken)
    {
        using var http = new HttpClient(new HttpClientHandler { ServerCertificateCustomValidationCallback = (_, shown, _, _) => shown!.Thumbprint == authority.Good.Thumbprint });
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["client_id"] = OidcProvider.ClientId, ["token"] = refreshToken });
        using var answer = await http.PostAsync(new Uri($"{provider.Issuer}/token/revocation"), form, Cancel);
        Assert.True(answer.IsSuccessStatusCode, answer.ToString());
    }
}
